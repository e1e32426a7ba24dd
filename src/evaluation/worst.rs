//! The worst case over attacks: what an attacker with a choice achieves (Biggio and Roli 2018, arXiv:1712.03141).

use anyhow::Result;
use rayon::prelude::*;
use robust_detectors::Status;

use super::assess::{Assessment, assess_attacked};
use super::attacked_set::AttackedSet;
use super::screen::{Gauge, Seen, SeenSet};
use super::set_name::SetName;

/// The worst case within every budget in which an attack was made, which each detector has one of its own of. `attacked` are the
/// images of the sets `made`, in their order.
///
/// # Errors
/// A NaN score.
pub fn assess_worst(
    clean: &SeenSet,
    attacked: &[SeenSet],
    made: &[AttackedSet],
    gauges: &[Gauge],
) -> Result<Vec<Assessment>> {
    let budgets = budgets(made);
    let pairs: Vec<_> = budgets.iter().flat_map(|budget| gauges.iter().map(move |gauge| (budget, *gauge))).collect();
    let assess = |((name, members), gauge): (&(SetName, Vec<usize>), Gauge)| {
        let members: Vec<&SeenSet> = members.iter().map(|&member| &attacked[member]).collect();
        assess_attacked(clean, &worst_case(name.clone(), &members, gauge), gauge)
    };
    pairs.into_par_iter().map(assess).collect()
}

/// Every budget in which an attack was made: the name of its worst case, and the positions of its sets.
fn budgets(made: &[AttackedSet]) -> Vec<(SetName, Vec<usize>)> {
    let mut budgets: Vec<(SetName, Vec<usize>)> = Vec::new();
    for (position, set) in made.iter().enumerate() {
        let Some(name) = set.worst() else { continue };
        match budgets.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => members.push(position),
            None => budgets.push((name, vec![position])),
        }
    }
    budgets
}

/// Of every image the worst of several sets under a detector: the success with the lowest score or, where none succeeded, the
/// failure with the highest, which costs the most if an alarm does. Sets hold the same images in the same order.
fn worst_case(name: SetName, sets: &[&SeenSet], gauge: Gauge) -> SeenSet {
    let score = |seen: &Seen| seen.score(gauge);
    let worse = |a: &Seen, b: &Seen| match (a.status == Some(Status::Succeeded), b.status == Some(Status::Succeeded)) {
        (true, true) => score(a) < score(b),
        (false, false) => score(a) > score(b),
        (success, _) => success,
    };
    let count = sets.first().map_or(0, |set| set.images.len());
    let worst = (0..count).filter_map(|image| {
        let versions = sets.iter().map(|set| &set.images[image]);
        versions.reduce(|worst, next| if worse(next, worst) { next } else { worst }).cloned()
    });
    SeenSet { name, images: worst.collect() }
}

#[cfg(test)]
mod tests {
    use robust_detectors::{Reason, Threshold};

    use super::*;
    use crate::evaluation::{Sighting, Verdict};

    fn seen(status: Status, score: f32) -> Seen {
        let sighting = Sighting {
            verdicts: vec![Verdict { score, corrected_label: Some(0), reason: Reason::Unsure }],
            ..Sighting::default()
        };
        Seen { index: 0, label: Some(0), status: Some(status), sighting }
    }

    #[test]
    fn the_worst_is_the_quietest_success_or_the_loudest_failure() {
        use Status::{Failed, Skipped, Succeeded};
        let gauge = Gauge { position: 0, id: "msp", threshold: Threshold::new(0.5).unwrap() };
        let set = |images: [(Status, f32); 4]| SeenSet {
            name: SetName::default(),
            images: images.map(|(status, score)| seen(status, score)).to_vec(),
        };
        let a = set([(Succeeded, 0.9), (Failed, 0.1), (Failed, 0.2), (Skipped, 0.3)]);
        let b = set([(Succeeded, 0.4), (Succeeded, 0.8), (Failed, 0.7), (Skipped, 0.3)]);
        let worst = worst_case("worst@1".into(), &[&a, &b], gauge);
        let found: Vec<(Option<Status>, f32)> =
            worst.images.iter().map(|seen| (seen.status, seen.sighting.verdicts[0].score)).collect();
        let expected = [(Succeeded, 0.4), (Succeeded, 0.8), (Failed, 0.7), (Skipped, 0.3)];
        assert_eq!(found, expected.map(|(status, score)| (Some(status), score)));
        assert_eq!(worst, worst_case("worst@1".into(), &[&b, &a], gauge), "whatever the order");
    }
}
