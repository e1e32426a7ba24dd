//! Benign shifts: what happens to images between a camera and a classifier without anybody who means harm. A detector should not take them for
//! attacks, and one that asks whether the classifier is wrong should still know it.
//!
//! A set of shifted images has all of the clean images, those that the network gets wrong among them; its positives are those that the network
//! gets wrong under the shift. Not the corruptions among the attacks, which spare what is wrong already and have every success as a positive.

use anyhow::Result;
use candle_core::Tensor;
use robust_attacks::{Attack, AttackExt, Budget, Corruption, Goal, Model, Norm, Randomness, Task};
use robust_detectors::Reason;
use serde::{Deserialize, Serialize};

use super::assess::Assessment;
use super::campaign::Images;
use super::screen::{Gauge, SeenSet};
use super::set_name::SetName;

/// How strong the shifts are: at what nobody calls damage.
const SEVERITY: usize = 0;

/// A shift, and the name of what it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Such as `shifted-jpeg@s0`.
    pub name: SetName,
    corruption: Corruption,
}

impl Shift {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let corruptions: [fn(usize) -> Corruption; 7] = [
            Corruption::brightness,
            Corruption::contrast,
            Corruption::binarize,
            Corruption::jpeg,
            Corruption::blur,
            Corruption::gaussian_noise,
            Corruption::rescale,
        ];
        let shift = |corruption: Corruption| {
            let name = SetName::Shifted(format!("{}@s{SEVERITY}", corruption.name()));
            Self { name, corruption }
        };
        corruptions.into_iter().map(|of| shift(of(SEVERITY))).collect()
    }

    /// The shifted images, `(B, C, H, W)`, of those of a model.
    ///
    /// # Errors
    /// Whatever the model or the device reports.
    pub fn apply(&self, model: &dyn Model, images: Images, seed: u64) -> Result<Tensor> {
        let goal = Goal::Untargeted { labels: images.labels };
        let randomness = Randomness { seed, indices: images.indices };
        let task = Task { model, x0: &images.x, goal: &goal, randomness: &randomness };
        Ok(self.corruption.run(&task, &Budget::unbounded(Norm::Linf))?.images)
    }
}

/// One row of `shifts.csv`: a detector on the clean images, or on those of a shift. A figure without images is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShiftRow {
    /// `clean`, or a shift.
    pub set: SetName,
    /// Detector id.
    pub detector: String,
    /// How many images there are.
    pub n: usize,
    /// Share of them that the network gets right.
    pub accuracy: Option<f64>,
    /// Share of them that are flagged.
    pub flagged: Option<f64>,
    /// Share of them that are flagged since the classifier is unsure; absent of a detector whose word does not count.
    pub unsure: Option<f64>,
    /// Since another label explains them better.
    pub another_label: Option<f64>,
    /// Since they are unlike clean images.
    pub unlike: Option<f64>,
    /// Area under the ROC curve of the images that the network gets wrong against those that it gets right.
    pub auroc: Option<f64>,
    /// Lower end of its 95 % interval.
    pub auroc_low: Option<f64>,
    /// Upper end.
    pub auroc_high: Option<f64>,
}

impl ShiftRow {
    /// What each detector does on the clean images and on the shifted ones, with the areas that were assessed, and for what reason the `chosen` one
    /// flags. Nothing without shifts.
    #[must_use]
    pub fn all(
        clean: &SeenSet,
        shifted: &[SeenSet],
        (gauges, chosen): (&[Gauge], Gauge),
        assessments: &[Assessment],
    ) -> Vec<Self> {
        let sets = [(clean, &SetName::Misclassified)].into_iter().chain(shifted.iter().map(|set| (set, &set.name)));
        let sets = sets.filter(|_| !shifted.is_empty());
        let rows = sets.flat_map(|(set, errors)| gauges.iter().map(move |gauge| (set, errors, *gauge)));
        rows.map(|(set, errors, gauge)| {
            let row = Self::of(set, errors, gauge, assessments);
            if gauge.id == chosen.id { row.with_reasons(set, gauge) } else { row }
        })
        .collect()
    }

    fn of(set: &SeenSet, errors: &SetName, gauge: Gauge, assessments: &[Assessment]) -> Self {
        let n = set.images.len();
        let share = |count: usize| (n > 0).then(|| count as f64 / n as f64);
        let metrics = assessments.iter().map(|assessment| &assessment.metrics);
        let metrics = metrics.into_iter().find(|metrics| metrics.set == *errors && metrics.detector == gauge.id);
        Self {
            set: set.name.clone(),
            detector: gauge.id.to_owned(),
            n,
            accuracy: share(set.images.iter().filter(|seen| seen.is_correct()).count()),
            flagged: share(set.images.iter().filter(|seen| gauge.flags(seen)).count()),
            auroc: metrics.and_then(|metrics| metrics.auroc),
            auroc_low: metrics.and_then(|metrics| metrics.auroc_low),
            auroc_high: metrics.and_then(|metrics| metrics.auroc_high),
            ..Self::default()
        }
    }

    fn with_reasons(self, set: &SeenSet, gauge: Gauge) -> Self {
        let count = |wanted| set.images.iter().filter(|seen| seen.reason(gauge) == Some(wanted)).count();
        let share = |wanted: Reason| (self.n > 0).then(|| count(wanted) as f64 / self.n as f64);
        let [unsure, another_label, unlike] = [Reason::Unsure, Reason::AnotherLabel, Reason::Unlike].map(share);
        Self { unsure, another_label, unlike, ..self }
    }
}
