//! The network and detector that a command's attacks are against.

use anyhow::Result;
use robust_attacks::{Guarded, Model};
use robust_data::SplitName;
use robust_detectors::{Detector, Gradient, Threshold, detector};
use robust_networks::StyleMemory;

use super::panel::{DEFAULT_FPR, detector_at, gauge};
use super::session::Session;
use crate::detection::Gauge;
use crate::plan::PlannedAttack;
use crate::screening::Screen;

/// What attacks are against: the session's network, behind that detector of a screen that they are to know, where any is, flagging
/// as it does there.
pub(super) fn opponent<'a>(
    attacks: &mut [PlannedAttack],
    session: &'a Session,
    screen: &'a Screen,
    gauges: &[Gauge],
) -> Result<Box<dyn Model + 'a>> {
    let known = against(attacks).and_then(|id| screen.detector(id));
    let Some(known) = known else { return Ok(Box::new(&session.subject.network)) };
    Ok(Box::new(facing(attacks, session, known, gauge(gauges, known.id())?.threshold)))
}

/// The session's network behind that detector, flagging above that threshold.
pub(super) fn facing<'a>(
    attacks: &mut [PlannedAttack],
    session: &'a Session,
    detector: &'a dyn Detector,
    threshold: Threshold,
) -> Guarded<&'a StyleMemory, Gradient<'a>> {
    attacks.iter_mut().for_each(|attack| attack.set_threshold(threshold));
    let model = &session.subject.network;
    Guarded { model, detector: Gradient::new(model, detector).flagging(threshold) }
}

/// The detector that the attacks are against, where any is, and its threshold for 5 % of clean images.
pub(super) fn detector_against(
    attacks: &[PlannedAttack],
    session: &Session,
    quiet: bool,
) -> Result<Option<(Box<dyn Detector>, Threshold)>> {
    let Some(id) = against(attacks) else { return Ok(None) };
    let validation = || Ok(session.dataset.split(SplitName::Validation)?);
    detector_at(detector(id)?, DEFAULT_FPR, &session.subject, quiet, validation).map(Some)
}

/// All attacks of a command that know a detector are against the same.
fn against(attacks: &[PlannedAttack]) -> Option<&'static str> {
    attacks.iter().find_map(|attack| attack.against)
}
