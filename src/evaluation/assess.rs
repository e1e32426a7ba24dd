//! How well detectors tell adversarial and misclassified images from clean ones.
//!
//! Negatives are the correctly classified clean images; positives are the successful adversarial images made from them,
//! or, in the set `misclassified`, the clean images that the network gets wrong, or, in the set `ambiguous`, blends of them. In a shifted set both
//! are shifted images: those that the network gets wrong and those that it gets right.

use anyhow::{Context, Result};
use rayon::prelude::*;
use robust_detectors::{Case, ImageScores, Roc, Status, auroc_interval};

use super::metrics::MetricsRow;
use super::screen::{Gauge, Seen, SeenSet};
use super::set_name::SetName;

/// The curve and the figures of a set under a detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The figures.
    pub metrics: MetricsRow,
    /// The curve; none where one side has no images.
    pub roc: Option<Roc>,
}

/// Assesses `clean`, `misclassified`, every attacked set, every shifted one and, if there are any, the blends, which are all positives, under
/// every detector, sets first. All are of the same images.
///
/// # Errors
/// A NaN score.
pub fn assess(
    clean: &SeenSet,
    attacked: &[SeenSet],
    (shifted, blends): (&[SeenSet], Option<&SeenSet>),
    gauges: &[Gauge],
) -> Result<Vec<Assessment>> {
    let sets: Vec<Set> = [Set::Clean, Set::Errors(SetName::Misclassified, clean)]
        .into_iter()
        .chain(attacked.iter().map(Set::Attacked))
        .chain(shifted.iter().map(|set| Set::Errors(set.name.clone(), set)))
        .chain(blends.map(Set::Blends))
        .collect();
    let pairs: Vec<(&Set, &Gauge)> = sets.iter().flat_map(|set| gauges.iter().map(move |gauge| (set, gauge))).collect();
    let assess = |(set, gauge): (&Set, &Gauge)| {
        set.assess(clean, *gauge).with_context(|| format!("detector {} on the set {}", gauge.id, set.name()))
    };
    pairs.into_par_iter().map(assess).collect()
}

/// Assesses one attacked set under one detector.
pub(super) fn assess_attacked(clean: &SeenSet, attacked: &SeenSet, gauge: Gauge) -> Result<Assessment> {
    Set::Attacked(attacked).assess(clean, gauge)
}

/// What is compared with the clean images.
enum Set<'a> {
    Clean,
    /// By that name, what the network gets wrong of these images.
    Errors(SetName, &'a SeenSet),
    Attacked(&'a SeenSet),
    Blends(&'a SeenSet),
}

impl Set<'_> {
    fn name(&self) -> SetName {
        match self {
            Self::Clean => SetName::Clean,
            Self::Errors(name, _) => name.clone(),
            Self::Attacked(set) | Self::Blends(set) => set.name.clone(),
        }
    }

    fn assess(&self, clean: &SeenSet, gauge: Gauge) -> Result<Assessment> {
        let score = |seen: &Seen| seen.score(gauge);
        let mut metrics = MetricsRow::empty(self.name(), gauge);
        if let Self::Clean = self {
            metrics.fpr = gauge.threshold.flagged_share(&clean.scores(gauge));
            return Ok(Assessment { metrics, roc: None });
        }

        let natural = if let Self::Errors(_, set) = self { set } else { clean };
        let positive = |position: usize, seen: &Seen| match self {
            Self::Attacked(set) => {
                let seen = &set.images[position];
                (seen.status == Some(Status::Succeeded)).then(|| score(seen))
            }
            Self::Blends(set) => Some(score(&set.images[position])),
            _ => (!seen.is_correct()).then(|| score(seen)),
        };
        let paired: Vec<ImageScores> = (natural.images.iter().enumerate())
            .map(|(position, seen)| ImageScores {
                negative: seen.is_correct().then(|| score(seen)),
                positive: positive(position, seen),
            })
            .collect();
        let negatives: Vec<f32> = paired.iter().filter_map(|image| image.negative).collect();
        let positives: Vec<f32> = paired.iter().filter_map(|image| image.positive).collect();
        let roc = metrics.score(&negatives, &positives, gauge.threshold)?;
        if let Some(interval) = auroc_interval(&paired)? {
            (metrics.auroc_low, metrics.auroc_high) = (Some(interval.low), Some(interval.high));
        }
        if let Self::Errors(_, set) = self {
            let wrong: Vec<bool> = set.images.iter().map(|seen| !seen.is_correct()).collect();
            metrics.risk(&set.scores(gauge), &wrong)?;
        }
        if let Self::Attacked(set) = self {
            let pairs = clean.images.iter().zip(&set.images);
            let cases: Vec<Case> = pairs.filter_map(|(clean, attacked)| case(clean, attacked, gauge)).collect();
            metrics.rate(&cases);
        }
        Ok(Assessment { metrics, roc })
    }
}

/// None for an image without a label.
fn case(clean: &Seen, attacked: &Seen, gauge: Gauge) -> Option<Case> {
    let verdict = |seen: &Seen| seen.sighting.verdicts[gauge.position];
    let flagged = |seen: &Seen| gauge.threshold.flags(verdict(seen).score);
    Some(Case {
        label: clean.label?,
        clean_prediction: clean.sighting.prediction,
        clean_flagged: flagged(clean),
        status: attacked.status.unwrap_or(Status::Skipped),
        adversarial_prediction: attacked.sighting.prediction,
        adversarial_flagged: flagged(attacked),
        corrected_label: verdict(attacked).corrected_label,
    })
}
