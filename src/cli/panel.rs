//! The detectors that a command runs: which they are, what they learned, and above which score each flags.

use std::borrow::Cow;

use anyhow::{Context, Result};
use robust_data::Split;
use robust_detectors::{DetectorInfo, Threshold, detectors};

use super::flags::FlaggingFlags;
use super::plan;
use super::say::note;
use super::session::Subject;
use crate::calibration::Calibration;
use crate::detection::Gauge;
use crate::plan::PlannedAttack;
use crate::screening::Screen;

/// The detector that flags unless --detector names another.
pub(super) const DEFAULT_DETECTOR: &str = "combined";
/// The rate of the stored thresholds.
pub(super) const DEFAULT_FPR: f64 = 0.05;
/// What --detectors calls all of them.
const ALL: &str = "all";

/// The id of the detector that flags.
pub(super) fn chosen_detector(flags: &FlaggingFlags) -> Result<&'static str> {
    Ok(plan::known_detector(flags.detector.as_deref().unwrap_or(DEFAULT_DETECTOR), "--detector")?)
}

/// The detectors to run: those that the flags name, or else all that run by default; and always the one that flags, and those that
/// attacks are against.
pub(super) fn chosen_detectors(
    flags: &FlaggingFlags,
    chosen: &str,
    planned: &[PlannedAttack],
) -> Result<Vec<&'static DetectorInfo>> {
    let named = flags.detectors.iter().filter(|id| *id != ALL);
    let named = named.map(|id| plan::known_detector(id, "--detectors")).collect::<Result<Vec<_>, _>>()?;
    let all = flags.detectors.iter().any(|id| id == ALL);
    let is_wanted = |info: &&DetectorInfo| {
        let by_name = if flags.detectors.is_empty() { info.by_default } else { all || named.contains(&info.id) };
        by_name || info.id == chosen || planned.iter().any(|attack| attack.against == Some(info.id))
    };
    Ok(detectors().iter().filter(is_wanted).collect())
}

/// The rate that thresholds are made for; none if the user gave the chosen detector's.
pub(super) fn threshold_fpr(flags: &FlaggingFlags) -> Option<f64> {
    match flags.threshold {
        Some(Some(_)) => None,
        _ => Some(flags.fpr.unwrap_or(DEFAULT_FPR)),
    }
}

/// The checkpoint's calibration, with one made now of those detectors that it has none for.
pub(super) fn calibration<'a>(
    subject: &'a Subject,
    detectors: &[&'static DetectorInfo],
    quiet: bool,
    validation: impl FnOnce() -> Result<Split>,
) -> Result<Cow<'a, Calibration>> {
    let stored = &subject.checkpoint.calibration;
    let missing = stored.missing(detectors);
    if missing.is_empty() {
        return Ok(Cow::Borrowed(stored));
    }
    let ids: Vec<&str> = missing.iter().map(|info| info.id).collect();
    let ids = ids.join(", ");
    note(quiet, format_args!("the network comes without a calibration of {ids}: making it on the validation images"));
    let validation = validation()?;
    let made = || Calibration::new(&subject.network, &validation, &subject.device, &missing);
    let made = subject.pool.install(made).map_err(|error| subject.named(error))?;
    Ok(Cow::Owned(stored.clone().with(made)))
}

/// Every detector of the screen with its threshold, from the validation scores.
pub(super) fn gauges(
    flags: &FlaggingFlags,
    calibration: &Calibration,
    screen: &Screen,
    chosen: &str,
) -> Result<Vec<Gauge>> {
    let fpr = flags.fpr.unwrap_or(DEFAULT_FPR);
    let gauges = screen.detectors().iter().enumerate().map(|(position, detector)| {
        let id = detector.id();
        let threshold = match flags.threshold {
            Some(Some(score)) if id == chosen => Threshold::new(score)?,
            _ => Threshold::at_fpr(&calibration.scores[id], fpr)?,
        };
        Ok(Gauge { position, id, threshold })
    });
    gauges.collect()
}

/// The gauge of a detector that is known to exist.
pub(super) fn gauge(gauges: &[Gauge], id: &str) -> Result<Gauge> {
    gauges.iter().find(|gauge| gauge.id == id).copied().with_context(|| format!("detector {id} was not run"))
}
