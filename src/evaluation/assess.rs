//! How well detectors tell adversarial and misclassified images from clean ones.
//!
//! Negatives are the correctly classified clean images; positives are the successful adversarial images made from them,
//! or, in the set `misclassified`, the clean images that the network gets wrong, or, in the set `ambiguous`, blends of them.

use anyhow::{Context, Result};
use rayon::prelude::*;
use robust_detectors::{Case, ImageScores, Roc, Status, Threshold, auroc_interval, rates};
use serde::Serialize;

use crate::remarks::with_few;
use crate::report::AttackRow;
use crate::screening::Sighting;

/// Name of the set of clean images.
pub const CLEAN: &str = "clean";
/// Name of the set whose positives are the clean errors.
pub const MISCLASSIFIED: &str = "misclassified";

/// One image of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Position in the split.
    pub index: u64,
    /// True class; none where nobody knows, or where there is not one.
    pub label: Option<u32>,
    /// How the attack on it ended; none for a clean image.
    pub status: Option<Status>,
    /// What was seen.
    pub sighting: Sighting,
}

impl Seen {
    /// What was seen of an attacked image.
    pub(crate) fn attacked(row: &AttackRow, sighting: Sighting) -> Self {
        Self { index: row.index, label: Some(row.label), status: Some(row.status), sighting }
    }

    /// Whether it is right and not flagged.
    pub(crate) fn is_accepted(&self, gauge: Gauge) -> bool {
        self.is_correct() && !gauge.threshold.flags(self.sighting.verdicts[gauge.position].score)
    }

    fn is_correct(&self) -> bool {
        self.label == Some(self.sighting.prediction)
    }
}

/// The images of one set, in the order of the clean ones.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenSet {
    /// `clean`, or `method@epsilon`.
    pub name: String,
    /// One per image.
    pub images: Vec<Seen>,
}

/// A detector's place among the verdicts, its id and its threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// Position in [`Sighting::verdicts`].
    pub position: usize,
    /// Detector id.
    pub id: &'static str,
    /// Flags above this.
    pub threshold: Threshold,
}

/// One row of `metrics.csv`; a figure without images is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MetricsRow {
    /// `clean`, `misclassified` or `method@epsilon`.
    pub set: String,
    /// Detector id.
    pub detector: &'static str,
    /// Correctly classified clean images.
    pub n_negative: Option<usize>,
    /// Successful adversarial images, or clean errors.
    pub n_positive: Option<usize>,
    /// Area under the ROC curve.
    pub auroc: Option<f64>,
    /// Lower end of its 95 % interval; absent with fewer than five images on either side.
    pub auroc_low: Option<f64>,
    /// Upper end.
    pub auroc_high: Option<f64>,
    /// Average precision.
    pub aupr: Option<f64>,
    /// Highest TPR at an FPR of at most 1 %.
    pub tpr_at_1fpr: Option<f64>,
    /// Highest TPR at an FPR of at most 5 %.
    pub tpr_at_5fpr: Option<f64>,
    /// Lowest FPR at a TPR of at least 95 %.
    pub fpr_at_95tpr: Option<f64>,
    /// The threshold in use.
    pub threshold: f32,
    /// Share of negatives flagged; in the set `clean`, of all clean images.
    pub fpr: Option<f64>,
    /// Share of positives flagged.
    pub tpr: Option<f64>,
    /// Successful and not flagged, over succeeded + failed.
    pub undetected_rate: Option<f64>,
    /// Share of images clean correct and accepted, and adversarial correct or flagged.
    pub robust_accuracy: Option<f64>,
    /// Share of images clean correct and accepted, and adversarial correct and accepted.
    pub robust_accuracy_strict: Option<f64>,
    /// Share of attacked images that are right after flagged ones took the detector's corrected label.
    pub accuracy_corrected: Option<f64>,
}

/// The curve and the figures of a set under a detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The figures.
    pub metrics: MetricsRow,
    /// The curve; none where one side has no images.
    pub roc: Option<Roc>,
}

/// All that was seen of the same images.
#[derive(Debug, Clone, Copy)]
pub struct Sets<'a> {
    /// As they are.
    pub clean: &'a SeenSet,
    /// Attacked.
    pub attacked: &'a [SeenSet],
    /// Blended with others, if that was asked for: all are positives.
    pub blends: Option<&'a SeenSet>,
}

