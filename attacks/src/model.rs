//! What an attack may ask of a model: logits, and the gradient of a loss with respect to the pixels.
//!
//! [`Model`] is the whole contract. Closures satisfy it through [`FnModel`]; a model with a faster backward pass than
//! candle's autograd overrides [`Model::loss_gradient`].
//!
//! A model returns **logits, never softmax**: a softmax saturates in float32 and its gradient then vanishes, which looks
//! like robustness and is none (Carlini and Wagner 2017, section V).

use candle_core::{Result, Tensor, Var};

use crate::{Signature, Suspicion};

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
    /// What images it takes, and how many classes it knows. A model around another one hands on the other's.
    fn signature(&self) -> Signature;

    /// Images `(B, ...)` to logits `(B, K)`.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    fn logits(&self, x: &Tensor) -> Result<Tensor>;

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

/// A reference to a model is that model.
impl<M: Model + ?Sized> Model for &M {
    fn signature(&self) -> Signature {
        (**self).signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        (**self).logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        (**self).loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        (**self).suspicion()
    }
}

/// A closure `x -> logits` as a [`Model`].
pub struct FnModel<F> {
    signature: Signature,
    logits: F,
}

impl<F: Fn(&Tensor) -> Result<Tensor> + Sync> FnModel<F> {
    /// The closure, and what it takes and gives.
    pub fn new(signature: Signature, logits: F) -> Self {
        Self { signature, logits }
    }
}

impl<F: Fn(&Tensor) -> Result<Tensor> + Sync> Model for FnModel<F> {
    fn signature(&self) -> Signature {
        self.signature
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        (self.logits)(x)
    }
}
