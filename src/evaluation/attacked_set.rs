//! What an attack did to all images of a set ([`AttackedSet`]).

use robust_attacks::Configuration;
use robust_detectors::Status;
use serde::{Deserialize, Serialize};

use super::outcome::{AttackRow, Outcome, Target};
use super::set_name::SetName;

/// How a set of adversarial images was made, and what came of it. Read back, it lacks what follows from the rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    pub against: Option<String>,
    /// The threshold of that detector at which the attack leaves an image; null for one that goes on.
    pub against_threshold: Option<f32>,
    /// Steps, step size, restarts and so on, as the method ran.
    pub settings: Configuration,
    /// The aim; null if any wrong class would do.
    pub target: Option<Target>,
    /// What came of it.
    #[serde(flatten, skip_deserializing)]
    pub counts: AttackCounts,
    /// What it took.
    #[serde(flatten, skip_deserializing)]
    pub effort: Effort,
    /// Images whose gradient was all zero at some step: a sign of masked gradients.
    pub zero_gradient: usize,
    /// Images whose gradient held a NaN at some step.
    pub nan_gradient: usize,
}

impl AttackedSet {
    /// The same attack, with what came of it.
    #[must_use]
    pub fn with(self, outcomes: &[&Outcome]) -> Self {
        let rows: Vec<&AttackRow> = outcomes.iter().flat_map(|outcome| &outcome.rows).collect();
        Self {
            counts: AttackCounts::of(&rows),
            effort: Effort::of(&rows),
            zero_gradient: outcomes.iter().map(|outcome| outcome.zero_gradient).sum(),
            nan_gradient: outcomes.iter().map(|outcome| outcome.nan_gradient).sum(),
            ..self
        }
    }

    /// The worst case that it is a part of; none where it has no budget.
    #[must_use]
    pub fn worst(&self) -> Option<SetName> {
        SetName::worst(self.norm.as_deref(), self.epsilon)
    }
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
