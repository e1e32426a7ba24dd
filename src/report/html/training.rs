//! `train.csv`, column by column.

use std::path::Path;

use serde::Serialize;

use super::ReadError;
use super::csv_file::CsvFile;

/// The course of a training run; a column per curve, a row per epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Training {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Their values.
    pub columns: Vec<Vec<f64>>,
}

impl Training {
    /// Reads `train.csv` in `folder`, if it is there.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, ReadError> {
        let Some(file) = CsvFile::open(folder.join("train.csv"))? else { return Ok(None) };
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
