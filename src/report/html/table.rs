//! The figures of every set under the detector and the threshold in use, as text.

use super::image_set::ImageSet;
use super::run::Run;
use super::words::{Figures, percent};

/// One line of the table of sets; the page updates what follows the threshold.
pub(super) struct Line {
    pub(super) set: String,
    pub(super) settings: String,
    /// Why not to trust the line.
    pub(super) doubts: Vec<String>,
    pub(super) images: usize,
    pub(super) success: String,
    pub(super) accuracy: String,
    pub(super) figures: Figures,
}

impl Line {
    pub(super) fn of(run: &Run, set: &ImageSet) -> Self {
        let seen = run.detection.as_ref().filter(|_| !set.scores.is_empty());
        let metrics = seen.and_then(|clean| set.metrics(clean)).unwrap_or_default();
        let attacked = |value: Option<f64>| percent(value.filter(|_| !set.natural));
        Self {
            set: set.name.clone(),
            settings: set.settings.clone(),
            doubts: if set.natural { Vec::new() } else { doubts(set) },
            images: if set.natural { set.positives() } else { set.index.len() },
            success: attacked(set.success_rate()),
            accuracy: attacked(Some(set.accuracy_under_attack())),
            figures: (&metrics).into(),
        }
    }
}

fn doubts(set: &ImageSet) -> Vec<String> {
    let blind = set.blind.as_ref().map(|images| format!("blind on {images}"));
    let nothing = set.effect().fooled_nothing().then(|| "fooled nothing".to_owned());
    blind.into_iter().chain(nothing).collect()
}
