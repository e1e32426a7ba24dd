//! [`ClassConditional`]: what reconstruction-based detectors need of a model besides logits, an encoder with a style code, and a
//! decoder that draws an image from a label and a style. No attack asks for it.

use candle_core::{DType, Result, Tensor};

use crate::Model;

/// What an encoder makes of a batch of images.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// `(B, K)`.
    pub logits: Tensor,
    /// `(B, S)`, the style code, each entry in (0, 1).
    pub style: Tensor,
}

/// A classifier that can also run backwards: draw the image that it believes a label and a style stand for.
pub trait ClassConditional: Model {
    /// Images `(B, ...)` to logits and style.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    fn encode(&self, x: &Tensor) -> Result<Encoding>;

    /// A label distribution `(B, K)` and a style `(B, S)` to images `(B, ...)`; differentiable by candle in both.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor>;

    /// The reconstruction error under every label, `(B, K)`: entry `k` is `||decode(onehot k, style) - x||²`, summed over
    /// pixels; differentiable by candle in `x` and `style`. Here one decoding per label; a model that can share work between
    /// them overrides it.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    fn class_errors(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let (batch, classes) = (x.dim(0)?, self.signature().classes);
        let eye = Tensor::eye(classes, DType::F32, x.device())?;
        let errors = (0..classes)
            .map(|k| {
                let label = eye.narrow(0, k, 1)?.broadcast_as((batch, classes))?.contiguous()?;
                let difference = (self.decode(&label, style)? - x)?;
                difference.flatten_from(1)?.sqr()?.sum(1)
            })
            .collect::<Result<Vec<_>>>()?;
        Tensor::stack(&errors, 1)
    }
}
