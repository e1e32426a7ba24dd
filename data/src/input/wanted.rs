//! What a person's images are read for.

use std::path::Path;

use crate::{Error, FitError, ImageShape, Layout, Sizing, fit::Fit, level::Level, prepare::prepare};

/// The shape that a network takes, and how images are brought to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The shape of every image.
    pub shape: ImageShape,
    /// Resizing and cropping on the way to it.
    pub sizing: Sizing,
    /// The layout that images, now of any size, are brought to after that as scans of characters. The shape must be [`ImageShape::GREY`].
    pub prepare: Option<Layout>,
    /// The array of an npz archive; without it `x_adv` or else `x`.
    pub key: Option<&'a str>,
}

impl Wanted<'_> {
    /// Images of this shape, not resized, under the usual keys.
    #[must_use]
    pub fn of(shape: ImageShape) -> Self {
        Self { shape, sizing: Sizing::default(), prepare: None, key: None }
    }

    /// Whether this can be had.
    pub(super) fn check(&self) -> Result<(), FitError> {
        if self.prepare.is_some() && self.shape != ImageShape::GREY {
            return Err(FitError::Prepare { expected: self.shape });
        }
        Ok(())
    }

    /// The first step: sizes and channels.
    pub(super) fn fit<L: Level>(
        &self,
        found: ImageShape,
        images: Vec<L>,
        path: &Path,
    ) -> Result<(ImageShape, Vec<L>), Error> {
        let fit = Fit { sizing: self.sizing, shape: self.prepare.is_none().then_some(self.shape) };
        fit.apply(found, images, path).map_err(|error| match error {
            Error::Fit(FitError::Shape { path, found, expected }) if expected == ImageShape::GREY => {
                FitError::Scan { path, found, expected }.into()
            }
            error => error,
        })
    }

    /// The second: images of `found`, which the first has made, as they are wanted.
    pub(super) fn prepared(&self, found: ImageShape, images: Vec<f32>, path: &Path) -> Result<Vec<f32>, FitError> {
        match self.prepare {
            Some(layout) => prepare(layout, found, &images, path),
            None => Ok(images),
        }
    }
}
