//! `risk.csv`: how many of the accepted images are wrong, at every share of images that a detector accepts (risk-coverage curves, El-Yaniv
//! and Wiener 2010). They follow from the ROC curve of the images that the network gets wrong against those that it gets right.

use robust_detectors::Roc;
use serde::Serialize;

use super::detection::corners;
use crate::evaluation::{Assessment, MetricsRow, SetName};

/// One row of `risk.csv`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RiskRow<'a> {
    pub(crate) set: Option<&'a SetName>,
    pub(crate) detector: &'a str,
    /// Scores above it are rejected.
    pub(crate) threshold: f32,
    /// Share of all images that are accepted.
    pub(crate) coverage: f64,
    /// Selective risk: share of the accepted images that the network gets wrong; none where none is accepted.
    pub(crate) risk: Option<f64>,
    /// Generalised risk: images accepted and wrong, as a share of all.
    pub(crate) generalised_risk: f64,
}

/// The sets of which some images are wrong without an attack: those that have the areas.
pub(crate) fn risky(assessments: &[Assessment]) -> impl Iterator<Item = (&MetricsRow, &Roc)> {
    let with_roc = assessments.iter().filter_map(|assessment| Some((&assessment.metrics, assessment.roc.as_ref()?)));
    with_roc.filter(|(metrics, _)| metrics.aurc.is_some())
}

/// The corners of the ROC curve as rows, the smallest coverage first.
pub(crate) fn risk_rows<'a>(metrics: &'a MetricsRow, roc: &'a Roc) -> impl Iterator<Item = RiskRow<'a>> {
    let count = |count: Option<usize>| count.unwrap_or_default() as f64;
    let (right, wrong) = (count(metrics.n_negative), count(metrics.n_positive));
    corners(roc).rev().map(move |point| {
        let (accepted_right, accepted_wrong) = ((1.0 - point.fpr) * right, (1.0 - point.tpr) * wrong);
        let accepted = accepted_right + accepted_wrong;
        RiskRow {
            set: Some(&metrics.set),
            detector: &metrics.detector,
            threshold: point.threshold,
            coverage: accepted / (right + wrong),
            risk: (accepted > 0.0).then(|| accepted_wrong / accepted),
            generalised_risk: accepted_wrong / (right + wrong),
        }
    })
}

/// Coverage and selective risk along the curve of such rows: the generalised risk is straight between corners, the selective risk is not.
pub(crate) fn risk_curve(rows: &[RiskRow]) -> Vec<(f64, f64)> {
    const STEP: f64 = 0.01;
    let mut curve = Vec::new();
    for pair in rows.windows(2) {
        let between = |share: f64, of: fn(&RiskRow) -> f64| of(&pair[0]) + share * (of(&pair[1]) - of(&pair[0]));
        let steps = ((pair[1].coverage - pair[0].coverage) / STEP).ceil().max(1.0);
        curve.extend((0..=steps as usize).filter_map(|step| {
            let share = step as f64 / steps;
            let coverage = between(share, |row| row.coverage);
            (coverage > 0.0).then(|| (coverage, between(share, |row| row.generalised_risk) / coverage))
        }));
    }
    curve
}
