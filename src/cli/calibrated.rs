//! What detectors learned: from the checkpoint, or else from the validation images.

use std::borrow::Cow;

use anyhow::Result;
use robust_data::Split;
use robust_detectors::DetectorInfo;

use super::out::note;
use super::subject::Subject;
use crate::evaluation::{Calibration, LeftOut};

/// The checkpoint's calibration, with one made now of those detectors that it has none for, and those for which that is not possible.
pub(crate) fn calibration<'a>(
    subject: &'a Subject,
    detectors: &[&'static DetectorInfo],
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
        let what = "making it on the validation images";
        note(subject.quiet, format_args!("the network comes without a calibration of {ids}: {what}"));
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
