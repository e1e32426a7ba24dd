//! Numbers as the table writes them.

use serde::{Deserialize, Serialize};

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// A share from 0 to 1, in percent.
    Share,
    Number,
}

impl Unit {
    /// The number, without its unit.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.2}", 100.0 * value),
            Self::Number => format!("{value:.3}"),
        }
    }

    /// What follows the number.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Share => " %",
            Self::Number => "",
        }
    }
}

/// A share in percent, one decimal.
pub(super) fn percents(share: Option<f64>) -> String {
    share.map_or("none".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

/// A number.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or("none".to_owned(), |value| format!("{value:.decimals$}"))
}
