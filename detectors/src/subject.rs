//! [`Subject`]: the model whose images detectors look at, and what it can do.

use candle_core::{Result, Tensor};
use robust_attacks::{Bounds, ClassConditional, Model};

use crate::Error;

/// A model, with or without a decoder. A model with one becomes a subject by itself (`From`); any other is a
/// [`Classifier`](Self::Classifier).
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    /// It gives logits, `(B, K)`, and nothing else. A detector that is to be descended differentiates them by candle.
    Classifier(&'a dyn Model),
    /// It gives a style besides, `(B, S)`, and draws an image for a label and a style.
    Drawing(&'a dyn ClassConditional),
}

impl<'a> Subject<'a> {
    /// The model as a classifier.
    #[must_use]
    pub fn model(self) -> &'a dyn Model {
        match self {
            Self::Classifier(model) => model,
            Self::Drawing(model) => model,
        }
    }

    /// Where its pixels live.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        self.model().signature().bounds
    }

    /// The model as one that draws, for `asker`: "detector `cycle`", say.
    ///
    /// # Errors
    /// [`Error::NoDecoder`] if it cannot.
    pub(crate) fn decoder(self, asker: &str) -> std::result::Result<&'a dyn ClassConditional, Error> {
        match self {
            Self::Classifier(_) => Err(Error::NoDecoder { asker: asker.to_owned() }),
            Self::Drawing(model) => Ok(model),
        }
    }

    /// How many labels it knows, `K`.
    #[must_use]
    pub fn classes(self) -> usize {
        self.model().signature().classes
    }

    /// Logits `(B, K)`, recorded by candle.
    pub(crate) fn logits(self, x: &Tensor) -> Result<Tensor> {
        Ok(self.encode(x)?.0)
    }

    /// Logits `(B, K)` and, where it has one, style `(B, S)`; recorded by candle.
    pub(crate) fn encode(self, x: &Tensor) -> Result<(Tensor, Option<Tensor>)> {
        match self {
            Self::Classifier(model) => Ok((model.logits(x)?, None)),
            Self::Drawing(model) => model.encode(x).map(|encoding| (encoding.logits, Some(encoding.style))),
        }
    }
}

impl<'a, M: ClassConditional> From<&'a M> for Subject<'a> {
    fn from(model: &'a M) -> Self {
        Self::Drawing(model)
    }
}

impl<'a> From<&'a dyn ClassConditional> for Subject<'a> {
    fn from(model: &'a dyn ClassConditional) -> Self {
        Self::Drawing(model)
    }
}

impl<'a> From<&'a dyn Model> for Subject<'a> {
    fn from(model: &'a dyn Model) -> Self {
        Self::Classifier(model)
    }
}
