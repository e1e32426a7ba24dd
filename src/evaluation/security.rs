//! Security curves: how an attack's success grows with the room that the attacker has (Biggio and Roli 2018, arXiv:1712.03141,
//! section 4: evaluate against attacks of growing strength).

use robust_detectors::rates;
use serde::{Deserialize, Serialize};

use super::assess::Assessment;
use super::attacked_set::AttackedSet;
use super::screen::{Gauge, SeenSet};

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
    pub detector: String,
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

/// A curve for each attack with a budget, and for the worst of them, under each detector, in the order of the `assessments`.
#[must_use]
pub fn security(clean: &SeenSet, made: &[AttackedSet], assessments: &[Assessment], gauges: &[Gauge]) -> Vec<Curve> {
    // Of images that are right and accepted before any attack.
    let accepted = |id: &str| {
        let gauge = gauges.iter().find(|gauge| gauge.id == id)?;
        rates::share(clean.images.iter().map(|seen| seen.is_correct() && !gauge.flags(seen)))
    };
    // The worst case succeeds where it has a positive, of all that were attacked.
    let attacked = made.iter().map(|set| set.counts.succeeded + set.counts.failed).max().unwrap_or(0);
    let share = |count: usize| (attacked > 0).then(|| count as f64 / attacked as f64);
    let mut curves: Vec<Curve> = Vec::new();
    for Assessment { metrics, .. } in assessments {
        let single = made.iter().find(|set| set.set == metrics.set);
        let set = single.or_else(|| made.iter().find(|set| set.worst().as_ref() == Some(&metrics.set)));
        let Some((epsilon, norm)) = set.and_then(|set| Some((set.epsilon?, set.norm.clone()?))) else { continue };
        let row = CurveRow {
            attack: metrics.set.attack(),
            norm,
            epsilon,
            detector: metrics.detector.clone(),
            success_rate: metrics.n_positive.and_then(share),
            undetected_rate: metrics.undetected_rate,
            robust_accuracy: metrics.robust_accuracy,
            robust_accuracy_strict: metrics.robust_accuracy_strict,
        };
        let same = |curve: &&mut Curve| curve.0[0].attack == row.attack && curve.0[0].detector == row.detector;
        if let Some(curve) = curves.iter_mut().find(same) {
            curve.0.push(row);
        } else {
            let share = accepted(&row.detector);
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

/// The epsilon at which half of the attacked images pass undetected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfUndetected {
    /// The attack.
    pub attack: String,
    /// Detector id.
    pub detector: String,
    /// On straight lines between the points of the curve; null if fewer than half pass at every epsilon.
    pub epsilon: Option<f64>,
}

impl Curve {
    /// Where half of the attacked images first pass undetected.
    #[must_use]
    pub fn half_undetected(&self) -> HalfUndetected {
        let points: Vec<(f64, f64)> =
            self.0.iter().filter_map(|row| Some((row.epsilon, row.undetected_rate?))).collect();
        let epsilon = points.windows(2).find(|pair| pair[1].1 >= 0.5).map(|pair| {
            let [(e0, r0), (e1, r1)] = [pair[0], pair[1]];
            if r1 > r0 { e0 + (0.5 - r0) / (r1 - r0) * (e1 - e0) } else { e0 }
        });
        let CurveRow { attack, detector, .. } = self.0[0].clone();
        HalfUndetected { attack, detector, epsilon }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_way_epsilon_lies_on_the_line_between_two_points() {
        let row =
            |&(epsilon, rate): &(f64, f64)| CurveRow { epsilon, undetected_rate: Some(rate), ..CurveRow::default() };
        let curve = |rates: &[(f64, f64)]| Curve(rates.iter().map(row).collect());
        for (rates, expected) in [
            (&[(0.0, 0.0), (0.1, 0.2), (0.2, 0.8)][..], Some(0.15)),
            (&[(0.0, 0.0), (0.1, 1.0)], Some(0.05)),
            (&[(0.0, 0.0), (0.1, 0.5)], Some(0.1)),
            (&[(0.0, 0.0), (0.1, 0.4)], None),
        ] {
            let found = curve(rates).half_undetected().epsilon;
            assert_eq!(found.is_some(), expected.is_some());
            assert!(found.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        }
    }
}
