//! Text from outside in a cell of a CSV file: a file's name must not become a spreadsheet's formula.

use std::borrow::Cow;

use robust_data::plain;
use serde::Serializer;

/// The text as [`plain`] text; with an apostrophe before it where it begins as a formula does and is not a number.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let text = plain(text);
    if text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err() {
        return format!("'{text}").into();
    }
    text
}

/// The same for `#[serde(serialize_with)]`.
pub(crate) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
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
