//! The ROC curve of a detector and the figures read from it.
//!
//! Negatives are scores that should be low (clean, correctly classified images), positives scores that should be high.
//! A point's rates count the scores **above** its threshold, as [`Threshold`](crate::Threshold) flags, so that a threshold taken
//! from the curve has the rates that stand beside it; equal scores are one point. scikit-learn's `roc_curve` counts those *at or
//! above*: the same rates, each beside the next higher score. No interpolation: every rate that is reported is attained by a threshold.

use crate::{Error, error::reject_nan};

/// One threshold and what it yields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// The score above which an image counts.
    pub threshold: f32,
    /// False-positive rate: the share of negatives above the threshold.
    pub fpr: f64,
    /// True-positive rate: the share of positives above the threshold.
    pub tpr: f64,
}

/// A ROC curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    points: Vec<RocPoint>,
    negatives: usize,
    positives: usize,
}

impl Roc {
    /// The curve of these scores, in any order. `None` where one side has no scores: then there is no curve, and its
    /// figures are empty fields.
    ///
    /// # Errors
    /// A NaN among the scores.
    pub fn new(negatives: &[f32], positives: &[f32]) -> Result<Option<Self>, Error> {
        reject_nan("negative", negatives)?;
        reject_nan("positive", positives)?;
        if negatives.is_empty() || positives.is_empty() {
            return Ok(None);
        }
        let labelled = |scores: &[f32], positive| scores.iter().map(|&score| (score, positive)).collect::<Vec<_>>();
        let mut scores = [labelled(negatives, false), labelled(positives, true)].concat();
        scores.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));

        let mut points = Vec::new();
        let (mut false_positives, mut true_positives) = (0, 0);
        let mut point = |threshold, false_positives, true_positives| {
            let (fpr, tpr) =
                (false_positives as f64 / negatives.len() as f64, true_positives as f64 / positives.len() as f64);
            points.push(RocPoint { threshold, fpr, tpr });
        };
        for tied in scores.chunk_by(|a, b| a.0 == b.0) {
            point(tied[0].0, false_positives, true_positives);
            let hits = tied.iter().filter(|(_, positive)| *positive).count();
            true_positives += hits;
            false_positives += tied.len() - hits;
        }
        let lowest = scores[scores.len() - 1].0;
        point(lowest.next_down(), false_positives, true_positives);
        Ok(Some(Self { points, negatives: negatives.len(), positives: positives.len() }))
    }

    /// From `(the highest score, 0, 0)` down, one point per distinct score, and at last `(just below the lowest score, 1, 1)`, where
    /// "just below" is the next f32 number.
    #[must_use]
    pub fn points(&self) -> &[RocPoint] {
        &self.points
    }

    /// How many negatives there are.
    #[must_use]
    pub fn negatives(&self) -> usize {
        self.negatives
    }

    /// How many positives there are.
    #[must_use]
    pub fn positives(&self) -> usize {
        self.positives
    }

    /// Area under the curve: the probability that a positive scores higher than a negative, ties counting half.
    #[must_use]
    pub fn auroc(&self) -> f64 {
        self.steps().map(|(from, to)| (to.fpr - from.fpr) * (from.tpr + to.tpr) / 2.0).sum()
    }

    /// Average precision: the sum over thresholds of the gain in TPR times the precision there, as scikit-learn's
    /// `average_precision_score`. Unlike the AUROC it depends on how many negatives there are per positive.
    #[must_use]
    pub fn average_precision(&self) -> f64 {
        let (negatives, positives) = (self.negatives as f64, self.positives as f64);
        let precision = |at: RocPoint| at.tpr * positives / (at.tpr * positives + at.fpr * negatives);
        self.steps().map(|(from, to)| (to.tpr - from.tpr) * precision(to)).sum()
    }

    /// The highest TPR whose FPR is at most `fpr`.
    #[must_use]
    pub fn tpr_at_fpr(&self, fpr: f64) -> f64 {
        self.points.iter().take_while(|point| point.fpr <= fpr).last().map_or(0.0, |point| point.tpr)
    }

    /// The lowest FPR whose TPR is at least `tpr`.
    #[must_use]
    pub fn fpr_at_tpr(&self, tpr: f64) -> f64 {
        self.points.iter().find(|point| point.tpr >= tpr).map_or(1.0, |point| point.fpr)
    }

    /// Each point with the next.
    fn steps(&self) -> impl Iterator<Item = (RocPoint, RocPoint)> {
        self.points.windows(2).map(|pair| (pair[0], pair[1]))
    }
}
