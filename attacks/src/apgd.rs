//! Auto-PGD (Croce and Hein 2020, arXiv:2003.01690, algorithm 1): projected gradient ascent that chooses its own step size.
//! At checkpoints an image that makes no headway gets another step size and may go back to its best iterate, each image by
//! itself. Under L-infinity and L2 the steps have momentum (`halving.rs`), under L1 they move few pixels (`sparse.rs`: Croce
//! and Hein 2021, arXiv:2103.01208).
//!
//! The result is the iterate of the highest objective among those that reach the goal, else among all. Not here: the larger
//! budgets that AutoAttack starts with under L1.

mod ascent;
mod checkpoints;
mod climb;
mod halving;
mod sparse;
mod start;

use self::checkpoints::Checkpoints;
use self::climb::Climb;
use crate::{Attack, Budget, Configuration, CrossEntropy, Dlr, Error, Images, Norm, Objective, Proposal, Start, Task};

/// Auto-PGD on an objective, for L-infinity, L2 and L1. All fields are open.
pub struct Apgd {
    /// What to call it in reports.
    pub name: &'static str,
    /// How many steps to go; the model is asked once more, for the start.
    pub steps: usize,
    /// Where to start; at random means at the border of the ball.
    pub start: Start,
    /// What to climb.
    pub objective: Box<dyn Objective>,
    /// Whether an image is left alone from the first iterate on, the start among them, that reaches the goal.
    pub early_stop: bool,
}

impl Apgd {
    /// On the cross-entropy, from a random start.
    #[must_use]
    pub fn cross_entropy(steps: usize) -> Self {
        Self { name: "apgd", steps, start: Start::Random, objective: Box::new(CrossEntropy), early_stop: false }
    }

    /// On the difference of logits ratio, from a random start.
    #[must_use]
    pub fn dlr(steps: usize) -> Self {
        Self { name: "apgd-dlr", objective: Box::new(Dlr), ..Self::cross_entropy(steps) }
    }
}

impl Attack for Apgd {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, randomness, .. } = *task;
        if !budget.is_bounded() {
            return Err(Error::Epsilon(budget.epsilon()));
        }
        let originals = Images::from_tensor(x0)?;
        let mut start = originals.clone();
        if self.start == Start::Random {
            for (x, mut rng) in start.rows_mut().zip(randomness.streams()) {
                start::random(x, budget, model.signature().bounds, &mut rng);
            }
        }

        let mut climb = Climb::new(task, budget, start, originals);
        let mut checkpoints = Checkpoints::new(budget.norm(), self.steps);
        for step in 0..=self.steps {
            if step > 0 {
                climb.advance();
            }
            let reached = climb.look(&*self.objective)?;
            if self.early_stop && !climb.drop_reached(&reached) {
                break;
            }
            if let Some(steps) = checkpoints.at(step) {
                climb.check(steps);
            }
        }
        Ok(climb.finish())
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        let steps = Configuration::default().with("steps", self.steps);
        let all = match budget.norm() {
            Norm::L1 => sparse::configuration(steps, budget.epsilon()),
            _ => halving::configuration(steps, budget.epsilon()),
        };
        all.with("random_start", self.start == Start::Random).with("early_stop", self.early_stop)
    }
}