/// Assesses `clean`, `misclassified`, every attacked set and the blends under every detector, sets first.
///
/// # Errors
/// A NaN score.
pub fn assess(sets: Sets, gauges: &[Gauge]) -> Result<Vec<Assessment>> {
    let Sets { clean, attacked, blends } = sets;
    let sets: Vec<Set> = [Set::Clean, Set::Misclassified]
        .into_iter()
        .chain(attacked.iter().map(Set::Attacked))
        .chain(blends.map(Set::Blends))
        .collect();
    let pairs: Vec<(&Set, &Gauge)> = sets.iter().flat_map(|set| gauges.iter().map(move |gauge| (set, gauge))).collect();
    let assess = |(set, gauge): (&Set, &Gauge)| {
        set.assess(clean, *gauge).with_context(|| format!("detector {} on the set {}", gauge.id, set.name()))
    };
    pairs.into_par_iter().map(assess).collect()
}

/// Assesses one attacked set under one detector.
///
/// # Errors
/// A NaN score.
pub fn assess_attacked(clean: &SeenSet, attacked: &SeenSet, gauge: Gauge) -> Result<Assessment> {
    Set::Attacked(attacked).assess(clean, gauge)
}

/// What is compared with the clean images.
enum Set<'a> {
    Clean,
    Misclassified,
    Attacked(&'a SeenSet),
    Blends(&'a SeenSet),
}

impl Set<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Clean => CLEAN,
            Self::Misclassified => MISCLASSIFIED,
            Self::Attacked(set) | Self::Blends(set) => &set.name,
        }
    }

    fn assess(&self, clean: &SeenSet, gauge: Gauge) -> Result<Assessment> {
        let score = |seen: &Seen| seen.sighting.verdicts[gauge.position].score;
        let mut metrics = MetricsRow::empty(self.name(), gauge);
        if let Self::Clean = self {
            let all: Vec<f32> = clean.images.iter().map(score).collect();
            metrics.fpr = gauge.threshold.flagged_share(&all);
            return Ok(Assessment { metrics, roc: None });
        }

        let positive = |position: usize, seen: &Seen| match self {
            Self::Attacked(set) => {
                let seen = &set.images[position];
                (seen.status == Some(Status::Succeeded)).then(|| score(seen))
            }
            Self::Blends(set) => Some(score(&set.images[position])),
            _ => (!seen.is_correct()).then(|| score(seen)),
        };
        let paired: Vec<ImageScores> = (clean.images.iter().enumerate())
            .map(|(position, seen)| ImageScores {
                negative: seen.is_correct().then(|| score(seen)),
                positive: positive(position, seen),
            })
            .collect();
        let negatives: Vec<f32> = paired.iter().filter_map(|image| image.negative).collect();
        let positives: Vec<f32> = paired.iter().filter_map(|image| image.positive).collect();
        metrics.n_negative = Some(negatives.len());
        metrics.n_positive = Some(positives.len());
        metrics.fpr = gauge.threshold.flagged_share(&negatives);
        metrics.tpr = gauge.threshold.flagged_share(&positives);
        let roc = Roc::new(&negatives, &positives)?;
        if let Some(roc) = &roc {
            metrics.auroc = Some(roc.auroc());
            metrics.aupr = Some(roc.average_precision());
            metrics.tpr_at_1fpr = Some(roc.tpr_at_fpr(0.01));
            metrics.tpr_at_5fpr = Some(roc.tpr_at_fpr(0.05));
            metrics.fpr_at_95tpr = Some(roc.fpr_at_tpr(0.95));
        }
        if let Some(interval) = auroc_interval(&paired)? {
            (metrics.auroc_low, metrics.auroc_high) = (Some(interval.low), Some(interval.high));
        }
        if let Self::Attacked(set) = self {
            let cases: Vec<Case> = clean
                .images
                .iter()
                .zip(&set.images)
                .filter_map(|(clean, attacked)| case(clean, attacked, gauge))
                .collect();
            metrics.undetected_rate = rates::undetected_rate(&cases);
            metrics.robust_accuracy = rates::robust_accuracy(&cases);
            metrics.robust_accuracy_strict = rates::robust_accuracy_strict(&cases);
            metrics.accuracy_corrected = rates::accuracy_corrected(&cases);
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
        corrected_label: Some(verdict(attacked).corrected_label),
    })
}

impl MetricsRow {
    /// The AUROC as text, with the number of images where they are few.
    #[must_use]
    pub fn auroc_text(&self) -> Option<String> {
        Some(with_few(self.auroc?, self.n_positive?, self.n_negative?))
    }

    fn empty(set: &str, gauge: Gauge) -> Self {
        Self {
            set: set.to_owned(),
            detector: gauge.id,
            n_negative: None,
            n_positive: None,
            auroc: None,
            auroc_low: None,
            auroc_high: None,
            aupr: None,
            tpr_at_1fpr: None,
            tpr_at_5fpr: None,
            fpr_at_95tpr: None,
            threshold: gauge.threshold.score(),
            fpr: None,
            tpr: None,
            undetected_rate: None,
            robust_accuracy: None,
            robust_accuracy_strict: None,
            accuracy_corrected: None,
        }
    }
}
