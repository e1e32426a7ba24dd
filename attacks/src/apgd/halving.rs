//! The pace under L-infinity and L2 (Croce and Hein 2020, arXiv:2003.01690, section 3.3): with `P` the projection onto the budget
//! and the bounds, and `s` the norm's steepest unit step,
//!
//! `z <- P(x + step * s(gradient))`, then `x <- P(x + alpha (z - x) + (1 - alpha) (x - previous x))`
//!
//! where the step, at first across the ball, is halved at a checkpoint if it has led nowhere.

use crate::{Bounds, Budget, Configuration};

/// The share of a new step; the rest of the move repeats the last one.
const ALPHA: f64 = 0.75;

/// A step size is kept only if more than this share of its steps went up. (The paper halves below that share, AutoAttack also
/// at it; as AutoAttack here.)
const RHO: f64 = 0.75;

/// The first step is so many epsilon long: across the ball.
const FIRST_STEP: f64 = 2.0;

/// The state of one image.
pub(super) struct Halving {
    step: f64,
    /// The iterate before the present one; none before the first step.
    previous: Option<Vec<f32>>,
    /// How many steps went up since the last checkpoint.
    rises: usize,
    /// The highest value at the last checkpoint.
    checked_loss: f32,
    /// Whether the last checkpoint halved the step.
    was_halved: bool,
}

impl Halving {
    pub(super) fn new(epsilon: f64) -> Self {
        // At the first checkpoint the step size is not halved for want of a new best value alone.
        Self { step: FIRST_STEP * epsilon, previous: None, rises: 0, checked_loss: f32::NEG_INFINITY, was_halved: true }
    }

    pub(super) fn advance(&mut self, x: &mut [f32], x0: &[f32], gradient: &[f32], budget: &Budget, bounds: Bounds) {
        let present = x.to_vec();
        budget.norm().step(x, gradient, self.step, bounds);
        budget.constrain(x, x0, bounds);
        if let Some(previous) = &self.previous {
            for ((x, &present), &previous) in x.iter_mut().zip(&present).zip(previous) {
                let [z, present, previous] = [*x, present, previous].map(f64::from);
                *x = (present + ALPHA * (z - present) + (1.0 - ALPHA) * (present - previous)) as f32;
            }
            budget.constrain(x, x0, bounds);
        }
        self.previous = Some(present);
    }

    /// Notes whether the last step went up.
    pub(super) fn arrive(&mut self, went_up: bool) {
        self.rises += usize::from(went_up);
    }

    /// Halves the step, and goes back, if too few of these steps went up (condition 1), or if both the step size and the best
    /// value are those of the last checkpoint (condition 2).
    pub(super) fn check(&mut self, best_loss: f32, steps: usize) -> bool {
        let too_few_rises = self.rises as f64 <= RHO * steps as f64;
        let stands_still = !self.was_halved && best_loss <= self.checked_loss;
        self.was_halved = too_few_rises || stands_still;
        if self.was_halved {
            self.step /= 2.0;
        }
        (self.checked_loss, self.rises) = (best_loss, 0);
        self.was_halved
    }
}

/// What decides the pace.
pub(super) fn configuration(configuration: Configuration, epsilon: f64) -> Configuration {
    configuration.with("first_step_size", FIRST_STEP * epsilon).with("alpha", ALPHA).with("rho", RHO)
}
