//! What an attacker with a choice achieves, and how it grows with the room that he has: the worst case over attacks, and
//! security curves (Biggio and Roli 2018, arXiv:1712.03141, section 4: evaluate against attacks of growing strength).

use robust_detectors::Status;
use serde::Serialize;

use crate::detection::{Gauge, MetricsRow, Seen, SeenSet};

/// What the worst case over attacks is called.
pub const WORST: &str = "worst";

/// The name of the worst case under a norm.
#[must_use]
pub fn worst_under(norm: &str) -> String {
    if norm == "linf" { WORST.to_owned() } else { format!("{WORST}-{norm}") }
}

/// The name of the worst case within a budget, which all sets of that budget are a part of; none where there is none.
#[must_use]
pub fn worst_of(norm: Option<&str>, epsilon: Option<f64>) -> Option<String> {
    Some(format!("{}@{}", worst_under(norm?), epsilon?))
}

/// Of every image the worst of several sets under a detector: the success with the lowest score or, where none succeeded, the
/// failure with the highest, which costs the most if an alarm does. Sets hold the same images in the same order.
#[must_use]
pub fn worst_case(name: String, sets: &[&SeenSet], gauge: Gauge) -> SeenSet {
    let score = |seen: &Seen| seen.sighting.verdicts[gauge.position].score;
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

/// One row of `security.csv`: an attack within one epsilon, under one detector.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CurveRow {
    /// The attack's name without its epsilon, or `worst`.
    pub attack: String,
    /// The norm of epsilon.
    pub norm: String,
    /// Size of the allowed change; 0 is the clean images.
    pub epsilon: f64,
    /// Detector id.
    pub detector: &'static str,
    /// Fooled, of those attacked.
    pub success_rate: Option<f64>,
    /// Fooled and not flagged, of those attacked.
    pub undetected_rate: Option<f64>,
    /// As in `metrics.csv`.
    pub robust_accuracy: Option<f64>,
    /// As in `metrics.csv`.
    pub robust_accuracy_strict: Option<f64>,
}

/// The rows of one attack under one detector, by epsilon, from 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve(pub Vec<CurveRow>);

/// A set with a budget, and its figures under a detector.
#[derive(Debug, Clone)]
pub struct Point<'a> {
    /// The attack's name without its epsilon.
    pub attack: String,
    /// The norm.
    pub norm: String,
    /// The budget.
    pub epsilon: f64,
    /// Fooled, of those attacked.
    pub success_rate: Option<f64>,
    /// The figures.
    pub metrics: &'a MetricsRow,
}

/// The name of a set's attack without its epsilon: `r-pgd@0.3x0.1` is of `r-pgd x0.1`.
#[must_use]
pub fn attack_of(set: &str) -> String {
    let (name, rest) = set.split_once('@').unwrap_or((set, ""));
    match rest.split_once('x') {
        Some((_, lambda)) => format!("{name} x{lambda}"),
        None => name.to_owned(),
    }
}

/// Curves through all points of one attack and detector, in the order of the points; `accepted` is the share of images that are
/// right and accepted before any attack, by detector.
#[must_use]
pub fn curves(points: &[Point], accepted: impl Fn(&str) -> Option<f64>) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for point in points {
        let row = CurveRow {
            attack: point.attack.clone(),
            norm: point.norm.clone(),
            epsilon: point.epsilon,
            detector: point.metrics.detector,
            success_rate: point.success_rate,
            undetected_rate: point.metrics.undetected_rate,
            robust_accuracy: point.metrics.robust_accuracy,
            robust_accuracy_strict: point.metrics.robust_accuracy_strict,
        };
        let same = |curve: &&mut Curve| curve.0[0].attack == row.attack && curve.0[0].detector == row.detector;
        if let Some(curve) = curves.iter_mut().find(same) {
            curve.0.push(row);
        } else {
            let share = accepted(row.detector);
            let start = CurveRow {
                epsilon: 0.0,
                success_rate: row.success_rate.map(|_| 0.0),
                undetected_rate: row.undetected_rate.map(|_| 0.0),
                robust_accuracy: share,
                robust_accuracy_strict: share,
                ..row.clone()
            };
            curves.push(Curve(vec![start, row]));
        }
    }
    curves.iter_mut().for_each(|curve| curve.0.sort_by(|a, b| a.epsilon.total_cmp(&b.epsilon)));
    curves
}

impl Curve {
    /// The epsilon at which half of the attacked images first pass undetected, on straight lines between the points; none if that
    /// never happens.
    #[must_use]
    pub fn half_undetected(&self) -> Option<f64> {
        let points: Vec<(f64, f64)> =
            self.0.iter().filter_map(|row| Some((row.epsilon, row.undetected_rate?))).collect();
        points.windows(2).find(|pair| pair[1].1 >= 0.5).map(|pair| {
            let [(e0, r0), (e1, r1)] = [pair[0], pair[1]];
            if r1 > r0 { e0 + (0.5 - r0) / (r1 - r0) * (e1 - e0) } else { e0 }
        })
    }
}

#[cfg(test)]
mod tests {
    use robust_detectors::Threshold;

    use super::*;
    use crate::screening::{Sighting, Verdict};

    fn seen(status: Status, score: f32) -> Seen {
        let verdicts = vec![Verdict { score, corrected_label: 0 }];
        let sighting = Sighting {
            prediction: 0,
            confidence: 1.0,
            error_predicted: 0.0,
            error_alternative: 0.0,
            alternative_label: 1,
            verdicts,
        };
        Seen { index: 0, label: Some(0), status: Some(status), sighting }
    }

    #[test]
    fn the_worst_is_the_quietest_success_or_the_loudest_failure() {
        use Status::{Failed, Skipped, Succeeded};
        let gauge = Gauge { position: 0, id: "msp", threshold: Threshold::new(0.5).unwrap() };
        let set = |images: [(Status, f32); 4]| SeenSet {
            name: String::new(),
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

    #[test]
    fn the_half_way_epsilon_lies_on_the_line_between_two_points() {
        let curve = |rates: &[(f64, f64)]| {
            Curve(
                rates
                    .iter()
                    .map(|&(epsilon, rate)| CurveRow {
                        attack: String::new(),
                        norm: "linf".into(),
                        epsilon,
                        detector: "msp",
                        success_rate: None,
                        undetected_rate: Some(rate),
                        robust_accuracy: None,
                        robust_accuracy_strict: None,
                    })
                    .collect(),
            )
        };
        for (rates, expected) in [
            (&[(0.0, 0.0), (0.1, 0.2), (0.2, 0.8)][..], Some(0.15)),
            (&[(0.0, 0.0), (0.1, 1.0)], Some(0.05)),
            (&[(0.0, 0.0), (0.1, 0.5)], Some(0.1)),
            (&[(0.0, 0.0), (0.1, 0.4)], None),
        ] {
            let found = curve(rates).half_undetected();
            assert_eq!(found.is_some(), expected.is_some());
            assert!(found.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        }
    }
}
