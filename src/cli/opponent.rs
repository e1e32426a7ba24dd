//! [`Opponent`]: what a command's attacks are against, the network and, for those that know it, a detector.

use anyhow::{Context, Result};
use candle_core::Tensor;
use robust_attacks::{LogitLoss, LossGradient, Model, ScoreGradient, Suspicion};
use robust_data::SplitName;
use robust_detectors::{Detector, Fit, Gradient, detector};

use super::detect::calibration;
use super::plan::PlannedAttack;
use super::session::Session;
use crate::network::StyleMemory;

/// A network, and a detector that gives itself away.
pub(super) struct Opponent<'a> {
    pub(super) network: &'a StyleMemory,
    /// None where no attack knows one.
    pub(super) detector: Option<&'a dyn Detector>,
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

/// The detector that the attacks are against, where any is, ready to run.
pub(super) fn detector_against(
    attacks: &[PlannedAttack],
    session: &Session,
    quiet: bool,
) -> Result<Option<Box<dyn Detector>>> {
    let Some(id) = attacks.iter().find_map(|attack| attack.against) else { return Ok(None) };
    let calibration = calibration(&session.subject, quiet, || Ok(session.dataset.split(SplitName::Validation)?))?;
    let none = Fit::default();
    let fit = calibration.fits.get(id).unwrap_or(&none);
    let classes = session.subject.checkpoint.metadata.classes;
    let restored = detector(id)?.restore(fit, classes);
    Ok(Some(restored.with_context(|| format!("detector {id} cannot be restored"))?))
}
