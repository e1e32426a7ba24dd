//! Grey images of 28x28 pixels as floats, and the step from pixels to a tensor.

use std::borrow::Borrow;

use candle_core::{Device, Tensor};

use crate::Error;

/// Rows of an image.
pub const HEIGHT: usize = 28;
/// Columns of an image.
pub const WIDTH: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = HEIGHT * WIDTH;
/// The most images that any file may hold: far above every set of this kind, far below what fills a memory.
pub const MAX_IMAGES: usize = 1_000_000;

/// `N` grey images of 28x28 pixels, f32 in [0, 1], of unknown label: what a person hands in to be screened.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    pixels: Vec<f32>,
}

impl Images {
    /// `pixels` is whole images one after the other; the readers see to that.
    pub(crate) fn new(pixels: Vec<f32>) -> Self {
        debug_assert_eq!(pixels.len() % PIXELS, 0);
        Self { pixels }
    }

    /// How many images, `N`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len() / PIXELS
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// `N` times 784 values, image by image, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// The images at `rows` (a range, or a slice of positions) as a tensor `(B, 1, 28, 28)`, f32.
    ///
    /// # Errors
    /// A row that is not there; whatever candle reports.
    pub fn image_tensor(
        &self,
        rows: impl IntoIterator<Item = impl Borrow<usize>>,
        device: &Device,
    ) -> Result<Tensor, Error> {
        gather(&self.pixels, rows, device, |pixel| pixel)
    }
}

/// The pixel in [0, 1] that a stored byte stands for.
#[must_use]
#[inline]
pub fn pixel(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

/// Copies whole images out of `pixels`, converts each pixel with `value` and makes the tensor.
pub(crate) fn gather<P: Copy>(
    pixels: &[P],
    rows: impl IntoIterator<Item = impl Borrow<usize>>,
    device: &Device,
    value: impl Fn(P) -> f32,
) -> Result<Tensor, Error> {
    let (images, _) = pixels.as_chunks::<PIXELS>();
    let rows = rows.into_iter();
    let mut batch = Vec::with_capacity(rows.size_hint().0 * PIXELS);
    for row in rows {
        let row = *row.borrow();
        let image = images.get(row).ok_or(Error::Row { row, len: images.len() })?;
        batch.extend(image.iter().map(|&pixel| value(pixel)));
    }
    let shape = (batch.len() / PIXELS, 1, HEIGHT, WIDTH);
    Ok(Tensor::from_vec(batch, shape, device)?)
}
