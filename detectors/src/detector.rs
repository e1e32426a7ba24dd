//! What a detector is, and the list of those that exist.
//!
//! A detector that must be fitted is made by its fit or from one: an unfitted one cannot exist.

use candle_core::Tensor;

use crate::{
    Alternative, Combined, Cycle, Entropy, Error, Fit, Magnet, Msp, Perception, Population, Reconstruction, Squeeze,
    Tape, TwoWay,
};

/// A score of suspicion per image.
pub trait Detector: Send + Sync {
    /// The name in files and flags, as [`detectors`] lists it.
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
        Ok(Judgement { scores: self.scores(perception)?, labels: None })
    }

    /// A function `(B)` of the images that grows with the score, for an attacker to descend: the score itself where that has a
    /// useful gradient everywhere, else something smoother. `None` if the detector offers none.
    ///
    /// # Errors
    /// Whatever the model reports.
    fn surrogate(&self, _: &Tape) -> candle_core::Result<Option<Tensor>> {
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
}

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
    /// How it is made.
    pub making: Making,
    /// Whether it runs where nobody names detectors: it does unless it takes far longer than the others.
    pub by_default: bool,
}

/// A detector, or why it cannot be made.
pub type Made = Result<Box<dyn Detector>, Error>;

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
}

impl DetectorInfo {
    /// The detector for a model of `classes` labels, from its fit where it has one.
    ///
    /// # Errors
    /// [`Error::Fit`] if the fit is not one of this detector for such a model.
    pub fn restore(&self, fit: &Fit, classes: usize) -> Made {
        match self.making {
            Making::Plain(make) => Ok(make()),
            Making::Fitted { restore, .. } => restore(fit, classes),
        }
    }

    /// Whether it has a fit.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        !matches!(self.making, Making::Plain(_))
    }
}

const QIN: &str = "Qin, Frosst, Sabour, Raffel, Cottrell and Hinton 2020";
const HENDRYCKS: &str = "Hendrycks and Gimpel 2017";

static DETECTORS: [DetectorInfo; 9] = [
    DetectorInfo {
        id: "combined",
        score: "soft maximum of disagreement, doubt and strangeness",
        summary: "another label explains the image better, the classifier is not sure, or it is not made like clean images",
        source: "ours, from alternative, msp and magnet",
        making: Making::Fitted { fit: Combined::fit, restore: Combined::restore, remembers: true },
        by_default: true,
    },
    DetectorInfo {
        id: "reconstruction",
        score: "e_p",
        summary: "the image is not a typical p",
        source: QIN,
        making: Making::Plain(|| Box::new(Reconstruction)),
        by_default: true,
    },
    DetectorInfo {
        id: "alternative",
        score: "e_p / min over k != p of e_k",
        summary: "another label explains the image better",
        source: QIN,
        making: Making::Plain(|| Box::new(Alternative)),
        by_default: true,
    },
    DetectorInfo {
        id: "cycle",
        score: "1 - softmax_p of the re-encoded decode(onehot p, m)",
        summary: "the reconstruction is classified differently",
        source: QIN,
        making: Making::Plain(|| Box::new(Cycle)),
        by_default: true,
    },
    DetectorInfo {
        id: "two-way",
        score: "log(E_p / min over k != p of E_k), E_k the least e_k + prior after steps on m",
        summary: "another label explains the image better in a style of its own",
        source: "Wiyatno and Orchard 2018",
        making: Making::Fitted { fit: TwoWay::fit, restore: TwoWay::restore, remembers: false },
        by_default: false,
    },
    DetectorInfo {
        id: "msp",
        score: "log(1 - softmax_p)",
        summary: "baseline: the classifier is not sure",
        source: HENDRYCKS,
        making: Making::Plain(|| Box::new(Msp)),
        by_default: true,
    },
    DetectorInfo {
        id: "entropy",
        score: "-sum over k of softmax_k log softmax_k",
        summary: "baseline: the classifier wavers between labels",
        source: "Smith and Gal 2018",
        making: Making::Plain(|| Box::new(Entropy)),
        by_default: true,
    },
    DetectorInfo {
        id: "squeeze",
        score: "max over squeezers of ||softmax(x) - softmax(squeeze(x))||_1",
        summary: "baseline: the classifier changes its mind over a simpler image",
        source: "Xu, Evans and Qi 2018",
        making: Making::Plain(|| Box::new(Squeeze)),
        by_default: true,
    },
    DetectorInfo {
        id: "magnet",
        score: "max over ||x - A(x)||_1, ||x - A(x)||_2 and JSD(softmax(z / T), softmax(z(A(x)) / T)) in clean quantiles",
        summary: "baseline: an autoencoder of clean images changes it, or what it is classified as",
        source: "Meng and Chen 2017",
        making: Making::Fitted { fit: Magnet::fit, restore: Magnet::restore, remembers: false },
        by_default: true,
    },
];

/// All detectors, in the order in which reports list them.
#[must_use]
pub fn detectors() -> &'static [DetectorInfo] {
    &DETECTORS
}

/// What is known about the detector of that id.
///
/// # Errors
/// [`Error::UnknownDetector`], which lists the ids that exist.
pub fn detector(id: &str) -> Result<&'static DetectorInfo, Error> {
    let found = DETECTORS.iter().find(|info| info.id == id);
    found.ok_or_else(|| Error::UnknownDetector { id: id.into(), known: DETECTORS.iter().map(|info| info.id).collect() })
}

#[cfg(test)]
mod tests {
    use super::{Making, detector, detectors};

    #[test]
    fn every_listed_id_finds_the_detector_of_that_id() {
        let ids: Vec<_> = detectors().iter().map(|info| info.id).collect();
        assert_eq!(
            ids,
            ["combined", "reconstruction", "alternative", "cycle", "two-way", "msp", "entropy", "squeeze", "magnet",]
        );
        for id in ids {
            let info = detector(id).unwrap();
            if let Making::Plain(make) = info.making {
                assert_eq!(make().id(), id);
            }
        }
    }

    #[test]
    fn an_unknown_id_is_answered_with_those_that_exist() {
        let message = detector("psychic").err().unwrap().to_string();
        let expected = "no detector is called \"psychic\": choose one of combined, reconstruction, alternative, cycle, two-way, msp, entropy, squeeze, magnet";
        assert_eq!(message, expected);
    }
}
