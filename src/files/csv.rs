//! Rows as CSV.

use std::borrow::Borrow;
use std::io::{self, Write};

use ::csv::{Reader, Writer, WriterBuilder};
use serde::Serialize;

/// Rows under a header line, as CSV; the header is there without rows too.
///
/// # Errors
/// Whatever the writer or the serialiser reports.
pub fn write_csv<Row: Serialize + Default>(
    rows: impl IntoIterator<Item = impl Borrow<Row>>,
    writer: impl Write,
) -> io::Result<()> {
    // Only a row tells the names of its fields.
    let mut sample = Writer::from_writer(Vec::new());
    sample.serialize(Row::default())?;
    let sample = sample.into_inner().map_err(|error| error.into_error())?;
    let header = Reader::from_reader(&sample[..]).headers()?.clone();

    let mut csv = WriterBuilder::new().has_headers(false).from_writer(writer);
    csv.write_record(&header)?;
    for row in rows {
        csv.serialize(row.borrow())?;
    }
    csv.flush()
}
