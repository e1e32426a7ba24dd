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
//! | [`ni_fgsm`](GradientDescent::ni_fgsm) | many | original | Nesterov | Lin et al. 2020, equations 6 to 8 |

use crate::norm::sum;
use crate::working_set::WorkingSet;
use crate::{
    Attack, Budget, Configuration, CrossEntropy, Error, Images, LossGradient, Objective, Proposal, Setting, Step, Task,
    Trace,
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
    /// As momentum, the gradient being taken where the momentum alone would lead, at `x + step * decay * g`
    /// (clipped to the bounds, where the model is defined).
    Nesterov {
        /// The share of the past that is kept, at least 0.
        decay: f64,
    },
}

impl Update {
    /// The share of the past that is kept, if any is.
    fn decay(self) -> Option<f64> {
        match self {
            Self::Gradient => None,
            Self::Momentum { decay } | Self::Nesterov { decay } => Some(decay),
        }
    }
}

/// Steepest ascent on an objective within a budget. All fields are open, so that a variant is
/// `GradientDescent { objective: Box::new(Margin), ..GradientDescent::bim(40, 0.01) }`.
pub struct GradientDescent {
    /// What to call it in reports.
    pub name: &'static str,
    /// How many gradients to follow.
    pub steps: usize,
    /// The length of each step.
    pub step: Step,
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
    /// The fast gradient sign method: one step to the border of the budget.
    #[must_use]
    pub fn fgsm() -> Self {
        Self { name: "fgsm", ..Self::bim(1, Step::EpsilonOver(1.0)) }
    }

    /// The basic iterative method.
    #[must_use]
    pub fn bim(steps: usize, step: impl Into<Step>) -> Self {
        Self {
            name: "bim",
            steps,
            step: step.into(),
            start: Start::Original,
            update: Update::Gradient,
            objective: Box::new(CrossEntropy),
            early_stop: false,
        }
    }

    /// Projected gradient descent from a random start. Wrap it in [`Restarts`](crate::Restarts) for more than one.
    #[must_use]
    pub fn pgd(steps: usize, step: impl Into<Step>) -> Self {
        Self { name: "pgd", start: Start::Random, ..Self::bim(steps, step) }
    }

    /// The momentum iterative method.
    #[must_use]
    pub fn mi_fgsm(steps: usize, step: impl Into<Step>, decay: f64) -> Self {
        Self { name: "mi-fgsm", update: Update::Momentum { decay }, ..Self::bim(steps, step) }
    }

    /// The Nesterov iterative method.
    #[must_use]
    pub fn ni_fgsm(steps: usize, step: impl Into<Step>, decay: f64) -> Self {
        Self { name: "ni-fgsm", update: Update::Nesterov { decay }, ..Self::bim(steps, step) }
    }

    /// The length of a step, checked: one that is NaN would end in a corner of the bounds and pass for a result.
    fn step_size(&self, budget: &Budget) -> Result<f64, Error> {
        let (step, decay) = (self.step.size(budget.epsilon()), self.update.decay().unwrap_or(0.0));
        for (setting, value) in [(Setting::StepSize, step), (Setting::Decay, decay)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::SettingRange { setting, value, expected: "a finite number of at least 0" });
            }
        }
        Ok(step)
    }

    /// The whole search; `first` is what the objective says of the original images, where it is known.
    fn descend(&self, task: &Task, budget: &Budget, mut first: Option<LossGradient>) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let step = self.step_size(budget)?;
        let (norm, bounds, device) = (budget.norm(), model.signature().bounds, x0.device());
        let originals = Images::from_tensor(x0)?;
        let mut images = originals.clone();
        if self.start == Start::Random {
            for ((x, x0), mut rng) in images.rows_mut().zip(originals.rows()).zip(randomness.streams()) {
                norm.random_start(x, budget.epsilon(), &mut rng);
                budget.constrain(x, x0, bounds);
            }
        }

        let mut traces = vec![Trace::default(); originals.count()];
        let mut open = WorkingSet::new(images, originals, goal.clone());
        for _ in 0..self.steps {
            let LossGradient { logits, gradient, .. } = match first.take() {
                Some(first) => first,
                None => {
                    let asked = match self.update {
                        Update::Nesterov { decay } => open.ahead(step * decay, bounds).to_tensor(device)?,
                        _ => open.x.to_tensor(device)?,
                    };
                    self.objective.evaluate(model, &asked, &open.goal)?
                }
            };
            open.positions.iter().for_each(|&image| traces[image].queries += 1);
            let mut gradients = Images::of_gradient(&gradient, open.x.shape())?;
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
                if !traces[image].gradient(gradient) {
                    continue;
                }
                let direction = match self.update.decay() {
                    None => gradient,
                    Some(decay) => {
                        accumulate(memory, gradient, decay);
                        memory
                    }
                };
                norm.step(x, direction, step, bounds);
                budget.constrain(x, x0, bounds);
            }
        }
        Ok(Proposal { images: open.finish(), traces })
    }
}

impl Attack for GradientDescent {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        self.descend(task, budget, None)
    }

    /// From the original images the first gradient is the same for every budget.
    fn perturb_each(&self, task: &Task, budgets: &[Budget]) -> Result<Vec<Proposal>, Error> {
        let shares = self.start == Start::Original && self.steps > 0 && budgets.len() > 1;
        let first = if shares { Some(self.objective.evaluate(task.model, task.x0, task.goal)?) } else { None };
        budgets.iter().map(|budget| self.descend(task, budget, first.clone())).collect()
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        let steps = Configuration::default().with("steps", self.steps);
        let mut all = steps.with("step_size", self.step.size(budget.epsilon()));
        if let Some(decay) = self.update.decay() {
            all = all.with("decay", decay);
        }
        all = all.with("random_start", self.start == Start::Random);
        // After a single step there is nothing left to stop.
        if self.steps > 1 { all.with("early_stop", self.early_stop) } else { all }
    }
}

/// `memory <- decay * memory + gradient / ||gradient||_1`; a gradient of zero adds nothing.
fn accumulate(memory: &mut [f32], gradient: &[f32], decay: f64) {
    let l1 = sum(gradient, gradient, |slope, _| slope.abs());
    let scale = if l1 > 0.0 { 1.0 / l1 } else { 0.0 };
    for (past, &slope) in memory.iter_mut().zip(gradient) {
        *past = (decay * f64::from(*past) + scale * f64::from(slope)) as f32;
    }
}
