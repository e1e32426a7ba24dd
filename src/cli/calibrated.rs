//! What detectors learned: from the checkpoint, or else from the validation images.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use robust_data::Split;
use robust_detectors::{Detector, DetectorInfo, Fit, Threshold};

use super::out::note;
use super::subject::Subject;
use crate::evaluation::{Calibration, LeftOut};

/// A detector that the network comes with or that the validation images calibrate, and its threshold for a rate of clean images.
pub(crate) fn detector_at(
    info: &'static DetectorInfo,
    fpr: f64,
    subject: &Subject,
    quiet: bool,
    validation: impl FnOnce() -> Result<Split>,
) -> Result<(Box<dyn Detector>, Threshold)> {
    let id = info.id;
    let (calibration, left_out) = calibration(subject, &[info], quiet, validation);
    if let Some(LeftOut { reason, .. }) = left_out.first() {
        bail!(uncalibrated(subject, id, reason));
    }
    let (none, classes) = (Fit::default(), subject.checkpoint.metadata.classes);
    let restored = info.restore(calibration.fits.get(id).unwrap_or(&none), classes);
    let restored = restored.with_context(|| format!("network {}: detector {id} cannot be restored", subject.name))?;
    Ok((restored, Threshold::at_fpr(&calibration.scores[id], fpr)?))
}

/// The checkpoint's calibration, with one made now of those detectors that it has none for, and those for which that is not possible.
pub(crate) fn calibration<'a>(
    subject: &'a Subject,
    detectors: &[&'static DetectorInfo],
    quiet: bool,
    validation: impl FnOnce() -> Result<Split>,
) -> (Cow<'a, Calibration>, Vec<LeftOut>) {
    let stored = &subject.checkpoint.calibration;
    let missing = stored.missing(detectors);
    if missing.is_empty() {
        return (Cow::Borrowed(stored), Vec::new());
    }
    let ids: Vec<&str> = missing.iter().map(|info| info.id).collect();
    let make = |validation: Split| {
        let ids = ids.join(", ");
        note(
            quiet,
            format_args!("the network comes without a calibration of {ids}: making it on the validation images"),
        );
        subject.pool.install(|| Calibration::new(&subject.network, &validation, &subject.device, &missing))
    };
    match validation().and_then(make) {
        Ok((made, left_out)) => (Cow::Owned(stored.clone().with(made)), left_out),
        Err(error) => (Cow::Borrowed(stored), vec![LeftOut { ids, reason: format!("{error:#}") }]),
    }
}

pub(crate) fn uncalibrated(subject: &Subject, id: &str, reason: &str) -> String {
    let name = &subject.name;
    format!(
        "network {name} comes without a calibration of {id} (choose another detector), and none can be made: {reason}"
    )
}
