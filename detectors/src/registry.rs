//! The list of the detectors that exist: what each is called, what it needs of a model, and how it is made.

use crate::{
    Alternative, Combined, Cycle, Detector, Entropy, Error, Fit, Made, Magnet, Msp, Population, Reconstruction,
    Squeeze, TwoWay,
};

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
    /// Whether it runs where nobody names detectors: it does unless it takes far longer than the others.
    pub by_default: bool,
}

/// What a detector asks of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Logits: any [`Model`](robust_attacks::Model) will do.
    Logits,
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
        needs: Needs::Decoder,
        making: Making::Fitted { fit: Combined::fit, restore: Combined::restore, remembers: true },
        by_default: true,
    },
    DetectorInfo {
        id: "reconstruction",
        score: "e_p",
        summary: "the image is not a typical p",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Reconstruction)),
        by_default: true,
    },
    DetectorInfo {
        id: "alternative",
        score: "e_p / min over k != p of e_k",
        summary: "another label explains the image better",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Alternative)),
        by_default: true,
    },
    DetectorInfo {
        id: "cycle",
        score: "1 - softmax_p of the re-encoded decode(onehot p, m)",
        summary: "the reconstruction is classified differently",
        source: QIN,
        needs: Needs::Decoder,
        making: Making::Plain(|| Box::new(Cycle)),
        by_default: true,
    },
    DetectorInfo {
        id: "two-way",
        score: "log(E_p / min over k != p of E_k), E_k the least e_k + prior after steps on m",
        summary: "another label explains the image better in a style of its own",
        source: "Wiyatno and Orchard 2018",
        needs: Needs::Decoder,
        making: Making::Fitted { fit: TwoWay::fit, restore: TwoWay::restore, remembers: false },
        by_default: false,
    },
    DetectorInfo {
        id: "msp",
        score: "log(1 - softmax_p)",
        summary: "baseline: the classifier is not sure",
        source: HENDRYCKS,
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Msp)),
        by_default: true,
    },
    DetectorInfo {
        id: "entropy",
        score: "-sum over k of softmax_k log softmax_k",
        summary: "baseline: the classifier wavers between labels",
        source: "Smith and Gal 2018",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Entropy)),
        by_default: true,
    },
    DetectorInfo {
        id: "squeeze",
        score: "max over squeezers of ||softmax(x) - softmax(squeeze(x))||_1",
        summary: "baseline: the classifier changes its mind over a simpler image",
        source: "Xu, Evans and Qi 2018",
        needs: Needs::Logits,
        making: Making::Plain(|| Box::new(Squeeze)),
        by_default: true,
    },
    DetectorInfo {
        id: "magnet",
        score: "max over ||x - A(x)||_1, ||x - A(x)||_2 and JSD(softmax(z / T), softmax(z(A(x)) / T)) in clean quantiles",
        summary: "baseline: an autoencoder of clean images changes it, or what it is classified as",
        source: "Meng and Chen 2017",
        needs: Needs::Logits,
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
