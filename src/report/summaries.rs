//! `attack.json`, `detect.json` and `evaluate.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plots::marked;
use crate::evaluation::sanity::Check;
use crate::evaluation::{AttackedSet, CurveRow, HalfUndetected, MetricsRow, RunInfo, ShiftRow};
use crate::files::SHARD_SUMMARY;
use crate::remarks::Remark;
use crate::words::once_each;

/// `attack.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AttackSummary {
    #[serde(flatten)]
    pub(crate) attacked: AttackedSet,
    /// Images, data, network, seed.
    #[serde(flatten)]
    pub(crate) run: RunInfo,
    /// The network that judged; null if that was the one attacked.
    pub(crate) transfer: Option<Transfer>,
    /// Wall time of the attack; sets that were made in one go share it evenly.
    pub(crate) seconds: f64,
    /// `n / seconds`.
    pub(crate) images_per_second: f64,
    /// Why not to trust these figures.
    pub(crate) remarks: Vec<Remark>,
}

/// Which network judged images that were made to fool another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Transfer {
    /// Name of the judging network or path of its file.
    pub(crate) to: String,
    /// SHA-256 of its checkpoint.
    pub(crate) sha256: String,
    /// Images that fooled the network attacked, of those attacked.
    pub(crate) fooled_model: usize,
}

/// The summaries that vouch for the files of a detection: that of `detect`, and that of `evaluate`. One of them lies in a folder.
pub(crate) const DETECTION_SUMMARIES: [&str; 2] = ["detect.json", "evaluate.json"];
/// Those that go before the files of a detection change; the last tells of a shard, and comes after the other two.
pub(crate) const REPLACED: [&str; 3] = ["detect.json", "evaluate.json", SHARD_SUMMARY];

/// What `detect.json` and `evaluate.json` say alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Measurement {
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
    /// `shifts.csv`; empty where none were looked at.
    pub(crate) shifts: Vec<ShiftRow>,
}

/// `detect.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DetectionSummary {
    /// What was run, and the figures.
    #[serde(flatten)]
    pub(crate) measurement: Measurement,
    /// Wall time of attacks and detection.
    pub(crate) seconds: f64,
    /// Why not to trust these figures.
    pub(crate) remarks: Vec<Remark>,
}

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

/// Every attack, marked where it is among the `blind`, and its epsilon under each of these detectors; `none` where fewer than half pass.
pub(crate) fn half_lines(
    half: &[HalfUndetected],
    detectors: &[&str],
    blind: &[String],
    none: &str,
) -> Vec<(String, Vec<String>)> {
    let epsilon = |attack: &str, detector: &str| {
        let found = half.iter().find(|one| one.attack == attack && one.detector == detector);
        found.and_then(|one| one.epsilon).map_or_else(|| none.to_owned(), |epsilon| format!("{epsilon:.3}"))
    };
    let epsilons = |attack: &str| detectors.iter().map(|detector| epsilon(attack, detector)).collect();
    let attacks = once_each(half.iter().map(|one| one.attack.as_str()));
    attacks.into_iter().map(|attack| (marked(attack, blind), epsilons(attack))).collect()
}
