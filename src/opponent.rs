//! [`Opponent`]: what attacks are against, the network and, for those that know it, a detector.

use candle_core::Tensor;
use robust_attacks::{LogitLoss, LossGradient, Model, ScoreGradient, Suspicion};
use robust_detectors::{Detector, Gradient};

use crate::network::StyleMemory;

/// A network, and a detector that gives itself away.
#[derive(Clone, Copy)]
pub struct Opponent<'a> {
    /// The network.
    pub network: &'a StyleMemory,
    /// None where no attack knows one.
    pub detector: Option<&'a dyn Detector>,
}

impl Model for Opponent<'_> {
    fn logits(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.network.logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> candle_core::Result<LossGradient> {
        self.network.loss_gradient(x, loss)
    }

    fn suspicion(&self) -> Option<&dyn Suspicion> {
        self.detector.map(|_| self as &dyn Suspicion)
    }
}

impl Suspicion for Opponent<'_> {
    fn evaluate(&self, x: &Tensor) -> candle_core::Result<ScoreGradient> {
        match self.detector {
            Some(detector) => Gradient::new(self.network, detector).evaluate(x),
            None => candle_core::bail!("no detector stands in front of the network"),
        }
    }
}
