//! The detector that a command's attacks are against.

use anyhow::{Context, Result};
use robust_data::SplitName;
use robust_detectors::{Detector, Fit, detector};

use super::panel::calibration;
use super::session::Session;
use crate::plan::PlannedAttack;

/// The detector that the attacks are against, where any is, ready to run.
pub(super) fn detector_against(
    attacks: &[PlannedAttack],
    session: &Session,
    quiet: bool,
) -> Result<Option<Box<dyn Detector>>> {
    let Some(id) = attacks.iter().find_map(|attack| attack.against) else { return Ok(None) };
    let info = detector(id)?;
    let calibration =
        calibration(&session.subject, &[info], quiet, || Ok(session.dataset.split(SplitName::Validation)?))?;
    let none = Fit::default();
    let fit = calibration.fits.get(id).unwrap_or(&none);
    let classes = session.subject.checkpoint.metadata.classes;
    let restored = info.restore(fit, classes);
    Ok(Some(restored.with_context(|| format!("detector {id} cannot be restored"))?))
}
