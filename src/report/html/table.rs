//! The figures of every set under the detector and the threshold in use, as text.

use robust_detectors::{Status, rates};

use super::detected::Detection;
use super::image_set::ImageSet;
use super::run::Run;
use super::words::{dash, percent};
use crate::remarks::with_few;

/// One line of the table of sets; the page updates what follows the threshold.
pub(super) struct Line {
    pub(super) set: String,
    pub(super) settings: String,
    /// Why not to trust the line.
    pub(super) doubts: Vec<String>,
    pub(super) images: usize,
    pub(super) success: String,
    pub(super) accuracy: String,
    pub(super) auroc: String,
    pub(super) detected: String,
    pub(super) undetected: String,
    pub(super) robust: String,
}

impl Line {
    pub(super) fn of(run: &Run, set: &ImageSet) -> Self {
        let seen = run.detection.as_ref().filter(|_| !set.scores.is_empty());
        let flagging = seen.and_then(|clean| Flagging::of(clean, set));
        let of = |value: fn(&Flagging) -> Option<f64>| flagging.as_ref().and_then(value);
        let attacked = |value: Option<f64>| percent(value.filter(|_| !set.natural));
        Self {
            set: set.name.clone(),
            settings: set.settings.clone(),
            doubts: if set.natural { Vec::new() } else { doubts(set) },
            images: if set.natural { set.positives() } else { set.index.len() },
            success: attacked(set.success_rate()),
            accuracy: attacked(Some(set.accuracy_under_attack())),
            auroc: flagging.as_ref().and_then(|flagging| flagging.auroc.clone()).unwrap_or_else(dash),
            detected: percent(of(|flagging| flagging.detected)),
            undetected: percent(of(|flagging| flagging.undetected)),
            robust: percent(of(|flagging| flagging.robust)),
        }
    }
}

/// What the detector that flags makes of a set.
pub(super) struct Flagging {
    /// As text, with the number of images where they are few.
    pub(super) auroc: Option<String>,
    /// Share of the positives that are flagged.
    pub(super) detected: Option<f64>,
    /// Successful and not flagged, of the attacked.
    pub(super) undetected: Option<f64>,
    pub(super) robust: Option<f64>,
}

impl Flagging {
    pub(super) fn of(clean: &Detection, set: &ImageSet) -> Option<Self> {
        let threshold = clean.threshold()?;
        let scores = set.scores[clean.chosen].iter().zip(&set.status);
        let positives: Vec<f32> = scores.filter(|(_, status)| **status == Status::Succeeded).map(|(s, _)| *s).collect();
        let cases = if set.natural { Vec::new() } else { set.cases(clean, threshold) };
        Some(Self {
            auroc: set.roc(clean).map(|roc| with_few(roc.auroc(), roc.positives(), roc.negatives())),
            detected: threshold.flagged_share(&positives),
            undetected: rates::undetected_rate(&cases),
            robust: rates::robust_accuracy(&cases),
        })
    }
}

fn doubts(set: &ImageSet) -> Vec<String> {
    let blind = set.blind.as_ref().map(|images| format!("blind on {images}"));
    let nothing = set.effect().fooled_nothing().then(|| "fooled nothing".to_owned());
    blind.into_iter().chain(nothing).collect()
}
