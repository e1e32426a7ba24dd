//! Gradients of a loss with respect to every weight.

use super::tensors::Shapes;

/// One flat buffer in the order and the shapes of [`Layout`](crate::network::Layout). The kernels add to it.
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

    /// Sets all to zero.
    pub fn clear(&mut self) {
        self.flat.fill(0.0);
    }

    /// Adds another worker's.
    ///
    /// # Panics
    /// When they belong to a network of another shape.
    pub fn add(&mut self, other: &Self) {
        assert_eq!(self.shapes, other.shapes, "gradients of networks of different shapes");
        self.flat.iter_mut().zip(&other.flat).for_each(|(sum, value)| *sum += value);
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
