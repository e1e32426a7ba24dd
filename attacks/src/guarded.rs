//! [`Guarded`]: a classifier with a detector in front of it.

use candle_core::{Result, Tensor};

use crate::{LogitLoss, LossGradient, Model, Signature, Suspicion};

/// A classifier with a detector in front of it: what an attack that knows the detector attacks. References will do.
#[derive(Clone, Copy)]
pub struct Guarded<M, D> {
    /// The classifier.
    pub model: M,
    /// The detector.
    pub detector: D,
}

impl<M: Model, D: Suspicion> Model for Guarded<M, D> {
    fn signature(&self) -> Signature {
        self.model.signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.model.logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.model.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        Some(&self.detector)
    }
}
