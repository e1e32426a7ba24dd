//! `evaluate.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evaluation::sanity::Check;
use crate::evaluation::{AttackedSet, CurveRow, MetricsRow, RunInfo};
use crate::remarks::Remark;

/// The whole evaluation. It says nothing of times, so that a run that went on where another stopped gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct EvaluationSummary {
    /// Images, data, network, seed.
    #[serde(flatten)]
    pub(crate) run: RunInfo,
    /// The detector that flags.
    pub(crate) detector: &'static str,
    /// False positive rate that the thresholds were made for, on clean validation images; null if the chosen
    /// detector's was given.
    pub(crate) threshold_fpr: Option<f64>,
    /// Threshold of every detector, the same for all sets.
    pub(crate) thresholds: BTreeMap<&'static str, f32>,
    /// How each attacked set was made and what came of it.
    pub(crate) sets: Vec<AttackedSet>,
    /// `metrics.csv`.
    pub(crate) metrics: Vec<MetricsRow>,
    /// `security.csv`.
    pub(crate) security: Vec<CurveRow>,
    /// Where half of the images pass undetected.
    pub(crate) half_undetected: Vec<HalfUndetected>,
    /// What speaks for and against these figures.
    pub(crate) checks: Vec<Check>,
    /// Why not to trust them.
    pub(crate) remarks: Vec<Remark>,
}

/// The epsilon at which half of the attacked images pass undetected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct HalfUndetected {
    /// The attack.
    pub(crate) attack: String,
    /// The detector.
    pub(crate) detector: &'static str,
    /// On straight lines between the points of the curve; null if fewer than half pass at every epsilon.
    pub(crate) epsilon: Option<f64>,
}
