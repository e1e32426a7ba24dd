//! Images of one shape as floats, and the step from pixels to a tensor.

use std::borrow::Borrow;

use candle_core::{Device, Tensor};

use crate::{Error, ImageShape};

/// `N` images of one shape, f32 in [0, 1], of unknown label: what a person hands in to be screened.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    shape: ImageShape,
    pixels: Vec<f32>,
}

impl Images {
    /// `pixels` is whole images of that shape one after the other; the readers see to that.
    pub(crate) fn new(shape: ImageShape, pixels: Vec<f32>) -> Self {
        debug_assert_eq!(pixels.len() % shape.values(), 0);
        Self { shape, pixels }
    }

    /// Others of the same shape behind these.
    pub(crate) fn append(&mut self, others: Self) {
        debug_assert_eq!(self.shape, others.shape);
        if self.pixels.is_empty() {
            self.pixels = others.pixels;
        } else {
            self.pixels.extend(others.pixels);
        }
    }

    /// Not one image of that shape.
    #[must_use]
    pub fn none(shape: ImageShape) -> Self {
        Self { shape, pixels: Vec::new() }
    }

    /// The shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// How many images, `N`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len() / self.shape.values()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// `N` times [`ImageShape::values`] pixels, f32 in [0, 1], image by image.
    #[must_use]
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// The images at `rows` (a range, or a slice of positions) as a tensor `(B, C, H, W)`, f32
    /// in [0, 1].
    ///
    /// # Errors
    /// A row that is not there; whatever candle reports.
    pub fn image_tensor(
        &self,
        rows: impl IntoIterator<Item = impl Borrow<usize>>,
        device: &Device,
    ) -> Result<Tensor, Error> {
        gather(self.shape, &self.pixels, rows, device, |pixel| pixel)
    }
}

/// The pixel in [0, 1] that a stored byte stands for.
#[must_use]
#[inline]
pub fn pixel(byte: u8) -> f32 {
    f32::from(byte) / 255.0
}

/// Copies whole images out of `pixels`, converts each pixel with `value` and makes the tensor `(B, C, H, W)`, f32.
pub(crate) fn gather<P: Copy>(
    shape: ImageShape,
    pixels: &[P],
    rows: impl IntoIterator<Item = impl Borrow<usize>>,
    device: &Device,
    value: impl Fn(P) -> f32,
) -> Result<Tensor, Error> {
    let size = shape.values();
    let (rows, len) = (rows.into_iter(), pixels.len() / size);
    let mut batch = Vec::with_capacity(rows.size_hint().0 * size);
    for row in rows {
        let row = *row.borrow();
        if row >= len {
            return Err(Error::Row { row, len });
        }
        batch.extend(pixels[row * size..][..size].iter().map(|&pixel| value(pixel)));
    }
    let ImageShape { channels, height, width } = shape;
    let images = batch.len() / size;
    Ok(Tensor::from_vec(batch, (images, channels, height, width), device)?)
}
