//! What an attack did to each image ([`AttackRow`]), and to all images of a set ([`AttackedSet`]).

use robust_attacks::{Adversarials, Configuration};
use robust_detectors::Status;
use serde::{Deserialize, Serialize};

use super::set_name::SetName;

/// What a targeted attack aims for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// One class for every image.
    Class(u32),
    /// A class other than the label, drawn per image.
    Random,
    /// The class with the lowest logit on the clean image.
    LeastLikely,
}

/// What an attack did to an image: a row of `attack.csv`. Labels are 0-based; confidence is the softmax of the prediction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AttackRow {
    /// Position in the split.
    pub index: u64,
    /// True class.
    pub label: u32,
    /// Predicted on the clean image.
    pub clean_prediction: u32,
    /// Its confidence.
    pub clean_confidence: f32,
    /// Predicted on the adversarial image.
    pub adversarial_prediction: u32,
    /// Its confidence.
    pub adversarial_confidence: f32,
    /// What became of it.
    pub status: Status,
    /// Largest change of a pixel.
    pub linf: f64,
    /// Euclidean length of the change.
    pub l2: f64,
    /// Number of pixels changed.
    pub l0: u32,
    /// Class aimed for; empty if any wrong class would do.
    pub target: Option<u32>,
    /// How often the attack asked the network about the image, once for a gradient too.
    pub queries: u64,
}

impl AttackedSet {
    /// The worst case that it is a part of; none where it has no budget.
    #[must_use]
    pub fn worst(&self) -> Option<SetName> {
        SetName::worst(self.norm.as_deref(), self.epsilon)
    }
}

impl AttackRow {
    /// The row before an attack: skipped where there is nothing to attack, failed otherwise.
    pub(crate) fn clean(index: u64, label: u32, logits: &[f32], target: Option<u32>) -> Self {
        let (prediction, confidence) = robust_attacks::prediction(logits);
        let status = if prediction != label || target == Some(label) { Status::Skipped } else { Status::Failed };
        Self {
            index,
            label,
            clean_prediction: prediction,
            clean_confidence: confidence,
            adversarial_prediction: prediction,
            adversarial_confidence: confidence,
            status,
            target,
            ..Self::default()
        }
    }

    /// Takes over what the attack found for image `i` of its batch.
    pub(crate) fn judge(&mut self, found: &Adversarials, i: usize) {
        self.adversarial_prediction = found.predictions[i];
        self.adversarial_confidence = found.confidences[i];
        self.status = if found.success[i] { Status::Succeeded } else { Status::Failed };
        (self.linf, self.l2, self.l0) = (found.linf[i], found.l2[i], found.l0[i]);
        self.queries = found.traces[i].queries;
    }
}

/// How a set of adversarial images was made, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AttackedSet {
    /// Name of the set, such as `bim@0.3`.
    pub set: SetName,
    /// Method id.
    pub method: String,
    /// The norm that bounds the change or that is made small; null where none is.
    pub norm: Option<String>,
    /// The bound; null where there is none.
    pub epsilon: Option<f64>,
    /// The detector that the attack knows and is against; null for an attack on the classifier alone.
    pub against: Option<&'static str>,
    /// The threshold of that detector at which the attack leaves an image; null for one that goes on.
    pub against_threshold: Option<f32>,
    /// Steps, step size, restarts and so on, as the method ran.
    pub settings: Configuration,
    /// The aim; null if any wrong class would do.
    pub target: Option<Target>,
    /// What came of it.
    #[serde(flatten)]
    pub counts: AttackCounts,
    /// What it took.
    #[serde(flatten)]
    pub effort: Effort,
    /// Images whose gradient was all zero at some step: a sign of masked gradients.
    pub zero_gradient: usize,
    /// Images whose gradient held a NaN at some step.
    pub nan_gradient: usize,
}

/// How large the changes of a set are and how many questions they took; null without images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Effort {
    /// Median largest change of a pixel over the images that fool.
    pub median_linf: Option<f64>,
    /// Median Euclidean length of the change over them.
    pub median_l2: Option<f64>,
    /// Median number of pixels changed over them.
    pub median_l0: Option<f64>,
    /// Median number of queries over them.
    pub median_queries: Option<f64>,
    /// Mean number of queries over the images attacked, fooling or not.
    pub mean_queries: Option<f64>,
}

impl Effort {
    /// Sums up `rows`.
    #[must_use]
    pub fn of(rows: &[&AttackRow]) -> Self {
        let median = |value: fn(&AttackRow) -> f64| {
            let fooling = rows.iter().filter(|row| row.status == Status::Succeeded);
            median(fooling.map(|row| value(row)).collect())
        };
        let attacked = rows.iter().filter(|row| row.status != Status::Skipped);
        let (count, queries) = attacked.fold((0, 0), |(count, sum), row| (count + 1, sum + row.queries));
        Self {
            median_linf: median(|row| row.linf),
            median_l2: median(|row| row.l2),
            median_l0: median(|row| f64::from(row.l0)),
            median_queries: median(|row| row.queries as f64),
            mean_queries: (count > 0).then(|| queries as f64 / f64::from(count)),
        }
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (last, middle) = (values.len().checked_sub(1)?, values.len() / 2);
    Some((values[last / 2] + values[middle]) / 2.0)
}

/// Counts and rates over the rows of a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct AttackCounts {
    /// Images in all.
    pub n: usize,
    /// Of them not attacked.
    pub skipped: usize,
    /// Of the others, fooled.
    pub succeeded: usize,
    /// Of the others, not fooled.
    pub failed: usize,
    /// `succeeded / (succeeded + failed)`; null if none was attacked.
    pub success_rate: Option<f64>,
    /// Share of all images classified correctly before the attack.
    pub accuracy_clean: f64,
    /// Share of all images classified correctly after it.
    pub accuracy_under_attack: f64,
}

impl AttackCounts {
    /// Counts `rows`.
    #[must_use]
    pub fn of(rows: &[&AttackRow]) -> Self {
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        let share = |right: &dyn Fn(&AttackRow) -> bool| {
            rows.iter().filter(|row| right(row)).count() as f64 / rows.len() as f64
        };
        let (succeeded, failed) = (count(Status::Succeeded), count(Status::Failed));
        let attacked = succeeded + failed;
        Self {
            n: rows.len(),
            skipped: count(Status::Skipped),
            succeeded,
            failed,
            success_rate: (attacked > 0).then(|| succeeded as f64 / attacked as f64),
            accuracy_clean: share(&|row| row.clean_prediction == row.label),
            accuracy_under_attack: share(&|row| row.adversarial_prediction == row.label),
        }
    }
}
