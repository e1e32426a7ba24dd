//! An attack run several times with fresh randomness, keeping the best result of each image.

use candle_core::Tensor;

use crate::{Attack, AttackExt, Budget, Error, Goal, Images, Model, Proposal, Randomness};

/// Runs an attack up to `restarts` times. An image that succeeded is done; among failures the highest loss
/// ([`Adversarials::loss`](crate::Adversarials::loss)) stays. The first run is the attack without restarts.
pub struct Restarts<A> {
    /// What to run.
    pub attack: A,
    /// How often at most; at least once.
    pub restarts: usize,
}

impl<A: Attack> Attack for Restarts<A> {
    fn name(&self) -> &str {
        self.attack.name()
    }

    fn perturb(
        &self,
        model: &dyn Model,
        x0: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error> {
        let mut best = self.attack.run(model, x0, goal, budget, randomness)?;
        let mut images = Images::from_tensor(&best.images)?;
        for restart in 1..self.restarts as u64 {
            let open: Vec<usize> = (0..images.count()).filter(|&image| !best.success[image]).collect();
            if open.is_empty() {
                break;
            }
            let positions: Vec<u32> = open.iter().map(|&image| image as u32).collect();
            let x0 = x0.index_select(&Tensor::new(positions, x0.device())?, 0)?;
            let randomness = randomness.select(&open).restart(restart);
            let found = self.attack.run(model, &x0, &goal.select(&open), budget, &randomness)?;
            let candidates = Images::from_tensor(&found.images)?;
            for (row, (&image, candidate)) in open.iter().zip(candidates.rows()).enumerate() {
                best.zero_gradient[image] |= found.zero_gradient[row];
                best.nan_gradient[image] |= found.nan_gradient[row];
                if found.success[row] || found.loss[row] > best.loss[image] {
                    images.row_mut(image).copy_from_slice(candidate);
                    best.success[image] = found.success[row];
                    best.loss[image] = found.loss[row];
                }
            }
        }
        Ok(Proposal { images, zero_gradient: best.zero_gradient, nan_gradient: best.nan_gradient })
    }
}
