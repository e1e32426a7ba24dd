//! HopSkipJump (Chen, Jordan and Wainwright 2020, arXiv:1904.02144, algorithm 2): the smallest change, by decisions alone.
//!
//! From a random image that reaches the goal, go back towards the original as far as the goal is kept: to the border. There ask
//! about random neighbours; the sum of those that reach the goal less those that do not estimates the border's normal. Step
//! along it, half as far as often as need be, go back to the border, and so on. Neither logits nor gradients are looked at.

mod estimate;
mod moves;
mod walk;

use self::moves::NEIGHBOURS;
use self::walk::{STARTS, Walk};
use crate::oracle::Oracle;
use crate::{Attack, Budget, Configuration, Error, Images, Norm, Proposal, Task};

/// The smallest change by decisions, for L-infinity and L2.
///
/// Each image has a number of questions, not of steps, at its disposal: it is what an attacker pays, and what makes results
/// comparable with those of other attacks. Of all the border points that an image came to, the closest is the result. An image
/// that none of 100 uniform random images makes a start for stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct HopSkipJump {
    /// How many questions to ask about an image at most.
    pub queries: usize,
}

impl Attack for HopSkipJump {
    fn name(&self) -> &str {
        "hop-skip-jump"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2; whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let norm = budget.linf_or_l2("hop-skip-jump")?;
        let oracle = Oracle { model, device: x0.device(), goal };
        let mut walk = Walk::new(oracle, Images::from_tensor(x0)?, norm, self.queries as u64, randomness);
        let mut open = walk.start()?;
        if norm == Norm::Linf {
            // Blended noise is closer than clipped noise.
            walk.go_to_border(&open, Norm::L2)?;
        }
        for step in 1.. {
            walk.go_to_border(&open, norm)?;
            open.retain(|&image| walk.can_go_on(image));
            if open.is_empty() {
                break;
            }
            let normals = walk.estimate_normals(&open, step)?;
            walk.step_inwards(&open, &normals, step)?;
        }
        Ok(walk.finish())
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        let queries = Configuration::default().with("queries", self.queries);
        queries.with("neighbours", NEIGHBOURS as usize).with("random_images", STARTS as usize)
    }
}
