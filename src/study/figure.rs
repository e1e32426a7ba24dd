//! [`Figure`]: the files that show a figure, and what is found in it.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::draw::Canvas;
use crate::files::write_csv;

/// A file, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A number that a figure comes down to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// Name of the figure.
    pub(crate) figure: &'static str,
    /// What the number is.
    pub(crate) quantity: String,
    /// The number; null where there are no images for it.
    pub(crate) value: Option<f64>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    name: &'static str,
    /// Pictures, plots, and the numbers behind them.
    pub(crate) files: Vec<File>,
    /// What it comes down to.
    pub(crate) findings: Vec<Finding>,
    /// What is left out of it, and why.
    pub(crate) remarks: Vec<String>,
}

impl Figure {
    /// A figure without anything in it yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, files: Vec::new(), findings: Vec::new(), remarks: Vec::new() }
    }

    /// With a picture, `NAME.png` with `suffix` after the name.
    ///
    /// # Errors
    /// The picture is empty or too large for a PNG.
    pub(crate) fn picture(self, suffix: &str, canvas: &Canvas) -> Result<Self> {
        let name = format!("{}{suffix}.png", self.name);
        let bytes = canvas.png(Path::new(&name))?;
        Ok(self.file(name, bytes))
    }

    /// With a plot, `NAME.svg`.
    pub(crate) fn plot(self, svg: String) -> Self {
        let name = format!("{}.svg", self.name);
        self.file(name, svg.into_bytes())
    }

    /// With a table, `NAME.csv`.
    pub(crate) fn table<Row: Serialize + Default>(self, rows: impl IntoIterator<Item = Row>) -> Result<Self> {
        let name = format!("{}.csv", self.name);
        let mut bytes = Vec::new();
        write_csv::<Row>(rows, &mut bytes)?;
        Ok(self.file(name, bytes))
    }

    /// With a number.
    pub(crate) fn finding(mut self, quantity: impl Into<String>, value: impl Into<Option<f64>>) -> Self {
        self.findings.push(Finding { figure: self.name, quantity: quantity.into(), value: value.into() });
        self
    }

    /// With a word on what is left out.
    pub(crate) fn remark(mut self, remark: String) -> Self {
        self.remarks.push(remark);
        self
    }

    fn file(mut self, name: String, bytes: Vec<u8>) -> Self {
        self.files.push(File { name, bytes });
        self
    }
}
