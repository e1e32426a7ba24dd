//! The judged result of an attack: images, what the model says of them, and how far they are from the originals.

use candle_core::{DType, Tensor};

use crate::logits::{cross_entropy, prediction};
use crate::{Error, Images, Norm, Proposal, Task, Trace, input};

/// One adversarial candidate per image, in order; it succeeded where [`success`](Self::success) says so.
#[derive(Debug, Clone)]
pub struct Adversarials {
    /// `(B, ...)` f32, within the model's bounds and the budget.
    pub images: Tensor,
    /// `(B)`, the class with the largest logit; the first of them in a tie.
    pub predictions: Vec<u32>,
    /// `(B)`, the softmax of the prediction, in (0, 1].
    pub confidences: Vec<f32>,
    /// `(B)`, whether the goal was reached.
    pub success: Vec<bool>,
    /// `(B)`, what the attacker climbs: the cross-entropy of the label, or minus that of the target class.
    pub loss: Vec<f64>,
    /// `(B)`, the largest change of a pixel.
    pub linf: Vec<f64>,
    /// `(B)`, the Euclidean length of the change.
    pub l2: Vec<f64>,
    /// `(B)`, how many pixels changed (each channel counts).
    pub l0: Vec<u32>,
    /// `(B)`, what the attack noted on the way.
    pub traces: Vec<Trace>,
}

impl Adversarials {
    pub(crate) fn judge(task: &Task, originals: &Images, proposal: Proposal) -> Result<Self, Error> {
        let Task { model, x0, goal, .. } = *task;
        let Proposal { images: candidates, traces } = proposal;
        let images = candidates.to_tensor(x0.device())?;
        let logits = input::logits(model, &images)?.to_dtype(DType::F32)?.to_vec2::<f32>()?;

        let (mut predictions, mut confidences, mut loss) = (Vec::new(), Vec::new(), Vec::new());
        for (image, (logits, &class)) in logits.iter().zip(goal.classes()).enumerate() {
            if logits.iter().any(|logit| !logit.is_finite()) {
                return Err(Error::LogitsNotFinite { image });
            }
            let (prediction, confidence) = prediction(logits);
            predictions.push(prediction);
            confidences.push(confidence);
            loss.push(goal.sign() * cross_entropy(logits, class as usize));
        }

        let pairs = || candidates.rows().zip(originals.rows());
        let distances = |norm: Norm| pairs().map(|(x, x0)| norm.distance(x, x0)).collect::<Vec<f64>>();
        Ok(Self {
            success: goal.reached(&predictions),
            linf: distances(Norm::Linf),
            l2: distances(Norm::L2),
            l0: distances(Norm::L0).into_iter().map(|count| count as u32).collect(),
            images,
            predictions,
            confidences,
            loss,
            traces,
        })
    }
}
