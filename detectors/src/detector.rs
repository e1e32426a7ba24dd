//! What a detector is: [`Detector`]. Those that exist are listed in `registry.rs`.
//!
//! A detector that must be fitted is made by its fit or from one: an unfitted one cannot exist.

use candle_core::{Error as CandleError, Result as CandleResult, Tensor};

use crate::{Error, Fit, Perception, Reason, Tape};

/// A score of suspicion per image.
pub trait Detector: Send + Sync {
    /// The name in files and flags, as [`detectors`](crate::detectors) lists it.
    fn id(&self) -> &'static str;

    /// One score per image, `B` in all. **Higher is more suspicious, always.** Never NaN.
    ///
    /// # Errors
    /// What [`Perception`] reports when the detector asks it for more.
    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error>;

    /// The scores, and the label to answer with where an image is flagged: together, since a detector may find them together.
    ///
    /// # Errors
    /// What [`Perception`] reports when the detector asks it for more.
    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        Ok(Judgement::of(self.scores(perception)?))
    }

    /// The scores, and a function of the images that an attacker descends: together, since both may need the same drawings. `None` if
    /// the detector offers no such function.
    ///
    /// # Errors
    /// Whatever the model reports, and what [`scores`](Self::scores) would.
    fn record(&self, _: &Tape) -> CandleResult<Option<Recorded>> {
        Ok(None)
    }

    /// What it learned; empty if it learns nothing.
    fn fit(&self) -> Fit {
        Fit::default()
    }
}

/// What a detector says about a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// One per image, as [`Detector::scores`] gives them.
    pub scores: Vec<f32>,
    /// The label to answer with where an image is flagged, one per image; `None` if the detector offers none.
    pub labels: Option<Vec<u32>>,
    /// Why an image would be flagged, one per image; `None` if it is the same for all ([`DetectorInfo::reason`](crate::DetectorInfo::reason)).
    pub reasons: Option<Vec<Reason>>,
    /// What the score is made of, for each image one number for each of [`DetectorInfo::parts`](crate::DetectorInfo::parts); `None` if that names
    /// none. A part that needs a model that draws is absent without one.
    pub parts: Option<Vec<Vec<Option<f32>>>>,
}

impl Judgement {
    /// These scores and nothing besides.
    #[must_use]
    pub fn of(scores: Vec<f32>) -> Self {
        Self { scores, labels: None, reasons: None, parts: None }
    }
}

/// What a detector says about a batch on a [`Tape`].
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `B` of them, as [`Detector::scores`] gives them.
    pub scores: Vec<f32>,
    /// `(B)`, f32: a function of the images, recorded by candle, that grows with the score. The score itself where that has a useful
    /// gradient everywhere, else something smoother.
    pub surrogate: Tensor,
}

impl Recorded {
    /// The scores that a detector gives apart from the tape, and its surrogate.
    pub(crate) fn apart(
        detector: &impl Detector,
        tape: &Tape,
        surrogate: impl FnOnce() -> CandleResult<Tensor>,
    ) -> CandleResult<Option<Self>> {
        let scores = detector.scores(tape.perception()).map_err(CandleError::wrap)?;
        Ok(Some(Self { scores, surrogate: surrogate()? }))
    }
}

/// A detector, or why it cannot be made.
pub type Made = Result<Box<dyn Detector>, Error>;
