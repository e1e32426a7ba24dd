//! The files under `--out`: what each row and field is, and how it is written.
//!
//! Numbers are shortest round-trip decimals; an absent value is an empty field in CSV and null in JSON.

mod detection;
pub(crate) mod html;
mod plots;
mod risk;
mod shard_summary;
mod summaries;

/// No CSV file of a report is larger: 45 sets of 60,000 images take half of it.
pub(crate) const MAX_CSV_BYTES: u64 = 2 << 30;
/// No JSON file of a report is larger.
pub(crate) const MAX_SUMMARY_BYTES: u64 = 64 << 20;

pub(crate) use detection::{Entry, LastColumns, RocRow, roc_rows, write_detection};
pub(crate) use plots::{draw_risk, draw_roc, draw_security};
pub(crate) use risk::{RiskRow, risk_rows, risky};
pub(crate) use shard_summary::{
    Dealt, FlaggingSummary, GaugeSummary, JudgeSummary, ShardSet, ShardSummary, Unattacked, Validation,
};
pub(crate) use summaries::{
    AttackSummary, DETECTION_SUMMARIES, DetectionSummary, EvaluationSummary, Measurement, REPLACED, Transfer,
    half_lines,
};
