//! Gradients of a loss with respect to every weight.

use super::engine::Engine;

/// One flat buffer in the order and the shapes of the network's [`Layout`](crate::Layout). Each way back writes its half: the
/// encoder's or the decoder's tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients(Vec<f32>);

impl Gradients {
    /// Zeros.
    pub fn new(engine: &Engine) -> Self {
        Self(vec![0.0; engine.encoder.floats() + engine.decoder.floats()])
    }

    /// All tensors, one behind the other.
    pub fn flat(&self) -> &[f32] {
        &self.0
    }

    pub(super) fn flat_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
