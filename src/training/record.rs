//! [`EpochRecord`]: what is measured of an epoch.

use serde::{Deserialize, Serialize};

/// One row of `train.csv`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// The rate of the epoch's last step.
    pub learning_rate: f64,
    /// Mean over the training images, as seen (noisy) while the weights moved: the weighted sum of all terms.
    pub loss: f64,
    /// Its first term.
    pub cross_entropy: f64,
    /// Mean `||x̂ - x||²` while training.
    pub reconstruction: f64,
    /// Share of clean validation images classified correctly after the epoch.
    pub validation_accuracy: f64,
    /// Mean `||x̂ - x||²` over clean validation images, decoded from the softmax.
    pub validation_reconstruction: f64,
    /// Mean cross-entropy of the wrong label at the swapped drawing while training; 0 without one.
    #[serde(default)]
    pub swap: f64,
    /// Mean `||m' - m||²` while training; 0 without a swapped drawing.
    #[serde(default)]
    pub style_consistency: f64,
    /// Mean `ln(1 + ||x̂ - x||² / ||x' - x||²)` while training; 0 without a swapped drawing.
    #[serde(default)]
    pub contrast: f64,
}
