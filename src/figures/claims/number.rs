//! Numbers as the table writes them.

/// A share in percent, two decimals.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A share in percent, one decimal.
pub(super) fn percents(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

/// A number.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or("none".to_owned(), |value| format!("{value:.decimals$}"))
}
