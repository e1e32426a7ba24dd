//! The detector that a command's attacks know and are against: all of them the same, where any does.

use anyhow::Result;
use robust_detectors::{Detector, Gradient, Threshold, detector};

use super::bench::{Bench, DEFAULT_FPR};
use super::calibrated::detector_at;
use super::session::Session;
use super::subject::Subject;
use crate::evaluation::PlannedAttack;

/// The detector of a bench that the attacks are against, flagging as it does there.
pub(crate) fn known<'a>(attacks: &mut [PlannedAttack], bench: &'a Bench) -> Option<Gradient<'a>> {
    let id = against(attacks)?;
    let gauge = bench.gauges.iter().find(|gauge| gauge.id == id)?;
    Some(facing(attacks, bench.subject, bench.screen.detector(id)?, gauge.threshold))
}

/// The network with that detector, flagging above that threshold.
pub(crate) fn facing<'a>(
    attacks: &mut [PlannedAttack],
    subject: &'a Subject,
    detector: &'a dyn Detector,
    threshold: Threshold,
) -> Gradient<'a> {
    attacks.iter_mut().for_each(|attack| attack.set_threshold(threshold));
    Gradient::new(&subject.network, detector).flagging(threshold)
}

/// The detector that the attacks are against, where any is, and its threshold for 5 % of clean images.
pub(crate) fn detector_against(
    attacks: &[PlannedAttack],
    session: &Session,
    quiet: bool,
) -> Result<Option<(Box<dyn Detector>, Threshold)>> {
    let Some(id) = against(attacks) else { return Ok(None) };
    detector_at(detector(id)?, DEFAULT_FPR, &session.subject, quiet, || session.validation()).map(Some)
}

fn against(attacks: &[PlannedAttack]) -> Option<&'static str> {
    attacks.iter().find_map(|attack| attack.against)
}
