//! Why images were flagged: the column `reason` of `detect.csv`, which older versions did not write.

use std::collections::BTreeMap;

use anyhow::Result;
use robust_detectors::Reason;

use super::csv_file::{CsvFile, Row};

/// The position of the column; none in a file of an older version.
pub(super) fn reason_column(file: &CsvFile) -> Option<usize> {
    file.header().position(|name| name == "reason")
}

/// The field `reason`; none of an image that was not flagged, or where there is no such column.
pub(super) fn reason(row: &Row, column: Option<usize>) -> Result<Option<Reason>> {
    let Some(column) = column.filter(|&column| !row.text(column).is_empty()) else { return Ok(None) };
    let found = Reason::of_word(row.text(column));
    let expected = || format!("one of {}", Reason::ALL.map(Reason::word).join(", "));
    found.map(Some).ok_or_else(|| row.wrong(column, &expected()))
}

/// How many images were flagged for which reason; none if no reason is known.
pub(super) fn counts(reasons: &BTreeMap<Reason, usize>) -> Option<String> {
    let count = |(reason, images): (&Reason, &usize)| format!("{} ({images})", reason.words());
    let counts: Vec<String> = reasons.iter().map(count).collect();
    (!counts.is_empty()).then(|| format!("Reasons: {}.", counts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_counted_by_reason() {
        assert_eq!(counts(&BTreeMap::new()), None);
        let seen = BTreeMap::from([(Reason::Unlike, 12), (Reason::Unsure, 1)]);
        assert_eq!(counts(&seen).unwrap(), "Reasons: the classifier is unsure (1), unlike clean images (12).");
    }
}
