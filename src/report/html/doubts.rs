//! Why not to trust the figures of a run: what its summaries say in `remarks`, and what follows from the rows and counts in its files. The latter
//! is worked out anew, so that runs older than remarks have them too, and what several files say becomes one sentence.

use serde_json::{Map, Value, json};

use super::detected::Detection;
use super::image_set::ImageSet;
use super::scored_set::ScoredSet;
use crate::files::DETECTION_ROWS;
use crate::remarks::{
    Answers, Effect, Kind, Network, Remark, ScoresSeen, constant_scores, few_positives, flagged_share, misfits,
    nan_scores, of_attacks, of_clean,
};
use crate::words::once_each;

/// Kinds that follow from the files.
const DERIVED: [Kind; 3] = [Kind::BlindAttack, Kind::NothingFooled, Kind::FewPositives];

/// The sentences, without their full stops, of a run with these summaries, each once.
pub(super) fn doubts(summaries: &[&Map<String, Value>], clean: Option<&Detection>, sets: &[ImageSet]) -> Vec<String> {
    let attacked = || sets.iter().filter(|set| !set.natural);
    let all: Vec<Effect> = attacked().map(ImageSet::effect).collect();
    let scored: Vec<Effect> = attacked().filter(|set| !set.scores.is_empty()).map(ImageSet::effect).collect();
    let mut doubts: Vec<String> = Vec::new();
    if summaries.iter().any(|summary| summary.contains_key("remarks")) {
        doubts = once_each(summaries.iter().flat_map(|summary| told(summary)));
    } else {
        let name = summaries.iter().find_map(|summary| summary.get("model")?.as_str()).unwrap_or_default();
        doubts.extend(before_remarks(name, clean, sets).into_iter().map(|remark| remark.text));
    }
    doubts.extend(of_attacks(&all).into_iter().chain(few_positives(&scored)).map(|remark| remark.text));
    doubts
}

/// What is to be said of the scores in `detect.csv` that are no numbers.
pub(super) fn not_numbers(clean: &Detection, sets: &[ScoredSet]) -> Option<String> {
    let nan = |scores: &[f32]| scores.iter().filter(|score| score.is_nan()).count();
    let found = clean.detectors.iter().enumerate().map(|(column, gauge)| {
        let others: usize = sets.iter().map(|set| nan(&set.scores[column])).sum();
        (gauge.id.as_str(), nan(&clean.scores[column]) + others)
    });
    Some(nan_scores(&found.collect::<Vec<_>>(), DETECTION_ROWS)?.text)
}

/// The sentences of a summary, but for those of kinds that follow from the files.
fn told(summary: &Map<String, Value>) -> impl Iterator<Item = String> {
    let remarks = summary.get("remarks").and_then(Value::as_array).into_iter().flatten();
    let is_derived = |remark: &&Value| DERIVED.iter().any(|kind| remark["kind"] == json!(kind));
    remarks.filter(move |remark| !is_derived(remark)).filter_map(|remark| Some(remark["text"].as_str()?.to_owned()))
}

/// What rows alone tell: neither the accuracy that the network should have nor the validation scores are at hand.
fn before_remarks(name: &str, clean: Option<&Detection>, sets: &[ImageSet]) -> Vec<Remark> {
    let rows: (&[u32], &[u32]) = match (clean, sets.first()) {
        (Some(clean), _) => (&clean.label, &clean.prediction),
        (None, Some(set)) => (&set.label, &set.clean_prediction),
        (None, None) => return Vec::new(),
    };
    let classes = rows.0.iter().max().map_or(0, |&last| last as usize + 1);
    let answers = Answers::of(rows.0.iter().copied().zip(rows.1.iter().copied()));
    let network = Network { name, classes: classes.max(2), own_accuracy: None };
    let mut remarks: Vec<Remark> = of_clean(&answers, network, false).into_iter().collect();
    if let Some(clean) = clean {
        let seen = clean.seen();
        remarks.extend(constant_scores(&seen));
        if let Some(rate) = clean.threshold_fpr {
            remarks.extend(flagged_share(&misfits(&seen, rate, false), rate, clean.label.len(), None));
        }
    }
    remarks
}

impl Detection {
    /// What the detectors gave the clean images, without those that have no threshold.
    fn seen(&self) -> Vec<ScoresSeen<'_>> {
        let columns = self.detectors.iter().zip(&self.scores);
        let seen = columns.filter_map(|(gauge, clean)| {
            let threshold = robust_detectors::Threshold::new(gauge.threshold).ok()?;
            Some(ScoresSeen { detector: &gauge.id, threshold, validation: None, clean })
        });
        seen.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_summaries_say_is_told_once_and_what_follows_from_the_files_is_not_told_twice() {
        let remark = |kind: &str, text: &str| json!({ "kind": kind, "sets": [], "detectors": [], "text": text });
        let summary = |remarks: Value| match json!({ "remarks": remarks }) {
            Value::Object(summary) => summary,
            _ => panic!("an object"),
        };
        let first = summary(json!([remark("accuracy-below-own", "a"), remark("blind-attack", "b")]));
        let second = summary(json!([remark("accuracy-below-own", "a"), remark("of-a-later-version", "c"), "broken"]));
        assert_eq!(doubts(&[&first, &second], None, &[]), ["a", "c"]);
        assert_eq!(doubts(&[], None, &[]), [""; 0]);
    }
}
