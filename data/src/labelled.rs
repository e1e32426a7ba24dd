//! Images with their labels: a file of each, checked against one another and brought into one form.

use crate::{DatasetError, Error, HEIGHT, PIXELS, WIDTH, catalogue::Layout, file::File, idx};

/// Upright images, `N` times 784 bytes, and `N` labels from 0.
pub(crate) struct Labelled {
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u32>,
}

impl Labelled {
    /// Reads both files, the short one first. Labels come out in `0..classes`.
    pub(crate) fn read(images: &File, labels: &File, layout: Layout, classes: usize) -> Result<Self, Error> {
        let labels_path = &labels.path;
        let mut labels = idx::labels(labels)?;
        let first = layout.first_label;
        for (index, label) in labels.iter_mut().enumerate() {
            let found = *label;
            *label = found.wrapping_sub(first);
            if *label as usize >= classes {
                let last = first + classes as u32 - 1;
                return Err(DatasetError::Label { path: labels_path.clone(), index, found, first, last }.into());
            }
        }
        let mut pixels = idx::images(images)?;
        if pixels.len() / PIXELS != labels.len() {
            return Err(DatasetError::Count {
                images_path: images.path.clone(),
                images: pixels.len() / PIXELS,
                labels_path: labels_path.clone(),
                labels: labels.len(),
            }
            .into());
        }
        if layout.transposed {
            transpose(&mut pixels);
        }
        Ok(Self { pixels, labels })
    }

    /// The SHA-256 of the pixels, then the labels, in hexadecimal: a byte each, as the sets of the Hub have at most 256 classes.
    #[cfg(feature = "hub")]
    pub(crate) fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        let labels: Vec<u8> = self.labels.iter().map(|label| label.to_le_bytes()[0]).collect();
        crate::hash::hex(&Sha256::new().chain_update(&self.pixels).chain_update(labels).finalize())
    }

    /// Only the images whose entry in `mask` is `wanted`, in the same order: they move up in place.
    pub(crate) fn select(mut self, mask: &[bool], wanted: bool) -> Self {
        let mut count = 0;
        for row in (0..self.labels.len()).filter(|&row| mask[row] == wanted) {
            self.pixels.copy_within(row * PIXELS..(row + 1) * PIXELS, count * PIXELS);
            self.labels[count] = self.labels[row];
            count += 1;
        }
        self.pixels.truncate(count * PIXELS);
        self.labels.truncate(count);
        self.pixels.shrink_to_fit();
        self
    }
}

/// Swaps rows and columns of every image, in place.
pub(crate) fn transpose(pixels: &mut [u8]) {
    const { assert!(HEIGHT == WIDTH) };
    for image in pixels.as_chunks_mut::<PIXELS>().0 {
        for row in 0..HEIGHT {
            for column in 0..row {
                image.swap(row * WIDTH + column, column * WIDTH + row);
            }
        }
    }
}
