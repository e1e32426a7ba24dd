//! What a detector is, and the list of those that exist.
//!
//! A detector that needs fitting has one constructor, its fit: an unfitted one cannot exist.

use crate::{Alternative, Cycle, Entropy, Error, Msp, Perception, Reconstruction};

/// A score of suspicion per image.
pub trait Detector: Sync {
    /// The name in files and flags, as [`detectors`] lists it.
    fn id(&self) -> &'static str;

    /// One score per image, `B` in all. **Higher is more suspicious, always.** Never NaN.
    ///
    /// # Errors
    /// What [`Perception`] reports when the detector asks it for more.
    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error>;
}

/// What is known about a detector before it is built.
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
    build: fn() -> Box<dyn Detector>,
}

const QIN: &str = "Qin, Frosst, Sabour, Raffel, Cottrell and Hinton 2020";
const HENDRYCKS: &str = "Hendrycks and Gimpel 2017";

static DETECTORS: [DetectorInfo; 5] = [
    DetectorInfo {
        id: "reconstruction",
        score: "e_p",
        summary: "the image is not a typical p",
        source: QIN,
        build: || Box::new(Reconstruction),
    },
    DetectorInfo {
        id: "alternative",
        score: "e_p / min over k != p of e_k",
        summary: "another label explains the image better",
        source: QIN,
        build: || Box::new(Alternative),
    },
    DetectorInfo {
        id: "cycle",
        score: "1 - softmax_p of the re-encoded decode(onehot p, m)",
        summary: "the reconstruction is classified differently",
        source: QIN,
        build: || Box::new(Cycle),
    },
    DetectorInfo {
        id: "msp",
        score: "log(1 - softmax_p)",
        summary: "baseline: the classifier is not sure",
        source: HENDRYCKS,
        build: || Box::new(Msp),
    },
    DetectorInfo {
        id: "entropy",
        score: "-sum over k of softmax_k log softmax_k",
        summary: "baseline: the classifier wavers between labels",
        source: "Smith and Gal 2018",
        build: || Box::new(Entropy),
    },
];

/// All detectors, in the order in which reports list them.
#[must_use]
pub fn detectors() -> &'static [DetectorInfo] {
    &DETECTORS
}

/// The detector of that id.
///
/// # Errors
/// [`Error::UnknownDetector`], which lists the ids that exist.
pub fn detector(id: &str) -> Result<Box<dyn Detector>, Error> {
    match DETECTORS.iter().find(|info| info.id == id) {
        Some(info) => Ok((info.build)()),
        None => Err(Error::UnknownDetector { id: id.into(), known: DETECTORS.iter().map(|info| info.id).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use super::{detector, detectors};

    #[test]
    fn every_listed_id_finds_the_detector_of_that_id() {
        let ids: Vec<_> = detectors().iter().map(|info| info.id).collect();
        assert_eq!(ids, ["reconstruction", "alternative", "cycle", "msp", "entropy"]);
        for id in ids {
            assert_eq!(detector(id).unwrap().id(), id);
        }
    }

    #[test]
    fn an_unknown_id_is_answered_with_those_that_exist() {
        let message = detector("psychic").err().unwrap().to_string();
        let expected =
            "no detector is called \"psychic\": choose one of reconstruction, alternative, cycle, msp, entropy";
        assert_eq!(message, expected);
    }
}
