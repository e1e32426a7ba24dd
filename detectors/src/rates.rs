//! What an attack achieves against a classifier that may decline to answer.
//!
//! The figures that follow from flags and predictions rather than from scores. Each is `None` where there is no image to
//! count: an empty field, never 0 or 1. The `fpr` and `tpr` at the threshold in use are
//! [`Threshold::flagged_share`](crate::Threshold::flagged_share) of the negatives and of the positives.

use serde::{Deserialize, Serialize};

/// How an attack on an image ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The model was fooled.
    Succeeded,
    /// The model was not fooled.
    #[default]
    Failed,
    /// Not attacked: already misclassified, or already of the target class.
    Skipped,
}

/// One image of an attacked set: the truth, and what model and detector said before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The true label.
    pub label: u32,
    /// The prediction on the clean image.
    pub clean_prediction: u32,
    /// Whether the clean image is flagged.
    pub clean_flagged: bool,
    /// How the attack ended.
    pub status: Status,
    /// The prediction on the adversarial image; for a skipped one, on the clean image.
    pub adversarial_prediction: u32,
    /// Whether the adversarial image is flagged; for a skipped one, the clean image.
    pub adversarial_flagged: bool,
    /// What to predict instead where the adversarial image is flagged; `None` if the detector offers nothing. With
    /// reconstruction errors it is [`ClassErrors::best_label`](crate::ClassErrors::best_label) of the adversarial image.
    pub corrected_label: Option<u32>,
}

impl Case {
    fn attacked(&self) -> bool {
        self.status != Status::Skipped
    }

    fn clean_accepted(&self) -> bool {
        self.clean_prediction == self.label && !self.clean_flagged
    }

    fn adversarial_correct(&self) -> bool {
        self.adversarial_prediction == self.label
    }
}

/// The attacks that get through: (succeeded and not flagged) / (succeeded + failed).
#[must_use]
pub fn undetected_rate(cases: &[Case]) -> Option<f64> {
    let attacked = cases.iter().filter(|case| case.attacked());
    share(attacked.map(|case| case.status == Status::Succeeded && !case.adversarial_flagged))
}

/// What the defended classifier still gets right: the share of all `N` images whose clean image is correct and accepted
/// **and** whose adversarial image is correct or flagged. Flagging everything earns 0.
#[must_use]
pub fn robust_accuracy(cases: &[Case]) -> Option<f64> {
    share(cases.iter().map(|case| case.clean_accepted() && (case.adversarial_correct() || case.adversarial_flagged)))
}

/// The same where an alarm does not count as an answer: the share of all `N` images whose clean image is correct and
/// accepted **and** whose adversarial image is correct and accepted. At most [`robust_accuracy`].
#[must_use]
pub fn robust_accuracy_strict(cases: &[Case]) -> Option<f64> {
    share(cases.iter().map(|case| case.clean_accepted() && case.adversarial_correct() && !case.adversarial_flagged))
}

/// What is right after correction: over succeeded + failed, the share where the corrected label if flagged, else the
/// prediction, is the true label. Also `None` where a flagged image has no corrected label.
#[must_use]
pub fn accuracy_corrected(cases: &[Case]) -> Option<f64> {
    let attacked = cases.iter().filter(|case| case.attacked());
    let answer = |case: &Case| {
        if case.adversarial_flagged { case.corrected_label } else { Some(case.adversarial_prediction) }
    };
    let correct: Option<Vec<bool>> = attacked.map(|case| Some(answer(case)? == case.label)).collect();
    share(correct?.into_iter())
}

/// The share that holds, `None` of nothing.
pub fn share(hold: impl Iterator<Item = bool>) -> Option<f64> {
    let (held, all) = hold.fold((0u64, 0u64), |(held, all), holds| (held + u64::from(holds), all + 1));
    (all > 0).then(|| held as f64 / all as f64)
}
