//! Tables for people: columns as wide as their widest cell; no line break after the last row.

use std::fmt;

use robust_data::plain;

/// A header and rows of text.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    numbers: bool,
}

impl Table {
    /// A table of numbers: the first column to the left, the others to the right.
    pub(crate) fn of_numbers<Cell: Into<String>>(header: impl IntoIterator<Item = Cell>) -> Self {
        Self { rows: vec![header.into_iter().map(Into::into).collect()], numbers: true }
    }

    /// A table of words: every column to the left.
    pub(crate) fn of_words<Cell: Into<String>>(header: impl IntoIterator<Item = Cell>) -> Self {
        Self { numbers: false, ..Self::of_numbers(header) }
    }

    /// Adds a row.
    pub(crate) fn row<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(|cell| plain(&cell.into()).into_owned()).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(row.len().max(widths.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                writeln!(formatter)?;
            }
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
                if self.numbers && column > 0 { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            formatter.write_str(cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
