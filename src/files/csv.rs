//! Rows as CSV.

use std::borrow::Borrow;
use std::io::{self, Write};

use ::csv::{Reader, StringRecord, Writer, WriterBuilder};
use serde::Serialize;

/// Rows under a header line, as CSV; the header is there without rows too.
pub(crate) fn write_csv<Row: Serialize + Default>(
    rows: impl IntoIterator<Item = impl Borrow<Row>>,
    writer: impl Write,
) -> io::Result<()> {
    let mut csv = WriterBuilder::new().has_headers(false).from_writer(writer);
    csv.write_record(&header::<Row>()?)?;
    for row in rows {
        csv.serialize(row.borrow())?;
    }
    csv.flush()
}

/// The names of a row's fields, which only a row tells.
pub(crate) fn header<Row: Serialize + Default>() -> io::Result<StringRecord> {
    let mut sample = Writer::from_writer(Vec::new());
    sample.serialize(Row::default())?;
    let sample = sample.into_inner().map_err(|error| error.into_error())?;
    Ok(Reader::from_reader(&sample[..]).headers()?.clone())
}
