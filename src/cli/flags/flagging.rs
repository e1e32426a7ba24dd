//! The flags that choose detectors and their thresholds.

use clap::Args;

use super::names;
use super::number::{rate, score};

/// The detector that flags unless --detector names another.
pub(crate) const DEFAULT_DETECTOR: &str = "combined";

/// Who flags, and above which score; shared by `detect`, `evaluate` and `explore`.
#[derive(Debug, Args)]
pub(crate) struct FlaggingFlags {
    /// The detector that flags [default: combined]
    #[arg(long, value_name = "ID", value_parser = names::detector, help_heading = "Detection")]
    pub(crate) detector: Option<&'static str>,
    /// Detectors to score beside it, or all [default: all but two-way, which takes far longer than the others]
    #[arg(long, value_name = "ID,..", value_delimiter = ',', value_parser = names::detector_or_all, help_heading = "Detection")]
    pub(crate) detectors: Vec<&'static str>,
    /// Flag scores above this one; without a value the stored threshold for 5 % of clean images
    #[arg(long, value_name = "SCORE", num_args = 0..=1, value_parser = score,
          conflicts_with = "fpr", help_heading = "Detection")]
    pub(crate) threshold: Option<Option<f32>>,
    /// Flag this share of clean validation images [default: 0.05]
    #[arg(long, value_name = "RATE", value_parser = rate, help_heading = "Detection")]
    pub(crate) fpr: Option<f64>,
}

impl FlaggingFlags {
    /// That detector alone, at its stored threshold.
    pub(crate) fn alone(id: &'static str) -> Self {
        Self { detector: Some(id), detectors: vec![id], threshold: None, fpr: None }
    }

    /// The id of the detector that flags.
    pub(crate) fn chosen(&self) -> &'static str {
        self.detector.unwrap_or(DEFAULT_DETECTOR)
    }
}

/// What detectors look at, and who flags; shared by `detect` and `evaluate`.
#[derive(Debug, Args)]
pub(crate) struct DetectionFlags {
    #[command(flatten)]
    pub(crate) flagging: FlaggingFlags,
    /// Look at blends of two images of different classes too, which no single label explains
    #[arg(long, help_heading = "Detection")]
    pub(crate) ambiguous: bool,
}
