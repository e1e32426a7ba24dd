//! [`MetricsRow`]: the figures of a set under a detector.

use robust_detectors::{Case, Error, Risk, Roc, Threshold, rates};
use serde::{Deserialize, Serialize};

use super::screen::Gauge;
use super::set_name::SetName;

/// One row of `metrics.csv`; a figure without images is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricsRow {
    /// `clean`, `misclassified`, `method@epsilon`, `shifted-jpeg@s0` and so on.
    pub set: SetName,
    /// Detector id.
    pub detector: String,
    /// Correctly classified clean images; of a shifted set, correctly classified ones of it.
    pub n_negative: Option<usize>,
    /// Successful adversarial images, or errors.
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
    /// Mean selective risk, of the set `misclassified` and of shifted ones.
    pub aurc: Option<f64>,
    /// Lower end of its 95 % interval; absent with fewer than five images on either side.
    pub aurc_low: Option<f64>,
    /// Upper end.
    pub aurc_high: Option<f64>,
    /// What a perfect order would spare of it.
    pub e_aurc: Option<f64>,
    /// Area under the generalised risk, likewise.
    pub augrc: Option<f64>,
    /// Lower end of its 95 % interval.
    pub augrc_low: Option<f64>,
    /// Upper end.
    pub augrc_high: Option<f64>,
}

impl MetricsRow {
    /// A row without figures.
    pub(super) fn empty(set: SetName, gauge: Gauge) -> Self {
        Self { set, detector: gauge.id.to_owned(), threshold: gauge.threshold.score(), ..Self::default() }
    }

    /// Takes over the figures of the scores on either side, and returns their curve; none where a side has no images.
    ///
    /// # Errors
    /// A NaN score. The figures that need no curve are there nevertheless.
    pub fn score(&mut self, negatives: &[f32], positives: &[f32], threshold: Threshold) -> Result<Option<Roc>, Error> {
        self.n_negative = Some(negatives.len());
        self.n_positive = Some(positives.len());
        self.fpr = threshold.flagged_share(negatives);
        self.tpr = threshold.flagged_share(positives);
        let roc = Roc::new(negatives, positives)?;
        if let Some(roc) = &roc {
            self.auroc = Some(roc.auroc());
            self.aupr = Some(roc.average_precision());
            self.tpr_at_1fpr = Some(roc.tpr_at_fpr(0.01));
            self.tpr_at_5fpr = Some(roc.tpr_at_fpr(0.05));
            self.fpr_at_95tpr = Some(roc.fpr_at_tpr(0.95));
        }
        Ok(roc)
    }

    /// Takes over what it is worth to reject images by these scores, some of which have a `wrong` prediction.
    ///
    /// # Errors
    /// A NaN score.
    pub fn risk(&mut self, scores: &[f32], wrong: &[bool]) -> Result<(), Error> {
        if let Some(risk) = Risk::new(scores, wrong)? {
            (self.aurc, self.e_aurc, self.augrc) = (Some(risk.aurc), Some(risk.e_aurc), Some(risk.augrc));
        }
        if let Some([aurc, augrc]) = Risk::intervals(scores, wrong)? {
            (self.aurc_low, self.aurc_high) = (Some(aurc.low), Some(aurc.high));
            (self.augrc_low, self.augrc_high) = (Some(augrc.low), Some(augrc.high));
        }
        Ok(())
    }

    /// Takes over what became of attacked images.
    pub fn rate(&mut self, cases: &[Case]) {
        self.undetected_rate = rates::undetected_rate(cases);
        self.robust_accuracy = rates::robust_accuracy(cases);
        self.robust_accuracy_strict = rates::robust_accuracy_strict(cases);
        self.accuracy_corrected = rates::accuracy_corrected(cases);
    }
}
