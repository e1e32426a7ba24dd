//! [`Quietest`]: of all versions of an image that an attack has tried, the one to hand over.

use crate::Images;

/// What became of a version of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tried {
    /// It missed the goal, with this loss.
    Missed { loss: f64 },
    /// It reached the goal, with this score of the detector.
    Reached { score: f64 },
}

impl Tried {
    /// Whether it fooled the classifier.
    pub(crate) fn is_reached(self) -> bool {
        matches!(self, Self::Reached { .. })
    }

    /// Whether it did, and the detector, which flags above this threshold, lets it pass.
    pub(crate) fn passes(self, threshold: f64) -> bool {
        matches!(self, Self::Reached { score } if score <= threshold)
    }

    /// A success is better than a failure, a success better the lower its score, a failure the higher its loss. A score that
    /// is NaN is the worst of all.
    fn beats(self, other: Self) -> bool {
        match (self, other) {
            (Self::Reached { score }, Self::Reached { score: other }) => score < other || other.is_nan(),
            (Self::Reached { .. }, Self::Missed { .. }) => true,
            (Self::Missed { .. }, Self::Reached { .. }) => false,
            (Self::Missed { loss }, Self::Missed { loss: other }) => loss > other,
        }
    }
}

/// The best version of each image of a batch so far.
pub(crate) struct Quietest {
    images: Images,
    tried: Vec<Tried>,
}

impl Quietest {
    /// The originals, which anything is better than.
    pub(crate) fn new(originals: Images) -> Self {
        Self { tried: vec![Tried::Missed { loss: f64::NEG_INFINITY }; originals.count()], images: originals }
    }

    /// Keeps a version of an image if it beats those before.
    pub(crate) fn offer(&mut self, image: usize, x: &[f32], tried: Tried) {
        if tried.beats(self.tried[image]) {
            self.images.row_mut(image).copy_from_slice(x);
            self.tried[image] = tried;
        }
    }

    /// The images whose best version is of this kind.
    pub(crate) fn those(&self, are: impl Fn(Tried) -> bool) -> Vec<usize> {
        (0..self.tried.len()).filter(|&image| are(self.tried[image])).collect()
    }

    /// The images kept.
    pub(crate) fn finish(self) -> Images {
        self.images
    }
}
