//! Rows as CSV. Text from outside in a cell, such as a file's name, must not become a spreadsheet's formula.

use std::borrow::{Borrow, Cow};
use std::io::{self, Write};

use ::csv::{Reader, StringRecord, Writer, WriterBuilder};
use robust_data::plain;
use serde::{Serialize, Serializer};

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

/// The text as [`plain`] text; with an apostrophe before it where it begins as a formula does and is not a number.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let text = plain(text);
    if text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err() {
        return format!("'{text}").into();
    }
    text
}

/// The same for `#[serde(serialize_with)]`.
pub(crate) fn serialize_cell<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&cell(text))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_a_spreadsheet_would_work_out_gets_an_apostrophe() {
        for (text, expected) in [
            ("a.png", "a.png"),
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+1+1", "'+1+1"),
            ("-a.png", "'-a.png"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-0.5", "-0.5"),
            ("+1e-3", "+1e-3"),
            ("\t=1", r"\x09=1"),
            ("a\n=1", r"a\x0a=1"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
