//! Figures as the page writes them.

use crate::evaluation::MetricsRow;
use crate::remarks::auroc;
use crate::words;

/// A share in percent; a dash where there is nothing to count.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(dash, words::percent)
}

/// Where there is no figure.
pub(super) fn dash() -> String {
    "–".into()
}

/// What the detector that flags makes of a set.
pub(super) struct Figures {
    /// With the number of images where they are few.
    pub(super) auroc: String,
    /// Share of the positives that are flagged.
    pub(super) detected: String,
    /// Successful and not flagged, of the attacked.
    pub(super) undetected: String,
    pub(super) robust: String,
}

impl From<&MetricsRow> for Figures {
    fn from(metrics: &MetricsRow) -> Self {
        Self {
            auroc: auroc(metrics).unwrap_or_else(dash),
            detected: percent(metrics.tpr),
            undetected: percent(metrics.undetected_rate),
            robust: percent(metrics.robust_accuracy),
        }
    }
}
