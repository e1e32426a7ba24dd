//! The figures of every set under the detector and the threshold in use, as text.

use super::image_set::ImageSet;
use super::run::Run;
use super::words::{Figures, percent};

/// One line of the table of sets; the page updates what follows the threshold.
pub(super) struct Line {
    /// Of the set, among those of the run.
    pub(super) position: usize,
    pub(super) set: String,
    /// What was done to the images.
    pub(super) meaning: &'static str,
    pub(super) settings: String,
    /// Why not to trust the line.
    pub(super) doubts: Vec<String>,
    pub(super) images: usize,
    pub(super) success: String,
    pub(super) accuracy: String,
    pub(super) figures: Figures,
    /// How bad it is: what passes unnoticed, then what fools.
    harm: [f64; 2],
}

impl Line {
    /// A line for every set, the worst first; sets that nobody attacked are last.
    pub(super) fn worst_first(run: &Run) -> Vec<Self> {
        let mut lines: Vec<Self> = (0..).zip(&run.sets).map(|(position, set)| Self::of(run, position, set)).collect();
        lines.sort_by(|a, b| b.harm[0].total_cmp(&a.harm[0]).then(b.harm[1].total_cmp(&a.harm[1])));
        lines
    }

    /// The line of the set at a position.
    pub(super) fn of(run: &Run, position: usize, set: &ImageSet) -> Self {
        let seen = run.detection.as_ref().filter(|_| !set.scores.is_empty());
        let metrics = seen.and_then(|clean| set.metrics(clean)).unwrap_or_default();
        let attacked = |value: Option<f64>| percent(value.filter(|_| !set.natural));
        let passes = metrics.undetected_rate.unwrap_or(if set.natural { -1.0 } else { 0.0 });
        Self {
            position,
            set: set.name.clone(),
            meaning: set.meaning,
            settings: set.settings.clone(),
            doubts: if set.natural { Vec::new() } else { doubts(set) },
            images: if set.natural { set.positives() } else { set.index.len() },
            success: attacked(set.success_rate()),
            accuracy: attacked(Some(set.accuracy_under_attack())),
            figures: (&metrics).into(),
            harm: [passes, set.success_rate().filter(|_| !set.natural).unwrap_or(0.0)],
        }
    }
}

fn doubts(set: &ImageSet) -> Vec<String> {
    let blind = set.blind.as_ref().map(|images| format!("blind on {images}"));
    let nothing = set.effect().fooled_nothing().then(|| "fooled nothing".to_owned());
    blind.into_iter().chain(nothing).collect()
}
