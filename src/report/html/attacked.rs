//! What `robust attack` leaves of a set in a folder: `attack.csv`, `attack.json`, `adversarial.npz`, and `clean.npz` there or in the
//! folder around it.

use std::path::Path;

use anyhow::Result;
use robust_detectors::Status;
use serde_json::{Map, Value};

use super::csv_file::{Class, CsvFile, Row};
use super::pictures::ImageFiles;
use super::vouched::{Findings, Summary};
use crate::files::{ADVERSARIAL, ATTACK_ROWS, ATTACK_SUMMARY, CLEAN, CLEAN_AROUND, Hashes};

/// One set of attacked images.
pub(super) struct Attacked {
    /// `attack.json`.
    pub(super) summary: Map<String, Value>,
    /// Name of the set: the summary's, or else the folder's.
    pub(super) name: String,
    /// Name of the folder.
    pub(super) folder: String,
    /// The images, in the order of the npz.
    pub(super) rows: Vec<AttackedRow>,
    /// Where the images are, if they are there and as they were written.
    pub(super) images: Option<ImageFiles>,
}

/// One line of `attack.csv`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct AttackedRow {
    pub(super) index: u32,
    pub(super) label: u32,
    pub(super) clean_prediction: u32,
    pub(super) clean_confidence: f32,
    pub(super) prediction: u32,
    pub(super) confidence: f32,
    pub(super) status: Status,
    pub(super) linf: f32,
    pub(super) l2: f32,
    pub(super) l0: f32,
}

impl Attacked {
    /// Reads the files of `folder`, if it holds an `attack.csv` that `attack.json` vouches for.
    pub(super) fn read(folder: &Path, hashes: &Hashes, findings: &mut Findings) -> Result<Option<Self>> {
        let path = folder.join(ATTACK_ROWS);
        let Some(summary) = Summary::read(folder, ATTACK_SUMMARY, hashes, findings)? else {
            if path.exists() {
                findings.fault(path, "is without attack.json: the set is not whole");
            }
            return Ok(None);
        };
        summary.check_names(folder, ATTACK_ROWS, findings);
        if !summary.vouches_for(ATTACK_ROWS) {
            return Ok(None);
        }
        let Some(file) = CsvFile::open(path)? else { return Ok(None) };
        let columns = file.columns([
            "index",
            "label",
            "clean_prediction",
            "clean_confidence",
            "adversarial_prediction",
            "adversarial_confidence",
            "status",
            "linf",
            "l2",
            "l0",
        ])?;
        let mut rows = Vec::new();
        file.each_row(|row| {
            rows.push(AttackedRow::read(row, columns)?);
            Ok(())
        })?;
        let images = images(folder, &summary);
        let summary = summary.entries;
        let name = summary.get("set").and_then(Value::as_str).map(str::to_owned);
        let folder_name = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(Self { name: name.unwrap_or_else(folder_name), folder: folder_name(), summary, rows, images }))
    }
}

impl AttackedRow {
    fn read(row: &Row, columns: [usize; 10]) -> Result<Self> {
        let [index, label, clean, clean_confidence, prediction, confidence, outcome, linf, l2, l0] = columns;
        Ok(Self {
            index: row.get(index)?,
            label: row.get::<Class>(label)?.0,
            clean_prediction: row.get::<Class>(clean)?.0,
            clean_confidence: row.get(clean_confidence)?,
            prediction: row.get::<Class>(prediction)?.0,
            confidence: row.get(confidence)?,
            status: status(row, outcome)?.ok_or_else(|| row.wrong(outcome, "succeeded, failed or skipped"))?,
            linf: row.get(linf)?,
            l2: row.get(l2)?,
            l0: row.get(l0)?,
        })
    }
}

/// The images of a set. Those of older runs hold the clean ones beside the adversarial ones.
fn images(folder: &Path, summary: &Summary) -> Option<ImageFiles> {
    let adversarial = folder.join(ADVERSARIAL);
    let clean = [CLEAN, CLEAN_AROUND].into_iter().find(|name| summary.names(name)).map(|name| folder.join(name));
    let are_all = summary.vouches_for_images() && adversarial.exists();
    are_all.then(|| ImageFiles { clean: clean.unwrap_or_else(|| adversarial.clone()), adversarial })
}

/// The field `status`; none if it is empty.
pub(super) fn status(row: &Row, column: usize) -> Result<Option<Status>> {
    match row.text(column) {
        "" => Ok(None),
        "succeeded" => Ok(Some(Status::Succeeded)),
        "failed" => Ok(Some(Status::Failed)),
        "skipped" => Ok(Some(Status::Skipped)),
        _ => Err(row.wrong(column, "succeeded, failed or skipped")),
    }
}
