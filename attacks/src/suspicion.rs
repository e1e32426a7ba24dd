//! What an attack may ask of a detector: scores, and their gradient with respect to the pixels.
//!
//! A classifier with a detector in front of it is [`Guarded`]: a [`Model`] that gives its detector away
//! ([`Model::suspicion`]). Attacks that know the detector ask for it there.

use candle_core::{Result, Tensor, Var};

use crate::{Bounds, LogitLoss, LossGradient, Model};

/// A detector's score, higher being more suspicious, that can be descended.
pub trait Suspicion: Sync {
    /// Scores and gradients of the images `(B, ...)`, f32 within the model's bounds. What is said of an image must depend on
    /// that image alone.
    ///
    /// # Errors
    /// Whatever the model or the detector reports.
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient>;

    /// The score above which it flags, where that is settled: what an attack with early stop has to come down to.
    fn threshold(&self) -> Option<f32> {
        None
    }
}

/// What a detector says of a batch.
#[derive(Debug, Clone)]
pub struct ScoreGradient {
    /// `(B)`, the score that the detector flags by.
    pub scores: Tensor,
    /// The shape of the images: the direction in which each image's score grows. Where the score has no gradient, or a useless
    /// one, that of a function that grows with it.
    pub gradient: Tensor,
}

impl ScoreGradient {
    /// Scores `(B)` that are a differentiable function of the images, by candle's autograd.
    ///
    /// # Errors
    /// Whatever candle reports, or that the scores do not depend on `x`.
    pub fn of(x: &Tensor, score: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let x = Var::from_tensor(&x.detach())?;
        let scores = score(&x)?;
        let gradients = scores.sum_all()?.backward()?;
        match gradients.get(&x) {
            Some(gradient) => Ok(Self { scores: scores.detach(), gradient: gradient.clone() }),
            None => candle_core::bail!("the scores do not depend on the images: no gradient reached them"),
        }
    }
}

/// A classifier with a detector in front of it: what an attack that knows the detector attacks.
#[derive(Clone, Copy)]
pub struct Guarded<'a> {
    /// The classifier.
    pub model: &'a dyn Model,
    /// The detector.
    pub detector: &'a dyn Suspicion,
}

impl Model for Guarded<'_> {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.model.logits(x)
    }

    fn bounds(&self) -> Bounds {
        self.model.bounds()
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.model.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        Some(self.detector)
    }
}
