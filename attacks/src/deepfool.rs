//! DeepFool (Moosavi-Dezfooli, Fawzi and Frossard 2016, arXiv:1511.04599, algorithm 2 and section 3.3): a small change that
//! fools, found by taking the classifier for linear around the present image, over and over.
//!
//! If it were linear, class `k` would begin where `f = z_k - z_label` is 0: a hyperplane at the distance `|f| / ||w||_q`, `w`
//! being the gradient of `f` and `q` the dual of the norm (L1 for L-infinity, L2 for L2). Each step crosses the nearest of the
//! `K - 1` borders, and the sum of all steps, a little prolonged, is added to the original image. Towards a target there is one
//! border, that of the target with the class that is presently the most likely of the others.
//!
//! The change is small, not smallest: nothing pulls an image back towards the original, and the clipping to the bounds is no
//! part of the linear problem.

use candle_core::{DType, Tensor};

use crate::border::{border, border_of};
use crate::norm::sum;
use crate::working_set::WorkingSet;
use crate::{
    Attack, Budget, Configuration, Error, Goal, Images, LossGradient, Model, Norm, Proposal, Task, Trace, input,
};

/// How much farther than to the border a step goes, in units of pixels, as the authors' program: near a border its share of the
/// distance that the overshoot adds would not get across.
const NUDGE: f64 = 1e-4;

/// DeepFool, for L-infinity and L2. It takes no account of the size of the budget.
#[derive(Debug, Clone, Copy)]
pub struct DeepFool {
    /// How many steps at most; an image is done when it is fooled.
    pub steps: usize,
    /// By what share the sum of all steps is prolonged, so that it ends beyond the border.
    pub overshoot: f64,
}

impl Attack for DeepFool {
    fn name(&self) -> &str {
        "deepfool"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2; whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, .. } = *task;
        let (norm, bounds, device) = (budget.linf_or_l2("deepfool")?, model.signature().bounds, x0.device());
        let originals = Images::from_tensor(x0)?;
        let mut traces = vec![Trace::default(); originals.count()];
        let mut open = WorkingSet::new(originals.clone(), originals, goal.clone());
        for _ in 0..self.steps {
            let logits = input::logits(model, &open.x.to_tensor(device)?)?;
            open.positions.iter().for_each(|&image| traces[image].queries += 1);
            let rows = open.unreached(&logits)?;
            if rows.is_empty() {
                break;
            }
            open.keep(&rows);

            // The borders are asked for one after the other, about the same images: a model may remember its forward pass.
            let x = open.x.to_tensor(device)?;
            let mut nearest: Vec<f64> = vec![f64::INFINITY; open.positions.len()];
            let mut normals = open.x.zeros_like();
            let classes = logits.dim(1)?;
            let rivals = if matches!(goal, Goal::Untargeted { .. }) { classes - 1 } else { 1 };
            for rival in 1..=rivals {
                let LossGradient { loss, gradient, .. } = candidate(model, &x, &open.goal, classes, rival)?;
                let values = loss.to_dtype(DType::F32)?.to_vec1::<f32>()?;
                let gradients = Images::of_gradient(&gradient, open.x.shape())?;
                for (row, (gradient, value)) in gradients.rows().zip(values).enumerate() {
                    let trace = &mut traces[open.positions[row]];
                    trace.queries += 1;
                    let distance = f64::from(value).abs() / dual(norm, gradient);
                    if trace.gradient(gradient) && distance < nearest[row] {
                        nearest[row] = distance;
                        normals.row_mut(row).copy_from_slice(gradient);
                    }
                }
            }

            let WorkingSet { x, x0, memory: change, .. } = &mut open;
            let rows = x.rows_mut().zip(x0.rows()).zip(change.rows_mut()).zip(normals.rows().zip(nearest));
            for (((x, x0), change), (normal, distance)) in rows {
                // Without a border in reach, all gradients being zero or not finite, the image stays where it is.
                if distance.is_finite() {
                    norm.step(change, normal, distance + NUDGE, bounds);
                    for ((x, &x0), &change) in x.iter_mut().zip(x0).zip(&*change) {
                        *x = (f64::from(x0) + (1.0 + self.overshoot) * f64::from(change)) as f32;
                    }
                    bounds.clip(x);
                }
            }
        }
        Ok(Proposal { images: open.finish(), traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        Configuration::default().with("steps", self.steps).with("overshoot", self.overshoot)
    }
}

/// The length of a gradient that says how fast a step of the norm climbs.
fn dual(norm: Norm, gradient: &[f32]) -> f64 {
    match norm {
        Norm::Linf => sum(gradient, gradient, |slope, _| slope.abs()),
        _ => sum(gradient, gradient, |slope, _| slope * slope).sqrt(),
    }
}

/// The function that is 0 on a border of each image's region, and its gradient. Without a target border number `rival` is that
/// with the class `rival` places after the label.
fn candidate(model: &dyn Model, x: &Tensor, goal: &Goal, classes: usize, rival: usize) -> Result<LossGradient, Error> {
    let Goal::Untargeted { labels } = goal else { return border_of(model, x, goal) };
    let rivals: Vec<u32> = labels.iter().map(|&label| ((label as usize + rival) % classes) as u32).collect();
    border(model, x, labels, &rivals)
}
