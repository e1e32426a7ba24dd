//! Gradients of a loss with respect to every weight.

use super::tensors::Shapes;

/// One flat buffer in the order and the shapes of [`Layout`](crate::Layout). Each way back writes its half: the encoder's or
/// the decoder's tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    shapes: Shapes,
    flat: Vec<f32>,
}

impl Gradients {
    /// Zeros.
    pub fn new(shapes: Shapes) -> Self {
        Self { shapes, flat: vec![0.0; shapes.total()] }
    }

    /// All tensors, one behind the other.
    pub fn flat(&self) -> &[f32] {
        &self.flat
    }

    /// Tensor `index`.
    ///
    /// # Panics
    /// When there is no such tensor.
    pub fn tensor(&self, index: usize) -> &[f32] {
        &self.flat[self.shapes.range(index)]
    }

    /// A weight and the bias behind it.
    pub(super) fn layer(&mut self, weight: usize) -> (&mut [f32], &mut [f32]) {
        self.shapes.layer_mut(&mut self.flat, weight)
    }
}
