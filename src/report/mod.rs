//! The files under `--out`: what each row and field is, and how it is written.
//!
//! Numbers are shortest round-trip decimals; an absent value is an empty field in CSV and null in JSON.

mod attack;
mod curve_plot;
mod detection;
mod evaluate;
pub(crate) mod html;
mod roc_plot;

/// No CSV file of a report is larger: 45 sets of 60,000 images take half of it.
pub(crate) const MAX_CSV_BYTES: u64 = 2 << 30;
/// No JSON file of a report is larger.
pub(crate) const MAX_SUMMARY_BYTES: u64 = 64 << 20;

pub(crate) use attack::{AttackSummary, Transfer};
pub(crate) use curve_plot::{draw_security, marked};
pub(crate) use detection::{
    DETECTION_SUMMARIES, DetectionSummary, Entry, Measurement, RocRow, roc_rows, write_detection,
};
pub(crate) use evaluate::{EvaluationSummary, HalfUndetected};
pub(crate) use roc_plot::draw_roc;
