//! [`Seen`]: a set of `detect.csv`.

use robust_detectors::Status;

/// The scores of all detectors on a set of images.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) index: Vec<u32>,
    /// Empty where images have no label.
    pub(super) label: Vec<u32>,
    pub(super) prediction: Vec<u32>,
    /// None for images that nobody attacked.
    pub(super) status: Vec<Option<Status>>,
    /// A column per detector.
    pub(super) scores: Vec<Vec<f32>>,
}

impl Seen {
    /// Whether these are images as they are: nobody attacked them.
    pub(super) fn is_natural(&self) -> bool {
        self.status.iter().all(Option::is_none)
    }

    /// What decides whether two sets hold versions of the same images.
    pub(super) fn identity(&self) -> (&[u32], &[u32]) {
        (&self.index, &self.label)
    }
}
