//! The control: a random perturbation as large as the budget allows. A model that it fools is fragile, not attacked; an
//! attack that does no better has found nothing.

use crate::{Attack, Budget, Error, Images, Proposal, Task};

/// Random noise whose norm is epsilon exactly before it is clipped to the model's bounds: see
/// [`Norm::random_step`](crate::Norm::random_step). It asks the model nothing.
#[derive(Debug, Clone, Copy)]
pub struct Noise;

impl Attack for Noise {
    fn name(&self) -> &str {
        "noise"
    }

    fn is_control(&self) -> bool {
        true
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { x0, randomness, .. } = *task;
        let mut images = Images::from_tensor(x0)?;
        for (x, mut rng) in images.rows_mut().zip(randomness.streams()) {
            budget.norm().random_step(x, budget.epsilon(), &mut rng);
        }
        Ok(Proposal::without_queries(images))
    }
}
