//! Images with their labels, in one form whatever they were read from.

use std::path::Path;

use crate::{Error, ImageShape, fit::Fit};

/// `N` upright images of one shape as bytes, and `N` labels from 0.
#[derive(Debug, Clone)]
pub(crate) struct Labelled {
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u32>,
}

impl Labelled {
    /// The SHA-256 of the pixels, then the labels, in hexadecimal: a byte each, as the sets of the Hub have at most 256 classes.
    #[cfg(feature = "hub")]
    pub(crate) fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        let labels: Vec<u8> = self.labels.iter().map(|label| label.to_le_bytes()[0]).collect();
        crate::hash::hex(&Sha256::new().chain_update(&self.pixels).chain_update(labels).finalize())
    }

    /// Only the images whose entry in `mask` is true, in the same order: they move up in place.
    pub(crate) fn select(mut self, mask: &[bool]) -> Self {
        let (mut count, size) = (0, self.shape.values());
        for row in (0..self.labels.len()).filter(|&row| mask[row]) {
            self.pixels.copy_within(row * size..(row + 1) * size, count * size);
            self.labels[count] = self.labels[row];
            count += 1;
        }
        self.pixels.truncate(count * size);
        self.labels.truncate(count);
        self.pixels.shrink_to_fit();
        self
    }

    /// The images made fit; `path` is where they come from.
    ///
    /// # Errors
    /// As [`Fit::apply`].
    pub(crate) fn fit(self, fit: &Fit, path: &Path) -> Result<Self, Error> {
        let (shape, pixels) = fit.apply(self.shape, self.pixels, path)?;
        Ok(Self { shape, pixels, labels: self.labels })
    }

    /// Swaps rows and columns of every plane.
    pub(crate) fn transpose(&mut self) {
        let ImageShape { channels, height, width } = self.shape;
        let mut scratch = vec![0; height * width];
        for plane in self.pixels.chunks_exact_mut(height * width) {
            for (row, levels) in plane.chunks_exact(width).enumerate() {
                for (column, &level) in levels.iter().enumerate() {
                    scratch[column * height + row] = level;
                }
            }
            plane.copy_from_slice(&scratch);
        }
        self.shape = ImageShape { channels, height: width, width: height };
    }
}
