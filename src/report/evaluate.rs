//! `evaluate.json`.

use serde::{Deserialize, Serialize};

use super::detection::Measurement;
use crate::evaluation::CurveRow;
use crate::evaluation::sanity::Check;
use crate::remarks::Remark;

/// The whole evaluation. It says nothing of times, so that a run that went on where another stopped gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct EvaluationSummary {
    /// What was run, and the figures.
    #[serde(flatten)]
    pub(crate) measurement: Measurement,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HalfUndetected {
    /// The attack.
    pub(crate) attack: String,
    /// The detector.
    pub(crate) detector: String,
    /// On straight lines between the points of the curve; null if fewer than half pass at every epsilon.
    pub(crate) epsilon: Option<f64>,
}
