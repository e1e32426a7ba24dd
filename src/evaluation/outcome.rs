//! What an attack did to each image ([`AttackRow`]), and to the images of a batch or a set ([`Outcome`]).

use robust_attacks::Adversarials;
use robust_detectors::Status;
use serde::{Deserialize, Serialize};

/// What a targeted attack aims for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// One class for every image.
    Class(u32),
    /// A class other than the label, drawn per image.
    Random,
    /// The class with the lowest logit on the clean image.
    LeastLikely,
}

/// What an attack did to an image: a row of `attack.csv`. Labels are 0-based; confidence is the softmax of the prediction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AttackRow {
    /// Position in the split.
    pub index: u64,
    /// True class.
    pub label: u32,
    /// Predicted on the clean image.
    pub clean_prediction: u32,
    /// Its confidence.
    pub clean_confidence: f32,
    /// Predicted on the adversarial image.
    pub adversarial_prediction: u32,
    /// Its confidence.
    pub adversarial_confidence: f32,
    /// What became of it.
    pub status: Status,
    /// Largest change of a pixel.
    pub linf: f64,
    /// Euclidean length of the change.
    pub l2: f64,
    /// Number of pixels changed.
    pub l0: u32,
    /// Class aimed for; empty if any wrong class would do.
    pub target: Option<u32>,
    /// How often the attack asked the network about the image, once for a gradient too.
    pub queries: u64,
}

/// What came of an attack on some images.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One per image.
    pub rows: Vec<AttackRow>,
    /// Images that fooled the network attacked; with a judge that is another number than those that fooled the judge.
    pub fooled_model: usize,
    /// Images whose gradient was all zero at some step.
    pub zero_gradient: usize,
    /// Images whose gradient held a NaN at some step.
    pub nan_gradient: usize,
}

impl Outcome {
    /// Those of batches, one after the other.
    #[must_use]
    pub fn concat(batches: Vec<Self>) -> Self {
        let sum = |of: fn(&Self) -> usize| batches.iter().map(of).sum();
        Self {
            fooled_model: sum(|batch| batch.fooled_model),
            zero_gradient: sum(|batch| batch.zero_gradient),
            nan_gradient: sum(|batch| batch.nan_gradient),
            rows: batches.into_iter().flat_map(|batch| batch.rows).collect(),
        }
    }
}

impl AttackRow {
    /// The row before an attack: skipped where there is nothing to attack, failed otherwise.
    pub(crate) fn clean(index: u64, label: u32, logits: &[f32], target: Option<u32>) -> Self {
        let (prediction, confidence) = robust_attacks::prediction(logits);
        let status = if prediction != label || target == Some(label) { Status::Skipped } else { Status::Failed };
        Self {
            index,
            label,
            clean_prediction: prediction,
            clean_confidence: confidence,
            adversarial_prediction: prediction,
            adversarial_confidence: confidence,
            status,
            target,
            ..Self::default()
        }
    }

    /// Takes over what the attack found for image `i` of its batch.
    pub(crate) fn judge(&mut self, found: &Adversarials, i: usize) {
        self.adversarial_prediction = found.predictions[i];
        self.adversarial_confidence = found.confidences[i];
        self.status = if found.success[i] { Status::Succeeded } else { Status::Failed };
        (self.linf, self.l2, self.l0) = (found.linf[i], found.l2[i], found.l0[i]);
        self.queries = found.traces[i].queries;
    }
}
