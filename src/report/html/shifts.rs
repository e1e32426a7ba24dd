//! What benign shifts do, as the page shows it: a table, and no set that a threshold moves on.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value};

use super::unexpected;
use super::words::{dash, percent};
use crate::evaluation::{SetName, ShiftRow};

/// One shift under the detector that flags, as text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShiftLine {
    pub(super) set: SetName,
    pub(super) accuracy: String,
    pub(super) flagged: String,
    /// By reason, in the order of the columns.
    pub(super) reasons: [String; 3],
    pub(super) auroc: String,
}

/// The lines of a summary, which lies at `path`; none where no shift was looked at.
pub(super) fn shift_lines(summary: &Map<String, Value>, path: &Path) -> Result<Vec<ShiftLine>> {
    let Some(rows) = summary.get("shifts") else { return Ok(Vec::new()) };
    let rows: Vec<ShiftRow> = serde_json::from_value(rows.clone())
        .map_err(|error| unexpected(path, error, "the rows of shifts.csv under `shifts`"))?;
    let chosen = summary.get("detector").and_then(Value::as_str);
    let line = |row: ShiftRow| ShiftLine {
        accuracy: percent(row.accuracy),
        flagged: percent(row.flagged),
        reasons: [row.unsure, row.another_label, row.unlike].map(percent),
        auroc: row.auroc.map_or_else(dash, |area| format!("{area:.4}")),
        set: row.set,
    };
    Ok(rows.into_iter().filter(|row| Some(row.detector.as_str()) == chosen).map(line).collect())
}
