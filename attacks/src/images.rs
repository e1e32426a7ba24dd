//! A batch of images on the host, one row of pixels per image: where attacks do their arithmetic.

use candle_core::{DType, Device, Shape, Tensor};

use crate::Error;

/// Images `(B, ...)` as `B` rows of `n` pixels.
#[derive(Debug, Clone)]
pub struct Images {
    shape: Shape,
    row: usize,
    pixels: Vec<f32>,
}

impl Images {
    /// Copies a tensor `(B, ...)` of f32 from its device.
    ///
    /// # Errors
    /// [`Error::ImageShape`] without a batch dimension, an image or a pixel; [`Error::ImageType`] unless f32.
    pub fn from_tensor(images: &Tensor) -> Result<Self, Error> {
        if images.rank() < 2 || images.elem_count() == 0 {
            return Err(Error::ImageShape(images.shape().clone()));
        }
        if images.dtype() != DType::F32 {
            return Err(Error::ImageType(images.dtype()));
        }
        let row = images.elem_count() / images.dim(0)?;
        Ok(Self { shape: images.shape().clone(), row, pixels: images.flatten_all()?.to_vec1()? })
    }

    /// Copies the images to a device, in their original shape.
    ///
    /// # Errors
    /// Whatever candle reports, such as a device out of memory.
    pub fn to_tensor(&self, device: &Device) -> Result<Tensor, Error> {
        Ok(Tensor::from_slice(&self.pixels, self.shape.clone(), device)?)
    }

    /// Images of the same shape with every pixel zero.
    #[must_use]
    pub fn zeros_like(&self) -> Self {
        Self { shape: self.shape.clone(), row: self.row, pixels: vec![0.0; self.pixels.len()] }
    }

    /// The shape `(B, ...)`.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The height and width of images `(B, C, H, W)` or `(B, H, W)`.
    ///
    /// # Errors
    /// [`Error::Plane`] for images of any other shape.
    pub fn plane(&self) -> Result<(usize, usize), Error> {
        match *self.shape.dims() {
            [_, height, width] | [_, _, height, width] => Ok((height, width)),
            _ => Err(Error::Plane(self.shape.clone())),
        }
    }

    /// How many images there are, `B`.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pixels.len() / self.row
    }

    /// The pixels of each image.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.pixels.chunks_exact(self.row)
    }

    /// A gradient with respect to images of this shape.
    pub(crate) fn of_gradient(gradient: &Tensor, expected: &Shape) -> Result<Self, Error> {
        let gradients = Self::from_tensor(gradient)?;
        if gradients.shape() != expected {
            return Err(Error::Gradient { found: gradient.shape().clone(), expected: expected.clone() });
        }
        Ok(gradients)
    }

    /// Some of the images, by position.
    #[must_use]
    pub(crate) fn select(&self, images: &[usize]) -> Self {
        let mut pixels = Vec::with_capacity(images.len() * self.row);
        images.iter().for_each(|&image| pixels.extend_from_slice(self.row(image)));
        let dims = [&[images.len()], &self.shape.dims()[1..]].concat();
        Self { shape: dims.into(), row: self.row, pixels }
    }

    /// The pixels of one image.
    pub(crate) fn row(&self, image: usize) -> &[f32] {
        &self.pixels[image * self.row..][..self.row]
    }

    /// The pixels of one image, to change.
    pub(crate) fn row_mut(&mut self, image: usize) -> &mut [f32] {
        &mut self.pixels[image * self.row..][..self.row]
    }

    /// The pixels of each image, to change.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.pixels.chunks_exact_mut(self.row)
    }
}
