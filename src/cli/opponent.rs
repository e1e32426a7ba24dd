//! Whom the attacks of a command face: the network, and in front of it the detector that they know, all of them the same.

use robust_attacks::{Guarded, Model};
use robust_detectors::Gradient;

use super::bench::Bench;
use super::subject::Subject;
use crate::evaluation::PlannedAttack;

/// The id of the detector that the attacks are against, where any is.
pub(crate) fn against(attacks: &[PlannedAttack]) -> Option<&'static str> {
    attacks.iter().find_map(|attack| attack.against)
}

/// The network with that detector of the bench in front of it, flagging as it does there, and noted on the attacks.
pub(crate) fn opponent<'a>(
    attacks: &mut [PlannedAttack],
    subject: &'a Subject,
    bench: Option<&'a Bench>,
) -> Box<dyn Model + 'a> {
    let network = &subject.network;
    let known = bench.zip(against(attacks)).and_then(|(bench, id)| {
        let threshold = bench.gauges.iter().find(|gauge| gauge.id == id)?.threshold;
        attacks.iter_mut().for_each(|attack| attack.set_threshold(threshold));
        Some(Gradient::new(network, bench.screen.detector(id)?).flagging(threshold))
    });
    match known {
        Some(detector) => Box::new(Guarded { model: network, detector }),
        None => Box::new(network),
    }
}
