//! The control: a random perturbation as large as the budget allows. A model that it fools is fragile, not attacked; an
//! attack that does no better has found nothing.

use candle_core::Tensor;

use crate::{Attack, Budget, Error, Goal, Images, Model, Proposal, Randomness};

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

    fn perturb(
        &self,
        _model: &dyn Model,
        x0: &Tensor,
        _goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error> {
        let mut images = Images::from_tensor(x0)?;
        for (x, mut rng) in images.rows_mut().zip(randomness.streams()) {
            budget.norm().random_step(x, budget.epsilon(), &mut rng);
        }
        Ok(Proposal::without_queries(images))
    }
}
