//! What an attack may ask of a model: logits, and the gradient of a loss with respect to the pixels.
//!
//! [`Model`] is the whole contract. Closures satisfy it through [`FnModel`]; a model with a faster backward pass than
//! candle's autograd overrides [`Model::loss_gradient`]. [`ClassConditional`] adds what reconstruction-based detectors
//! need: an encoder with a style code, and a decoder that draws an image from a label and a style.
//!
//! A model returns **logits, never softmax**: a softmax saturates in float32 and its gradient then vanishes, which looks
//! like robustness and is none (Carlini and Wagner 2017, section V).

use candle_core::{DType, Result, Tensor, Var};

use crate::Suspicion;

/// The closed interval that pixels live in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest pixel value.
    pub min: f32,
    /// Largest pixel value.
    pub max: f32,
}

impl Bounds {
    /// Pixels in [0, 1], the usual case.
    pub const UNIT: Self = Self { min: 0.0, max: 1.0 };

    /// Moves each pixel to the nearest value within the bounds.
    pub fn clip(self, pixels: &mut [f32]) {
        for pixel in pixels {
            *pixel = pixel.max(self.min).min(self.max);
        }
    }
}

/// A loss per image as a function of the logits: `(B, K) -> (B)`, differentiable by candle.
pub type LogitLoss<'a> = &'a dyn Fn(&Tensor) -> Result<Tensor>;

/// What one forward and backward pass yields.
#[derive(Debug, Clone)]
pub struct LossGradient {
    /// `(B, K)`.
    pub logits: Tensor,
    /// `(B)`, the loss of each image.
    pub loss: Tensor,
    /// The shape of the images: the gradient of the *sum* of the losses. Since an image's loss depends on that image
    /// alone, row `i` is the gradient of loss `i`, whatever else is in the batch.
    pub gradient: Tensor,
}

/// A differentiable classifier of images `(B, ...)`, f32.
pub trait Model: Sync {
    /// Images `(B, ...)` to logits `(B, K)`.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    fn logits(&self, x: &Tensor) -> Result<Tensor>;

    /// Where pixels live; [0, 1] unless the model says otherwise.
    fn bounds(&self) -> Bounds {
        Bounds::UNIT
    }

    /// Logits, losses, and the gradient of the summed loss with respect to `x`, by candle's autograd.
    ///
    /// # Errors
    /// Whatever candle reports, or that the logits do not depend on `x`.
    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        let x = Var::from_tensor(&x.detach())?;
        let logits = self.logits(&x)?;
        let losses = loss(&logits)?;
        let grads = losses.sum_all()?.backward()?;
        let gradient = match grads.get(&x) {
            Some(gradient) => gradient.clone(),
            None => candle_core::bail!("the logits do not depend on the input: no gradient reached it"),
        };
        Ok(LossGradient { logits: logits.detach(), loss: losses.detach(), gradient })
    }

    /// The detector in front of the model, if there is one: see [`Guarded`](crate::Guarded).
    fn suspicion(&self) -> Option<&dyn Suspicion> {
        None
    }
}

/// A closure `x -> logits` as a [`Model`] with pixels in [0, 1].
pub struct FnModel<F>(pub F);

impl<F: Fn(&Tensor) -> Result<Tensor> + Sync> Model for FnModel<F> {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        (self.0)(x)
    }
}

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
    /// Number of labels, `K`.
    fn classes(&self) -> usize;

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
        let (batch, classes) = (x.dim(0)?, self.classes());
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
