//! Figures as the page writes them.

use crate::words;

/// A share in percent; a dash where there is nothing to count.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(dash, words::percent)
}

/// Where there is no figure.
pub(super) fn dash() -> String {
    "–".into()
}
