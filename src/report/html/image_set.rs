//! One set as the page knows it: attacked images, from the rows of `detect.csv`, `attack.csv`, or both; or images as they are, all
//! of which a detector should flag: those that the network gets wrong, and blends.

use robust_attacks::methods;
use robust_detectors::{Case, Reason, Status};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::attacked::Attacked;
use super::detected::Detection;
use super::facts::plain;
use super::gallery::Gallery;
use super::scored_set::ScoredSet;
use crate::evaluation::{MetricsRow, SetName};
use crate::packed;
use crate::remarks::Effect;

/// A set of images; columns are in one order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ImageSet {
    /// `method@epsilon`.
    pub(crate) name: String,
    /// Method and aim: sets that differ in nothing but epsilon share it.
    pub(crate) family: String,
    /// Method id.
    #[serde(skip)]
    pub(crate) method: String,
    /// What the method does, or what the images are; nothing of a method that is not known.
    pub(crate) meaning: &'static str,
    /// Images whose gradient was all zero at some step of the attack, and those with a NaN in it.
    #[serde(skip)]
    pub(crate) gradients: [usize; 2],
    /// On how many images the attack was blind, such as `39 of 40`.
    pub(crate) blind: Option<String>,
    /// Whether nobody attacked these: the positives among them are then those with the status 0.
    pub(crate) natural: bool,
    /// The norm of epsilon, where there is one.
    pub(crate) norm: Option<String>,
    /// The bound of the change, where there is one.
    pub(crate) epsilon: Option<f64>,
    /// Steps, step size and so on.
    pub(crate) settings: String,
    /// Position in the split.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) index: Vec<u32>,
    /// True class; empty where there is not one.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) label: Vec<u32>,
    /// Predicted on the clean image.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) clean_prediction: Vec<u32>,
    /// Predicted on the adversarial image.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) prediction: Vec<u32>,
    /// How the attack ended: 0 succeeded, 1 failed, 2 skipped.
    #[serde(serialize_with = "outcomes")]
    pub(crate) status: Vec<Status>,
    /// A column per detector of the run; none if no detector looked.
    #[serde(serialize_with = "packed::columns")]
    pub(crate) scores: Vec<Vec<f32>>,
    /// Why the detector that flags does, of each image; empty if none looked.
    #[serde(skip)]
    pub(super) reasons: Vec<Option<Reason>>,
    /// Some of the images.
    pub(crate) gallery: Option<Gallery>,
}

fn outcomes<S: Serializer>(status: &[Status], serializer: S) -> Result<S::Ok, S::Error> {
    packed::bytes(&status.iter().map(|&status| status as u8).collect::<Vec<_>>(), serializer)
}

impl ImageSet {
    /// The set of `detect.csv`; `summary` is its entry in `detect.json`.
    pub(super) fn scored(seen: ScoredSet, clean: &Detection, summary: &Map<String, Value>) -> Self {
        let set = Self {
            natural: seen.is_natural(),
            index: seen.index,
            label: seen.label,
            clean_prediction: clean.prediction.clone(),
            prediction: seen.prediction,
            // Nobody attacked a blend, and every one is to be flagged.
            status: seen.status.into_iter().map(|status| status.unwrap_or(Status::Succeeded)).collect(),
            scores: seen.scores,
            reasons: seen.reasons,
            ..Self::named(seen.name, summary)
        };
        set.with_blindness()
    }

    /// The clean images, of which those that the network gets wrong are to be flagged; `index` are their positions. None if there
    /// are none.
    pub(super) fn misclassified(index: &[u32], clean: &Detection) -> Option<Self> {
        let wrong = |(label, prediction)| if label == prediction { Status::Skipped } else { Status::Succeeded };
        let status: Vec<Status> = clean.label.iter().zip(&clean.prediction).map(wrong).collect();
        status.contains(&Status::Succeeded).then(|| Self {
            natural: true,
            index: index.to_vec(),
            label: clean.label.clone(),
            clean_prediction: clean.prediction.clone(),
            prediction: clean.prediction.clone(),
            status,
            scores: clean.scores.clone(),
            ..Self::named(SetName::Misclassified.to_string(), &Map::new())
        })
    }

    /// The set of `attack.csv`, which no detector looked at.
    pub(super) fn attacked(attacked: &Attacked) -> Self {
        let rows = &attacked.rows;
        let set = Self {
            index: rows.iter().map(|row| row.index).collect(),
            label: rows.iter().map(|row| row.label).collect(),
            clean_prediction: rows.iter().map(|row| row.clean_prediction).collect(),
            prediction: rows.iter().map(|row| row.prediction).collect(),
            status: rows.iter().map(|row| row.status).collect(),
            ..Self::named(attacked.name.clone(), &attacked.summary)
        };
        set.with_blindness()
    }

