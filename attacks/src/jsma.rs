//! The Jacobian-based saliency map attack: Papernot et al. 2016 (arXiv:1511.07528), algorithms 1 and 3, for few changed pixels.
//! Step by step it moves the most salient one or two pixels, each once, all the way to a bound (theta = 1), until the goal is
//! reached or the budget is spent.
//!
//! Three choices are ours. Derivatives are of logits, not of the softmax (Carlini and Wagner 2017 call that JSMA-Z). Pixels may go
//! up and down alike. Without a target the most likely wrong class of each step stands in for it. The last two are near the
//! maximal JSMA of Wiyatno and Xu 2018 (arXiv:1808.07945), which tries both directions and every class.

use candle_core::{DType, Device, Result as CandleResult, Tensor};

use crate::objective::largest_other;
use crate::saliency::{most_salient, moves};
use crate::working_set::WorkingSet;
use crate::{Attack, Budget, Configuration, Error, Goal, Images, Model, Norm, Proposal, Task, Trace};

/// How many pixels move in a step.
const AT_ONCE: usize = 2;

/// The attack. Under L0 it changes at most epsilon pixels, rounded down; under other norms as many as it takes. An image that no
/// further pixel can help stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct Jsma;

impl Attack for Jsma {
    fn name(&self) -> &str {
        "jsma"
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, .. } = *task;
        let originals = Images::from_tensor(x0)?;
        let allowed = if budget.norm() == Norm::L0 { budget.epsilon() as usize } else { usize::MAX };
        let mut traces = vec![Trace::default(); originals.count()];
        let mut open = WorkingSet::new(originals.clone(), originals, goal.clone());
        while allowed > 0 && !open.positions.is_empty() {
            let Slopes { logits, target, others } = Slopes::of(model, &open, x0.device())?;
            open.positions.iter().for_each(|&image| traces[image].queries += 2);
            let rows = open.unreached(&logits)?;
            open.keep(&rows);
            let WorkingSet { positions, x, x0, .. } = &mut open;
            let mut moved = Vec::new();
            let slopes = rows.iter().map(|&row| (target.row(row), others.row(row)));
            for (row, ((x, x0), (target, others))) in x.rows_mut().zip(x0.rows()).zip(slopes).enumerate() {
                let trace = &mut traces[positions[row]];
                // Both, so that both are noted.
                if !(trace.gradient(target) & trace.gradient(others)) {
                    continue;
                }
                let left = allowed.saturating_sub(Norm::L0.distance(x, x0) as usize);
                let chosen = most_salient(moves(x, x0, target, others, model.signature().bounds), left.min(AT_ONCE));
                chosen.iter().for_each(|chosen| x[chosen.pixel] = chosen.to);
                if !chosen.is_empty() && chosen.len() < left {
                    moved.push(row);
                }
            }
            open.keep(&moved);
        }
        Ok(Proposal { images: open.finish(), traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        Configuration::default().with("theta", 1.0).with("pixels_at_once", AT_ONCE)
    }
}

/// What the saliency of the open images is made of.
struct Slopes {
    /// `(B, K)`.
    logits: Tensor,
    /// The gradient of the target's logit.
    target: Images,
    /// The gradient of the sum of the other logits.
    others: Images,
}

impl Slopes {
    /// Two questions about the same images.
    fn of(model: &dyn Model, open: &WorkingSet, device: &Device) -> Result<Self, Error> {
        let (x, shape) = (open.x.to_tensor(device)?, open.x.shape());
        let classes = Tensor::new(open.goal.classes(), device)?.unsqueeze(1)?;
        let target = |logits: &Tensor| -> CandleResult<Tensor> {
            let logits = logits.to_dtype(DType::F32)?;
            match open.goal {
                Goal::Untargeted { .. } => largest_other(&logits, &classes),
                Goal::Targeted { .. } | Goal::Toward { .. } => logits.gather(&classes, 1)?.squeeze(1),
            }
        };
        let of_target = model.loss_gradient(&x, &target)?;
        let of_others = model.loss_gradient(&x, &|logits| logits.to_dtype(DType::F32)?.sum(1)? - target(logits)?)?;
        Ok(Self {
            target: Images::of_gradient(&of_target.gradient, shape)?,
            others: Images::of_gradient(&of_others.gradient, shape)?,
            logits: of_target.logits,
        })
    }
}
