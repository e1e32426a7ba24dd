//! The fast adaptive boundary attack (Croce and Hein 2020, arXiv:1907.02044, algorithm 1), towards one border at a time as in
//! AutoAttack's FAB-T: the smallest change that fools, found by walking along the border.
//!
//! Each step takes the classifier for linear and goes from the present image to the border, a little beyond it (`eta`) and
//! a little towards the point of the border that is nearest to the original (`alpha`). Images that fool are pulled back
//! towards the original (`beta`), so that the walk keeps to the border and the change keeps shrinking. Three steps of a secant
//! search between the original and the nearest image that fools end it. Unlike DeepFool it has the bounds in its linear problem
//! (`hyperplane.rs`), and goes on after it has fooled.
//!
//! Within a budget an image is done as soon as it fools inside it.

mod nearest;

use candle_core::{DType, Device, Tensor};

use self::nearest::Nearest;
use crate::border::border_of;
use crate::hyperplane::project;
use crate::logits::margin;
use crate::norm::sum;
use crate::working_set::WorkingSet;
use crate::{
    Attack, Bounds, Budget, Configuration, Error, Goal, Images, LossGradient, Model, Norm, Proposal, Task, input,
};

/// The largest share of a step that goes towards the original's nearest point of the border.
const ALPHA_MAX: f64 = 0.1;

/// How far a step goes, in units of the way to the border.
const ETA: f64 = 1.05;

/// What is left of a change when an image that fools is pulled back.
const BETA: f64 = 0.9;

/// The fast adaptive boundary attack, for L-infinity and L2. Wrap it in [`TargetedEach`](crate::TargetedEach) for an untargeted
/// goal: alone it heads for the likeliest wrong class.
#[derive(Debug, Clone, Copy)]
pub struct Fab {
    /// How many steps to walk.
    pub steps: usize,
    /// How many walks: the first from the original, others from a random point at half the distance of the nearest image that
    /// fools, or of the budget if that is smaller. Without either there is no such point, and no other walk.
    pub restarts: usize,
}

impl Attack for Fab {
    fn name(&self) -> &str {
        "fab"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2; whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        budget.linf_or_l2("fab")?;
        let originals = Images::from_tensor(x0)?;
        let mut nearest = Nearest::new(originals.clone(), margins(model, x0, goal)?);
        for restart in 0..self.restarts {
            let (start, walkers) =
                nearest.start(restart as u64, &originals, budget, randomness, model.signature().bounds);
            let mut open = WorkingSet::new(start, originals.clone(), goal.clone());
            open.keep(&walkers);
            self.walk(model, x0.device(), open, budget, &mut nearest)?;
            nearest.search(task, &originals, budget)?;
        }
        Ok(Proposal { images: nearest.images, traces: nearest.traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        let walk = Configuration::default().with("steps", self.steps).with("restarts", self.restarts);
        walk.with("alpha_max", ALPHA_MAX).with("eta", ETA).with("beta", BETA)
    }
}

impl Fab {
    /// One walk of all images of the set, each from where it is.
    fn walk(
        &self,
        model: &dyn Model,
        device: &Device,
        mut open: WorkingSet,
        budget: &Budget,
        nearest: &mut Nearest,
    ) -> Result<(), Error> {
        let norm = budget.norm();
        for _ in 0..self.steps {
            if open.positions.is_empty() {
                break;
            }
            let WorkingSet { positions, x, x0, goal, .. } = &mut open;
            let LossGradient { loss, gradient, .. } = border_of(model, &x.to_tensor(device)?, goal)?;
            let values = loss.to_dtype(DType::F32)?.to_vec1::<f32>()?;
            let normals = Images::of_gradient(&gradient, x.shape())?;
            let rows = x.rows_mut().zip(x0.rows()).zip(normals.rows().zip(values));
            for (&image, ((x, x0), (normal, value))) in positions.iter().zip(rows) {
                if nearest.traces[image].gradient(normal) {
                    step(norm, x, x0, normal, f64::from(value), model.signature().bounds);
                }
            }

            let margins = margins(model, &x.to_tensor(device)?, goal)?;
            for (&image, ((x, x0), margin)) in positions.iter().zip(x.rows_mut().zip(x0.rows()).zip(margins)) {
                nearest.traces[image].queries += 2;
                if margin > 0.0 {
                    nearest.offer(image, x, norm.distance(x, x0), margin);
                    x.iter_mut().zip(x0).for_each(|(x, x0)| *x = x0 + BETA as f32 * (*x - x0));
                }
            }
            let is_open = |&row: &usize| !nearest.is_enough(positions[row], budget);
            let rows: Vec<usize> = (0..positions.len()).filter(is_open).collect();
            if rows.len() < positions.len() {
                open.keep(&rows);
            }
        }
        Ok(())
    }
}

/// One step from `x`, where the function whose border it is has this value and gradient.
fn step(norm: Norm, x: &mut [f32], x0: &[f32], normal: &[f32], value: f64, bounds: Bounds) {
    let dot = |x: &[f32]| sum(x, normal, |x, w| x * w);
    let near = project(norm, x, normal, value, bounds);
    let near0 = project(norm, x0, normal, value + dot(x0) - dot(x), bounds);
    let (far, far0) = (norm.distance(&near, x), norm.distance(&near0, x0));
    let alpha = if far > 0.0 { (far / (far + far0)).min(ALPHA_MAX) as f32 } else { 0.0 };
    let eta = ETA as f32;
    for ((x, x0), (near, near0)) in x.iter_mut().zip(x0).zip(near.iter().zip(&near0)) {
        *x = (1.0 - alpha) * (*x + eta * (near - *x)) + alpha * (x0 + eta * (near0 - x0));
    }
    bounds.clip(x);
}

/// By how much each image reaches its goal; what is not above 0 does not.
fn margins(model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<Vec<f64>, Error> {
    let (sign, classes) = match goal {
        Goal::Untargeted { labels } | Goal::Toward { labels, .. } => (1.0, labels),
        Goal::Targeted { classes } => (-1.0, classes),
    };
    let logits = input::logits(model, x)?.to_dtype(DType::F32)?.to_vec2::<f32>()?;
    Ok(logits.iter().zip(classes).map(|(logits, &class)| sign * margin(logits, class as usize)).collect())
}
