//! What a gradient attack climbs. The seam for attacks that know a detector: an objective may add to the classifier's loss
//! whatever it can differentiate.

mod dlr;

use candle_core::{DType, Result as CandleResult, Tensor};
use candle_nn::ops::log_softmax;

pub use self::dlr::Dlr;
use crate::{Error, Goal, LossGradient, Model};

/// A function of an image that grows as the attacker nears the goal.
pub trait Objective: Send + Sync {
    /// Its value `(B)` and its gradient with respect to the pixels of `x`, `(B, ...)`, each image's its own: the gradient of
    /// the *sum* over the batch, never the mean, and larger is better for the attacker whether targeted or not.
    ///
    /// # Errors
    /// Whatever the model reports.
    fn evaluate(&self, model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error>;
}

/// The cross-entropy of the label, or minus that of the target class, from the logits by log-softmax.
#[derive(Debug, Clone, Copy)]
pub struct CrossEntropy;

impl Objective for CrossEntropy {
    fn evaluate(&self, model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error> {
        climb(model, x, goal, |logits, classes| log_softmax(logits, 1)?.gather(classes, 1)?.squeeze(1)?.neg())
    }
}

/// The logarithm of the probability that the goal is reached: of any label but the own, `log(1 - softmax_label)`, or of the target
/// class. For a target it is [`CrossEntropy`]. Away from a label it rises as the label loses, as that does, but its gradient is there
/// from the start and fades once the image is fooled.
#[derive(Debug, Clone, Copy)]
pub struct LogProbability;

impl Objective for LogProbability {
    fn evaluate(&self, model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error> {
        match goal {
            Goal::Untargeted { .. } => climb(model, x, goal, |logits, classes| {
                others(logits, classes)?.log_sum_exp(1)? - logits.log_sum_exp(1)?
            }),
            Goal::Targeted { .. } | Goal::Toward { .. } => CrossEntropy.evaluate(model, x, goal),
        }
    }
}

/// The margin by which the label loses, `max over k != label of z_k - z_label`, or the target class wins. Unlike the
/// cross-entropy its gradient does not fade as the classifier grows sure (the loss `f_6` of Carlini and Wagner 2017, section V).
#[derive(Debug, Clone, Copy)]
pub struct Margin;

impl Objective for Margin {
    fn evaluate(&self, model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error> {
        climb(model, x, goal, |logits, classes| {
            largest_other(logits, classes)? - logits.gather(classes, 1)?.squeeze(1)?
        })
    }
}

/// The largest of the logits `(B, K)` but that of the classes `(B, 1)`: `(B)`.
pub(crate) fn largest_other(logits: &Tensor, classes: &Tensor) -> CandleResult<Tensor> {
    others(logits, classes)?.max(1)
}

/// The logits `(B, K)` with those of the classes `(B, 1)` at minus infinity.
fn others(logits: &Tensor, classes: &Tensor) -> CandleResult<Tensor> {
    let labels = Tensor::arange(0, logits.dim(1)? as u32, logits.device())?;
    let own = classes.broadcast_eq(&labels.unsqueeze(0)?)?;
    let lowest = Tensor::full(f32::NEG_INFINITY, logits.shape(), logits.device())?;
    own.where_cond(&lowest, logits)
}

/// Evaluates a loss of logits `(B, K)` and classes `(B, 1)` with the goal's sign.
fn climb(
    model: &dyn Model,
    x: &Tensor,
    goal: &Goal,
    loss: impl Fn(&Tensor, &Tensor) -> CandleResult<Tensor>,
) -> Result<LossGradient, Error> {
    let classes = Tensor::new(goal.classes(), x.device())?.unsqueeze(1)?;
    Ok(model.loss_gradient(x, &|logits| loss(&logits.to_dtype(DType::F32)?, &classes)?.affine(goal.sign(), 0.0))?)
}
