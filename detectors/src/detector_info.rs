//! [`DetectorInfo`]: what is known about a detector before it is made: what it is called, what it needs of a model, and how it is made.

use crate::fit::MISSING;
use crate::{Detector, Error, Fit, Made, Population, Reason};

/// What is known about a detector before it is made.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DetectorInfo {
    /// The name in files and flags.
    pub id: &'static str,
    /// The formula of the score, in the symbols of the crate's legend.
    pub score: &'static str,
    /// What a high score means.
    pub summary: &'static str,
    /// Where the idea was published.
    pub source: &'static str,
    /// What it asks of a model.
    pub needs: Needs,
    /// How it is made.
    pub making: Making,
    /// Whether it runs where nobody names detectors: it does unless it takes far longer than the others, or says nearly what another says.
    pub by_default: bool,
    /// Why an image is flagged, unless a judgement says it of each.
    pub reason: Reason,
    /// What the parts of its judgements are called, if they have any.
    pub parts: &'static [&'static str],
}

/// What a detector asks of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Logits: any [`Model`](robust_attacks::Model) will do.
    Logits,
    /// Logits; fitted on a model that draws, it looks at the drawings too, and is then for such a model alone.
    LogitsOrMore,
    /// A style and drawings besides: a [`ClassConditional`](robust_attacks::ClassConditional) model.
    Decoder,
}

/// How a detector is made.
#[derive(Debug, Clone, Copy)]
pub enum Making {
    /// From nothing.
    Plain(fn() -> Box<dyn Detector>),
    /// From what a model makes of clean images, or from a fit that was made so.
    Fitted {
        /// Fits it on clean images.
        fit: fn(&Population) -> Made,
        /// From a fit, for a model of so many labels.
        restore: fn(&Fit, usize) -> Made,
        /// Whether it could know images of its fit again, so that only others tell what it scores.
        remembers: bool,
    },
    /// From the fit of a network that was trained beside the model; for a model of so many labels.
    Trained(fn(&Fit, usize) -> Made),
}

impl DetectorInfo {
    /// The detector for a model of `classes` labels, from its fit where it has one.
    ///
    /// # Errors
    /// [`Error::Fit`](crate::Error::Fit) if the fit is not one of this detector for such a model.
    pub fn restore(&self, fit: &Fit, classes: usize) -> Made {
        match self.making {
            Making::Plain(make) => Ok(make()),
            Making::Fitted { restore, .. } | Making::Trained(restore) => restore(fit, classes),
        }
    }

    /// Whether it asks a network that was trained beside the model, which clean images cannot make.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        matches!(self.making, Making::Trained(_))
    }

    /// Whether the fit lacks an array that the detector has: it was made by an older version.
    #[must_use]
    pub fn is_older(&self, fit: &Fit, classes: usize) -> bool {
        matches!(self.restore(fit, classes), Err(Error::Fit { found, .. }) if found == MISSING)
    }

    /// Whether it has a fit.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        !matches!(self.making, Making::Plain(_))
    }
}