    fn with_blindness(self) -> Self {
        let blind = self.effect().blind().filter(|_| !self.natural);
        Self { blind, ..self }
    }

    fn named(name: String, summary: &Map<String, Value>) -> Self {
        let text = |key: &str| summary.get(key).filter(|value| !value.is_null()).map(plain);
        let method = text("method").unwrap_or_else(|| name.split('@').next().unwrap_or_default().to_owned());
        let known = methods().iter().find(|known| known.id == method);
        let meaning = match SetName::from(&*name) {
            SetName::Misclassified => "clean images that the network gets wrong",
            SetName::Ambiguous => "blends of two clean images",
            _ => known.map_or("", |method| method.summary),
        };
        let parts = [Some(method.clone()), text("norm"), text("target").map(|target| format!("to {target}"))];
        Self {
            family: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
            method,
            meaning,
            gradients: ["zero_gradient", "nan_gradient"].map(|name| count(summary, name)),
            norm: text("norm"),
            epsilon: summary.get("epsilon").and_then(Value::as_f64),
            settings: text("settings").unwrap_or_default(),
            name,
            ..Self::default()
        }
    }

    /// What the attack came to.
    pub(super) fn effect(&self) -> Effect<'_> {
        let count = |status| self.status.iter().filter(|&&found| found == status).count();
        let succeeded = count(Status::Succeeded);
        let [zero_gradient, nan_gradient] = self.gradients;
        let attacked = succeeded + count(Status::Failed);
        Effect { set: self.name.clone(), method: &self.method, attacked, succeeded, zero_gradient, nan_gradient }
    }

    /// Whether `attacked` is the same run's: the same images, and the network says the same of them.
    pub(super) fn agrees(&self, attacked: &Attacked) -> bool {
        // Blends have no labels, and nobody attacked them.
        let lengths = [self.index.len(), self.label.len()];
        lengths == [attacked.rows.len(); 2]
            && attacked.rows.iter().enumerate().all(|(i, row)| {
                (row.index, row.label, row.prediction, row.status)
                    == (self.index[i], self.label[i], self.prediction[i], self.status[i])
            })
    }

    /// Images that are to be flagged: successful ones, or all that make the set.
    pub(super) fn positives(&self) -> usize {
        self.effect().succeeded
    }

    /// Share of the attacked images that fool.
    pub(super) fn success_rate(&self) -> Option<f64> {
        let Effect { attacked, succeeded, .. } = self.effect();
        (attacked > 0).then(|| succeeded as f64 / attacked as f64)
    }

    /// Share of images that `predictions` are right about.
    fn share_right(&self, predictions: &[u32]) -> f64 {
        let right = self.label.iter().zip(predictions).filter(|(label, prediction)| label == prediction).count();
        right as f64 / self.label.len().max(1) as f64
    }

    /// Share of all images that are classified correctly before the attack.
    pub(super) fn accuracy_clean(&self) -> f64 {
        self.share_right(&self.clean_prediction)
    }

    /// Share of all images that are classified correctly after it.
    pub(super) fn accuracy_under_attack(&self) -> f64 {
        self.share_right(&self.prediction)
    }

    /// The figures under the detector that flags; none if its threshold is NaN.
    pub(super) fn metrics(&self, clean: &Detection) -> Option<MetricsRow> {
        let (threshold, before, after) = (clean.threshold()?, &clean.scores[clean.chosen], &self.scores[clean.chosen]);
        let negatives: Vec<f32> = (clean.label.iter().zip(&clean.prediction).zip(before))
            .filter_map(|((label, prediction), &score)| (label == prediction).then_some(score))
            .collect();
        let positives: Vec<f32> = (self.status.iter().zip(after))
            .filter_map(|(&status, &score)| (status == Status::Succeeded).then_some(score))
            .collect();
        let case = |i: usize| Case {
            label: self.label[i],
            clean_prediction: self.clean_prediction[i],
            clean_flagged: threshold.flags(before[i]),
            status: self.status[i],
            adversarial_prediction: self.prediction[i],
            adversarial_flagged: threshold.flags(after[i]),
            corrected_label: None,
        };
        let mut metrics = MetricsRow::default();
        // Scores that are not numbers have no curve, and what is told of them is told elsewhere.
        let _ = metrics.score(&negatives, &positives, threshold);
        if !self.natural {
            metrics.rate(&(0..self.label.len()).map(case).collect::<Vec<_>>());
        }
        Some(metrics)
    }
}

/// A count of the summary; 0 where it has none.
fn count(summary: &Map<String, Value>, name: &str) -> usize {
    summary.get(name).and_then(Value::as_u64).unwrap_or(0) as usize
}
