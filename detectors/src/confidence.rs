//! Baselines that look at the logits alone: what reconstruction must beat.

use crate::{Detector, Error, Perception, Recorded, Tape, softmax};

/// `log(1 - softmax_p)`, at most `log(1 - 1 / K)`: the order of the maximum softmax probability, least first, without its
/// rounding to 1.
///
/// Hendrycks and Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks",
/// ICLR 2017 (arXiv 1610.02136).
#[derive(Debug, Clone, Copy)]
pub struct Msp;

impl Msp {
    /// The name by which it is chosen.
    pub const ID: &'static str = "msp";
}

impl Detector for Msp {
    fn id(&self) -> &'static str {
        Self::ID
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

impl Entropy {
    /// The name by which it is chosen.
    pub const ID: &'static str = "entropy";
}

impl Detector for Entropy {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let entropy = |(row, &p): (&Vec<f32>, &u32)| softmax::entropy(row, p as usize) as f32;
        Ok(perception.logits().iter().zip(perception.predictions()).map(entropy).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.entropy(tape.logits()))
    }
}

/// `max over k != p of z_k, minus z_p`: how little the largest logit `z_p` is ahead, at most 0.
///
/// As a score of confidence: Liang, Peng and Sun, "Selective Classification Under Distribution Shifts", TMLR 2024 (arXiv 2405.05160).
#[derive(Debug, Clone, Copy)]
pub struct Margin;

impl Margin {
    /// The name by which it is chosen.
    pub const ID: &'static str = "margin";
}

impl Detector for Margin {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let behind = |(row, &p): (&Vec<f32>, &u32)| {
            let others = row.iter().enumerate().filter(|(k, _)| *k != p as usize);
            let best = others.map(|(_, z)| f64::from(*z)).fold(f64::NEG_INFINITY, f64::max);
            softmax::single(best - f64::from(row[p as usize]))
        };
        Ok(perception.logits().iter().zip(perception.predictions()).map(behind).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.margin())
    }
}

/// `-log sum over k of exp z_k`: the free energy of the logits.
///
/// Liu, Wang, Owens and Li, "Energy-based Out-of-distribution Detection", NeurIPS 2020 (arXiv 2010.03759), at temperature 1.
#[derive(Debug, Clone, Copy)]
pub struct Energy;

impl Energy {
    /// The name by which it is chosen.
    pub const ID: &'static str = "energy";
}

impl Detector for Energy {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        Ok(perception.logits().iter().map(|row| softmax::single(-softmax::log_sum_exp(row, None))).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.logits().log_sum_exp(1)?.neg())
    }
}

/// `log((1 - g) / g)` with `g` the sum of the squared softmax: the order of `(1 - g) / g`, without its rounding to 0.
///
/// Granese, Romanelli, Gorla, Palamidessi and Piantanida, "DOCTOR: A Simple Method for Detecting Misclassification Errors", NeurIPS 2021
/// (arXiv 2106.02395), `D_alpha` of logits alone.
#[derive(Debug, Clone, Copy)]
pub struct Gini;

impl Gini {
    /// The name by which it is chosen.
    pub const ID: &'static str = "gini";
}

impl Detector for Gini {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let score = |(row, &p): (&Vec<f32>, &u32)| softmax::single(softmax::gini_log_odds(row, p as usize));
        Ok(perception.logits().iter().zip(perception.predictions()).map(score).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.gini())
    }
}
