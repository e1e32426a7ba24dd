//! A CSV file with a header, read by the names of its columns.

use std::fs::File;
use std::io::{Read, Take};
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Error, Result};
use csv::{Reader, StringRecord};
use robust_data::open_file;

use super::unexpected;
use crate::report::MAX_CSV_BYTES;

/// An open file, its header read.
pub(super) struct CsvFile {
    pub(super) path: PathBuf,
    header: StringRecord,
    reader: Reader<Take<File>>,
}

/// A label or a prediction. The page has room for every class up to the largest, so that a broken file may not name any number.
pub(super) struct Class(pub(super) u32);

impl FromStr for Class {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(|class: u16| Self(class.into()))
    }
}

/// What a field can hold, and how a message says so.
pub(super) trait Field: FromStr {
    const EXPECTED: &'static str;
}

impl Field for Class {
    const EXPECTED: &'static str = "a class from 0 to 65535";
}

impl Field for u32 {
    const EXPECTED: &'static str = "a whole number of at least 0";
}

impl Field for f32 {
    const EXPECTED: &'static str = "a number";
}

impl Field for f64 {
    const EXPECTED: &'static str = "a number";
}

impl Field for bool {
    const EXPECTED: &'static str = "true or false";
}

/// One line of the file.
pub(super) struct Row<'a> {
    path: &'a Path,
    header: &'a StringRecord,
    fields: &'a StringRecord,
}

impl CsvFile {
    /// Opens `path`; none if there is no such file.
    pub(super) fn open(path: PathBuf) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let mut reader = Reader::from_reader(open_file(&path, MAX_CSV_BYTES)?.take(MAX_CSV_BYTES));
        let header = reader.headers().map_err(|error| broken(&path, &error))?.clone();
        let file = Self { path, header, reader };
        match file.trouble() {
            Some(found) => Err(file.wrong(found, "columns with names of their own, commas between them")),
            None => Ok(Some(file)),
        }
    }

    /// What is wrong with the header.
    fn trouble(&self) -> Option<String> {
        let lone = self.header.get(0).filter(|_| self.header.len() == 1);
        if let Some(sign) = lone.and_then(|name| name.chars().find(|sign| matches!(sign, ';' | '\t'))) {
            return Some(format!("{} between columns", if sign == ';' { "semicolons" } else { "tabs" }));
        }
        let twice =
            self.header().enumerate().find(|&(column, name)| self.header().take(column).any(|other| other == name));
        twice.map(|(_, name)| format!("two columns {name}"))
    }

    /// The error of a file that is not what it should be.
    pub(super) fn wrong(&self, found: String, expected: &str) -> Error {
        unexpected(&self.path, found, expected)
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    /// The positions of these columns.
    pub(super) fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N]> {
        let mut positions = [0; N];
        for (position, name) in positions.iter_mut().zip(names) {
            *position = self
                .header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| self.wrong(format!("no column {name}"), &format!("columns {}", names.join(","))))?;
        }
        Ok(positions)
    }

    /// Calls `each` with every row, of which there must be one at least.
    pub(super) fn each_row(mut self, mut each: impl FnMut(&Row) -> Result<()>) -> Result<()> {
        let (mut fields, mut rows) = (StringRecord::new(), 0_usize);
        while self.reader.read_record(&mut fields).map_err(|error| broken(&self.path, &error))? {
            each(&Row { path: &self.path, header: &self.header, fields: &fields })?;
            rows += 1;
        }
        if rows == 0 {
            return Err(self.wrong("no rows".to_owned(), "at least one below the header"));
        }
        Ok(())
    }
}

impl Row<'_> {
    /// The text of a field.
    pub(super) fn text(&self, column: usize) -> &str {
        self.fields.get(column).unwrap_or_default()
    }

    /// The value of a field.
    pub(super) fn get<T: Field>(&self, column: usize) -> Result<T> {
        self.text(column).parse().map_err(|_| self.wrong(column, T::EXPECTED))
    }

    /// The value of a field that may be empty.
    pub(super) fn optional<T: Field>(&self, column: usize) -> Result<Option<T>> {
        if self.text(column).is_empty() { Ok(None) } else { self.get(column).map(Some) }
    }

    /// The error of a field that is not what it should be.
    pub(super) fn wrong(&self, column: usize, expected: &str) -> Error {
        let name = self.header.get(column).unwrap_or_default();
        let line = self.fields.position().map_or(0, csv::Position::line);
        unexpected(self.path, format!("{name} '{}' in line {line}", self.text(column)), expected)
    }
}

fn broken(path: &Path, error: &csv::Error) -> Error {
    unexpected(path, error, "a CSV file")
}
