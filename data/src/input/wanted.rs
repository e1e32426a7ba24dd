//! What a person's images are read for.

use crate::{ImageShape, Sizing, fit::Fit};

/// The shape that a network takes, and how images are brought to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The shape of every image.
    pub shape: ImageShape,
    /// Resizing and cropping on the way to it.
    pub sizing: Sizing,
    /// The array of an npz archive; without it `x_adv` or else `x`.
    pub key: Option<&'a str>,
}

impl Wanted<'_> {
    /// Images of this shape, not resized, under the usual keys.
    #[must_use]
    pub fn of(shape: ImageShape) -> Self {
        Self { shape, sizing: Sizing::default(), key: None }
    }

    pub(super) fn fit(&self) -> Fit {
        Fit { sizing: self.sizing, shape: Some(self.shape) }
    }
}
