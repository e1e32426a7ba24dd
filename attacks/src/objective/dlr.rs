//! The difference of logits ratio (Croce and Hein 2020, arXiv:2003.01690, equations 6 and 7).

use candle_core::{Result as CandleResult, Tensor};

use super::{Objective, climb, largest_other};
use crate::{Error, Goal, LossGradient, Model};

/// Keeps equal logits from a division by zero, as AutoAttack does.
const TINY: f64 = 1e-12;

/// The margin over the spread of the largest logits, `z_1 >= z_2 >= ...`, so that neither a shift nor a scale of the logits
/// changes it:
///
/// | goal | margin | spread |
/// |---|---|---|
/// | untargeted | `max over k != label of z_k - z_label` | `z_1 - z_3` |
/// | targeted | `z_target - max over k != target of z_k` | `z_1 - (z_3 + z_4) / 2` |
/// | toward a class | `z_class - z_label` | `z_1 - (z_3 + z_4) / 2` |
///
/// The last is the paper's targeted loss. A target without a label has the largest other logit in place of the label's, which
/// is the same until the image is fooled. With fewer than 4 classes it is the margin alone: of three logits the spread is itself
/// a margin, so that the ratio would be constant where the label, or the target, is the least likely class.
#[derive(Debug, Clone, Copy)]
pub struct Dlr;

impl Objective for Dlr {
    fn evaluate(&self, model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error> {
        let labels = match goal {
            Goal::Toward { labels, .. } => Some(Tensor::new(labels.as_slice(), x.device())?.unsqueeze(1)?),
            _ => None,
        };
        let lower = match goal {
            Goal::Untargeted { .. } => [2, 2],
            _ => [2, 3],
        };
        // The goal's sign turns the ratio around for a target.
        climb(model, x, goal, |logits, classes| {
            let rival = match &labels {
                Some(labels) => logits.gather(labels, 1)?.squeeze(1)?,
                None => largest_other(logits, classes)?,
            };
            let margin = (rival - logits.gather(classes, 1)?.squeeze(1)?)?;
            match logits.dim(1)? >= 4 {
                true => margin / (spread(logits, lower)? + TINY)?,
                false => Ok(margin),
            }
        })
    }
}

/// The largest logit less the mean of two others, by their places in falling order from 0: `(B, K) -> (B)`.
fn spread(logits: &Tensor, [a, b]: [usize; 2]) -> CandleResult<Tensor> {
    let order = logits.contiguous()?.arg_sort_last_dim(false)?;
    let place = |rank| logits.gather(&order.narrow(1, rank, 1)?.contiguous()?, 1)?.squeeze(1);
    place(0)? - ((place(a)? + place(b)?)? * 0.5)?
}
