//! The detectors that a command runs: which they are, what they learned, and above which score each flags.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use robust_data::Split;
use robust_detectors::{Detector, DetectorInfo, Fit, Threshold, detectors};

use super::flags::FlaggingFlags;
use super::names::ALL;
use super::say::note;
use super::session::Subject;
use crate::evaluation::{Calibration, LeftOut};
use crate::evaluation::Gauge;
use crate::evaluation::PlannedAttack;
use crate::evaluation::Screen;

/// The detector that flags unless --detector names another.
pub(super) const DEFAULT_DETECTOR: &str = "combined";
/// The rate of the stored thresholds.
pub(super) const DEFAULT_FPR: f64 = 0.05;

/// The id of the detector that flags.
pub(super) fn chosen_detector(flags: &FlaggingFlags) -> &'static str {
    flags.detector.unwrap_or(DEFAULT_DETECTOR)
}

/// A detector to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    info: &'static DetectorInfo,
    /// Whether somebody named it: it is not left out where it cannot be calibrated.
    named: bool,
}

/// The detectors to run: those that the flags name, or else all that run by default; and always the one that flags, and those that
/// attacks are against.
pub(super) fn chosen_detectors(flags: &FlaggingFlags, chosen: &str, planned: &[PlannedAttack]) -> Vec<Wanted> {
    let wanted = |info: &'static DetectorInfo| {
        let known_to_attack = planned.iter().any(|attack| attack.against == Some(info.id));
        let named = flags.detectors.contains(&info.id) || info.id == chosen || known_to_attack;
        let by_group = if flags.detectors.is_empty() { info.by_default } else { flags.detectors.contains(&ALL) };
        (named || by_group).then_some(Wanted { info, named })
    };
    detectors().iter().filter_map(wanted).collect()
}

/// The rate that thresholds are made for; none if the user gave the chosen detector's.
pub(super) fn threshold_fpr(flags: &FlaggingFlags) -> Option<f64> {
    match flags.threshold {
        Some(Some(_)) => None,
        _ => Some(flags.fpr.unwrap_or(DEFAULT_FPR)),
    }
}

/// The detectors of a command, calibrated and in front of its network.
pub(super) struct Panel<'a> {
    pub(super) calibration: Cow<'a, Calibration>,
    pub(super) screen: Screen<'a>,
    /// Every detector of the screen with its threshold, from the validation scores.
    pub(super) gauges: Vec<Gauge>,
}

impl<'a> Panel<'a> {
    /// Calibrates those of the detectors that the checkpoint has no calibration of on the validation images. One that nobody named is
    /// left out, with a remark, where that is not possible.
    pub(super) fn open(
        flags: &FlaggingFlags,
        chosen: &str,
        wanted: &[Wanted],
        subject: &'a Subject,
        quiet: bool,
        validation: impl FnOnce() -> Result<Split>,
    ) -> Result<Self> {
        let infos: Vec<_> = wanted.iter().map(|wanted| wanted.info).collect();
        let (calibration, left_out) = calibration(subject, &infos, quiet, validation);
        for LeftOut { ids, reason } in &left_out {
            if let Some(missing) = wanted.iter().find(|wanted| wanted.named && ids.contains(&wanted.info.id)) {
                bail!(uncalibrated(subject, missing.info.id, reason));
            }
            note(quiet, format_args!("left out, for want of a calibration: {} ({reason})", ids.join(", ")));
        }
        let left: Vec<_> = infos.into_iter().filter(|info| calibration.scores.contains_key(info.id)).collect();
        let of_network = || format!("network {}", subject.name);
        let screen = Screen::new(&subject.network, &left, &calibration.fits).with_context(of_network)?;
        let fpr = flags.fpr.unwrap_or(DEFAULT_FPR);
        let gauges = left.iter().enumerate().map(|(position, DetectorInfo { id, .. })| {
            let threshold = match flags.threshold {
                Some(Some(score)) if *id == chosen => Threshold::new(score)?,
                _ => Threshold::at_fpr(&calibration.scores[*id], fpr)?,
            };
            Ok(Gauge { position, id, threshold })
        });
        let gauges = gauges.collect::<Result<_>>()?;
        Ok(Self { calibration, screen, gauges })
    }

    /// The ascending validation scores of each detector, by id.
    pub(super) fn scores(&self) -> &BTreeMap<String, Vec<f32>> {
        &self.calibration.scores
    }
}

/// A detector that the network comes with or that the validation images calibrate, and its threshold for a rate of clean images.
pub(super) fn detector_at(
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
fn calibration<'a>(
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

fn uncalibrated(subject: &Subject, id: &str, reason: &str) -> String {
    let name = &subject.name;
    format!(
        "network {name} comes without a calibration of {id} (choose another detector), and none can be made: {reason}"
    )
}

/// The gauge of a detector that is known to exist.
pub(super) fn gauge(gauges: &[Gauge], id: &str) -> Result<Gauge> {
    gauges.iter().find(|gauge| gauge.id == id).copied().with_context(|| format!("detector {id} was not run"))
}
