//! `train.csv`, column by column.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::csv_file::CsvFile;
use super::vouched::{Findings, Summary};
use crate::files::Hashes;

/// The course of a training run; a column per curve, a row per epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Training {
    /// Names of the columns.
    pub(crate) names: Vec<String>,
    /// Their values.
    pub(crate) columns: Vec<Vec<f64>>,
}

impl Training {
    /// Reads `train.csv` in `folder`, if it is there. An unfinished training is worth a look, too: nothing but its course is shown.
    pub(super) fn read(folder: &Path, hashes: &Hashes, findings: &mut Findings) -> Result<Option<Self>> {
        let summary = Summary::read(folder, "train.json", hashes, findings)?;
        if let Some(summary) = &summary {
            summary.check_names(folder, "train.csv", findings);
            if !summary.vouches_for("train.csv") {
                return Ok(None);
            }
        }
        let Some(file) = CsvFile::open(folder.join("train.csv"))? else { return Ok(None) };
        if summary.is_none() {
            let unfinished = folder.join("training-state.safetensors").exists();
            let go_on = if unfinished { "; `robust train --resume` goes on with it" } else { "" };
            let remark = "train.csv is without train.json: the training is not finished, and model.safetensors may be of another";
            findings.remarks.push(format!("{remark}{go_on}"));
        }
        file.columns(["epoch", "loss", "validation_accuracy"])?;
        let names: Vec<String> = file.header().map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        file.each_row(|row| {
            for (position, column) in columns.iter_mut().enumerate() {
                column.push(row.get(position)?);
            }
            Ok(())
        })?;
        Ok(Some(Self { names, columns }))
    }

    /// The last value of a column.
    pub(super) fn last(&self, name: &str) -> Option<f64> {
        let position = self.names.iter().position(|column| column == name)?;
        self.columns[position].last().copied()
    }
}
