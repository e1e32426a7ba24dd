//! [`Gradient`]: a detector as an attack that knows it sees it.

use candle_core::{Error as CandleError, Result, Tensor};
use robust_attacks::{ScoreGradient, Suspicion};

use crate::{Detector, Error, Perception, Subject, Tape, Threshold};

/// A detector with its model: the scores that it flags by, and the gradient of its
/// [surrogate](crate::Recorded::surrogate).
#[derive(Clone, Copy)]
pub struct Gradient<'a> {
    subject: Subject<'a>,
    detector: &'a dyn Detector,
    threshold: Option<Threshold>,
}

impl<'a> Gradient<'a> {
    /// Of this detector in front of this model.
    #[must_use]
    pub fn new(subject: impl Into<Subject<'a>>, detector: &'a dyn Detector) -> Self {
        Self { subject: subject.into(), detector, threshold: None }
    }

    /// The same, flagging above this threshold: what an attack with early stop needs.
    #[must_use]
    pub fn flagging(self, threshold: Threshold) -> Self {
        Self { threshold: Some(threshold), ..self }
    }

    /// What the detector says of a perception of `x`.
    fn ask(&self, perception: &Perception, x: &Tensor, temperature: Option<f64>) -> Result<ScoreGradient> {
        let mut scores = Vec::new();
        let surrogate = |x: &Tensor| match self.detector.record(&Tape::new(perception, x)?.softened(temperature))? {
            Some(recorded) => {
                scores = recorded.scores;
                Ok(recorded.surrogate)
            }
            None => Err(CandleError::wrap(Error::NoGradient { id: self.detector.id() })),
        };
        let gradient = ScoreGradient::of(x, surrogate)?.gradient;
        let images = scores.len();
        Ok(ScoreGradient { scores: Tensor::from_vec(scores, images, x.device())?, gradient })
    }
}

impl Suspicion for Gradient<'_> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        let perception = Perception::new(self.subject, x).map_err(CandleError::wrap)?;
        self.ask(&perception, x, None)
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        let perception = Perception::new(self.subject, x).and_then(|perception| perception.supposing(labels));
        self.ask(&perception.map_err(CandleError::wrap)?, x, Some(temperature))
    }

    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        let perception = Perception::new(self.subject, x).and_then(|perception| perception.supposing(labels));
        let perception = perception.map_err(CandleError::wrap)?;
        perception.draws().then(|| Tape::new(&perception, x)?.decode(labels)).transpose()
    }

    fn threshold(&self) -> Option<f32> {
        self.threshold.map(Threshold::score)
    }
}
