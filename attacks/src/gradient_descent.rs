//! The one loop behind the gradient attacks: from a start within the budget, `steps` times
//!
//! `x <- clip(project(x + step * steepest(direction)))`
//!
//! where the direction is the objective's gradient or its running sum, the steepest unit step is that of the norm, and the
//! projection is onto the ball around the *original* image. The last iterate is the result or, with early stop, the first
//! that reaches the goal. The attacks are parameters:
//!
//! | | steps | start | update | source |
//! |---|---|---|---|---|
//! | [`fgsm`](GradientDescent::fgsm) | 1, of epsilon | original | gradient | Goodfellow, Shlens and Szegedy 2015, section 4 |
//! | [`bim`](GradientDescent::bim) | many | original | gradient | Kurakin, Goodfellow and Bengio 2017, section 2.2 |
//! | [`pgd`](GradientDescent::pgd) | many | random | gradient | Madry et al. 2018, section 2.1 |
//! | [`mi_fgsm`](GradientDescent::mi_fgsm) | many | original | momentum | Dong et al. 2018, equations 6 and 7 |

use candle_core::Tensor;

use crate::norm::sum;
use crate::working_set::WorkingSet;
use crate::{
    Attack, Budget, CrossEntropy, Error, Goal, Images, LossGradient, Model, Objective, Proposal, Randomness, Setting,
};

/// Where the search starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the original image.
    Original,
    /// Uniformly at random in the ball around it.
    Random,
}

/// How the gradient becomes the direction to step in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Update {
    /// The gradient itself.
    Gradient,
    /// `g <- decay * g + gradient / ||gradient||_1`, per image.
    Momentum {
        /// The share of the past that is kept, at least 0.
        decay: f64,
    },
}

/// Steepest ascent on an objective within a budget. All fields are open, so that a variant is
/// `GradientDescent { objective: Box::new(Margin), ..GradientDescent::bim(40, 0.01) }`.
pub struct GradientDescent {
    /// What to call it in reports.
    pub name: &'static str,
    /// How many gradients to follow.
    pub steps: usize,
    /// The length of each step in the budget's norm, in units of pixel values.
    pub step: f64,
    /// Where to start.
    pub start: Start,
    /// How to turn gradients into directions.
    pub update: Update,
    /// What to climb.
    pub objective: Box<dyn Objective>,
    /// Whether an image is left alone from the first iterate on, the start among them, that the model gives the goal's
    /// prediction: less work, and adversarial images that lie just beyond the border instead of deep in the wrong class.
    /// The logits that tell are those that the gradient needs anyway.
    pub early_stop: bool,
}

impl GradientDescent {
    /// The fast gradient sign method: one step to the border of the budget, so `epsilon` is the budget's.
    #[must_use]
    pub fn fgsm(epsilon: f64) -> Self {
        Self { name: "fgsm", ..Self::bim(1, epsilon) }
    }

    /// The basic iterative method.
    #[must_use]
    pub fn bim(steps: usize, step: f64) -> Self {
        Self {
            name: "bim",
            steps,
            step,
            start: Start::Original,
            update: Update::Gradient,
            objective: Box::new(CrossEntropy),
            early_stop: false,
        }
    }

    /// Projected gradient descent from a random start. Wrap it in [`Restarts`](crate::Restarts) for more than one.
    #[must_use]
    pub fn pgd(steps: usize, step: f64) -> Self {
        Self { name: "pgd", start: Start::Random, ..Self::bim(steps, step) }
    }

    /// The momentum iterative method.
    #[must_use]
    pub fn mi_fgsm(steps: usize, step: f64, decay: f64) -> Self {
        Self { name: "mi-fgsm", update: Update::Momentum { decay }, ..Self::bim(steps, step) }
    }

    /// A step or decay that is NaN would end in a corner of the bounds and pass for a result.
    fn check(&self) -> Result<(), Error> {
        let decay = match self.update {
            Update::Gradient => 0.0,
            Update::Momentum { decay } => decay,
        };
        for (setting, value) in [(Setting::StepSize, self.step), (Setting::Decay, decay)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::SettingRange { setting, value, expected: "a finite number of at least 0" });
            }
        }
        Ok(())
    }
}

impl Attack for GradientDescent {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(
        &self,
        model: &dyn Model,
        x0: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error> {
        self.check()?;
        let (norm, bounds, device) = (budget.norm(), model.bounds(), x0.device());
        let originals = Images::from_tensor(x0)?;
        let mut images = originals.clone();
        if self.start == Start::Random {
            for ((x, x0), mut rng) in images.rows_mut().zip(originals.rows()).zip(randomness.streams()) {
                norm.random_start(x, budget.epsilon(), &mut rng);
                budget.constrain(x, x0, bounds);
            }
        }

        let mut zero_gradient = vec![false; originals.count()];
        let mut nan_gradient = zero_gradient.clone();
        let mut open = WorkingSet::new(images, originals, goal.clone());
        for _ in 0..self.steps {
            let LossGradient { logits, gradient, .. } =
                self.objective.evaluate(model, &open.x.to_tensor(device)?, &open.goal)?;
            let mut gradients = Images::from_tensor(&gradient)?;
            if gradients.shape() != open.x.shape() {
                return Err(Error::Gradient { found: gradient.shape().clone(), expected: open.x.shape().clone() });
            }
            if self.early_stop {
                let rows = open.unreached(&logits)?;
                if rows.is_empty() {
                    break;
                }
                if rows.len() < open.positions.len() {
                    open.keep(&rows);
                    gradients = gradients.select(&rows);
                }
            }
            let WorkingSet { positions, x, x0, memory, .. } = &mut open;
            let rows = x.rows_mut().zip(x0.rows()).zip(gradients.rows()).zip(memory.rows_mut());
            for (&image, (((x, x0), gradient), memory)) in positions.iter().zip(rows) {
                if !is_finite(gradient) {
                    nan_gradient[image] = true;
                    continue;
                }
                zero_gradient[image] |= gradient.iter().all(|&slope| slope == 0.0);
                let direction = match self.update {
                    Update::Gradient => gradient,
                    Update::Momentum { decay } => {
                        accumulate(memory, gradient, decay);
                        memory
                    }
                };
                norm.step(x, direction, self.step);
                budget.constrain(x, x0, bounds);
            }
        }
        Ok(Proposal { images: open.finish(), zero_gradient, nan_gradient })
    }
}

/// Whether every component is finite. Without an early exit, so that the compiler can use vector registers.
fn is_finite(gradient: &[f32]) -> bool {
    gradient.iter().fold(true, |all, slope| all & slope.is_finite())
}

/// `memory <- decay * memory + gradient / ||gradient||_1`; a gradient of zero adds nothing.
fn accumulate(memory: &mut [f32], gradient: &[f32], decay: f64) {
    let l1 = sum(gradient, gradient, |slope, _| slope.abs());
    let scale = if l1 > 0.0 { 1.0 / l1 } else { 0.0 };
    for (past, &slope) in memory.iter_mut().zip(gradient) {
        *past = (decay * f64::from(*past) + scale * f64::from(slope)) as f32;
    }
}
