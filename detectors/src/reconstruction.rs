//! Detectors that decode the image back and look at the result.
//!
//! After Qin, Frosst, Sabour, Raffel, Cottrell and Hinton, "Detecting and Diagnosing Adversarial Images with
//! Class-Conditional Capsule Reconstructions", ICLR 2020 (arXiv 1907.02957): a global threshold on the error of the
//! predicted class, whether the predicted class reconstructs best, and whether the reconstruction is classified alike.
//! There the last two are yes or no; here they are scores, so that each has a ROC curve and a threshold.

use crate::class_errors::TINY;
use crate::{Detector, Error, Perception, Recorded, Tape, softmax};

/// `e_p`: how badly the predicted label explains the image. In squared pixel units, at least 0.
#[derive(Debug, Clone, Copy)]
pub struct Reconstruction;

impl Reconstruction {
    /// The name by which it is chosen.
    pub const ID: &'static str = "reconstruction";
}

impl Detector for Reconstruction {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        perception.decoder_for(self.id())?;
        Ok(perception.errors()?.predicted().to_vec())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.error(tape.perception().predictions()))
    }
}

/// `e_p / min over k != p of e_k`: above 1, another label explains the image better than the predicted one.
#[derive(Debug, Clone, Copy)]
pub struct Alternative;

impl Alternative {
    /// The name by which it is chosen.
    pub const ID: &'static str = "alternative";
}

impl Detector for Alternative {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        perception.decoder_for(self.id())?;
        let errors = perception.errors()?;
        let ratio = |(&e, &other): (&f32, &f32)| ((f64::from(e) + TINY) / (f64::from(other) + TINY)) as f32;
        Ok(errors.predicted().iter().zip(errors.alternative()).map(ratio).collect())
    }

    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || {
            let errors = tape.perception().errors().map_err(candle_core::Error::wrap)?;
            let predicted = tape.error(tape.perception().predictions())?;
            (predicted + TINY)? / (tape.error(errors.alternative_label())? + TINY)?
        })
    }
}

/// `1 - softmax_p` of the re-encoded reconstruction `decode(onehot p, m)`, in [0, 1]: the probability that the
/// classifier gives to the other labels when it sees what the predicted one stands for. Summed over the other labels, so
/// that scores near 0 keep their digits.
#[derive(Debug, Clone, Copy)]
pub struct Cycle;

impl Cycle {
    /// The name by which it is chosen.
    pub const ID: &'static str = "cycle";
}

impl Detector for Cycle {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        perception.decoder_for(self.id())?;
        let others = |(row, &p): (&Vec<f32>, &u32)| softmax::log_complement(row, p as usize).exp() as f32;
        Ok(perception.cycle_logits()?.iter().zip(perception.predictions()).map(others).collect())
    }

    /// The surrogate is the log odds: the score is flat at both ends.
    fn record(&self, tape: &Tape) -> candle_core::Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.log_odds(&tape.cycle_logits()?))
    }
}
