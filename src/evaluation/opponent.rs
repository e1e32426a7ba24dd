//! [`Opponent`]: what attacks are against, the network and, for those that know it, a detector.

use candle_core::Tensor;
use robust_attacks::{LogitLoss, LossGradient, Model, Suspicion};
use robust_detectors::Gradient;

use robust_networks::StyleMemory;

/// A network, and a detector that gives itself away.
#[derive(Clone, Copy)]
pub struct Opponent<'a> {
    /// The network.
    pub network: &'a StyleMemory,
    /// None where no attack knows one.
    pub detector: Option<Gradient<'a>>,
}

impl Model for Opponent<'_> {
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.network.logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> candle_core::Result<LossGradient> {
        self.network.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        self.detector.as_ref().map(|detector| detector as &dyn Suspicion)
    }
}
