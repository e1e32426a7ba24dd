//! [`Watched`]: a model that shows somebody each question before it answers: to count, to film, to stop an attack.
//!
//! No attack knows that it is watched.

use candle_core::{Result, Tensor};

use crate::{LogitLoss, LossGradient, Model, ScoreGradient, Signature, Suspicion};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The model's logits.
    Logits,
    /// A loss and its gradient.
    LossGradient,
    /// The score of the detector in front of the model, and its gradient.
    Suspicion,
}

/// Answers as the model does, and its detector if it has one. The closure sees question and images `(B, ...)` before; an error that
/// it returns is the answer.
pub struct Watched<M, F> {
    model: M,
    watch: F,
}

impl<M: Model, F: Fn(Question, &Tensor) -> Result<()> + Sync> Watched<M, F> {
    /// The model, watched; a reference will do.
    pub fn new(model: M, watch: F) -> Self {
        Self { model, watch }
    }

    fn detector(&self) -> Result<&dyn Suspicion> {
        match self.model.suspicion() {
            Some(detector) => Ok(detector),
            None => candle_core::bail!("no detector stands in front of the model"),
        }
    }
}

impl<M: Model, F: Fn(Question, &Tensor) -> Result<()> + Sync> Model for Watched<M, F> {
    fn signature(&self) -> Signature {
        self.model.signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        (self.watch)(Question::Logits, x)?;
        self.model.logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        (self.watch)(Question::LossGradient, x)?;
        self.model.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        self.model.suspicion().map(|_| self as &dyn Suspicion)
    }
}

impl<M: Model, F: Fn(Question, &Tensor) -> Result<()> + Sync> Suspicion for Watched<M, F> {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        (self.watch)(Question::Suspicion, x)?;
        self.detector()?.evaluate(x)
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        (self.watch)(Question::Suspicion, x)?;
        self.detector()?.supposing(x, labels, temperature)
    }

    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        (self.watch)(Question::Suspicion, x)?;
        self.detector()?.drawing(x, labels)
    }

    fn threshold(&self) -> Option<f32> {
        self.model.suspicion()?.threshold()
    }
}
