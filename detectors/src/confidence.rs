//! Baselines that look at the softmax alone: what reconstruction must beat.

use crate::{Detector, Error, Perception, Recorded, Tape, softmax};

/// `log(1 - softmax_p)`, at most `log(1 - 1 / K)`: the order of the maximum softmax probability, least first, without its
/// rounding to 1.
///
/// Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks",
/// ICLR 2017 (arXiv 1610.02136).
#[derive(Debug, Clone, Copy)]
pub struct Msp;

impl Detector for Msp {
    fn id(&self) -> &'static str {
        "msp"
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let others = |(row, &p): (&Vec<f32>, &u32)| softmax::single(softmax::log_complement(row, p as usize));
        Ok(perception.logits().iter().zip(perception.predictions()).map(others).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.log_complement(tape.logits()))
    }
}

/// The Shannon entropy of the softmax in nats, in [0, log K].
///
/// As a detector of adversarial images: Smith and Gal, "Understanding Measures of Uncertainty for Adversarial Example
/// Detection", UAI 2018 (arXiv 1803.08533), where it is called predictive entropy.
#[derive(Debug, Clone, Copy)]
pub struct Entropy;

impl Detector for Entropy {
    fn id(&self) -> &'static str {
        "entropy"
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let entropy = |(row, &p): (&Vec<f32>, &u32)| softmax::entropy(row, p as usize) as f32;
        Ok(perception.logits().iter().zip(perception.predictions()).map(entropy).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.entropy(tape.logits()))
    }
}
