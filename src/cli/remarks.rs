//! The remarks of a command: gathers what they are made from, and says them.

use std::collections::BTreeMap;

use anyhow::Result;
use robust_attacks::{Model, prediction};
use robust_data::{Images, Split, Unprepared};

use super::flagging::Flagging;
use super::out::note;
use super::session::Session;
use crate::evaluation::{AttackRow, AttackedSet, Gauge, SeenSet, SetName, part_names};
use crate::remarks::{
    Answers, Effect, Flagged, Network, Remark, ScoresSeen, Validated, constant_scores, few_positives, few_validated,
    flagged_share, misfits, of_attacks, of_clean, unlike_images, unprepared_images,
};
use crate::report::Validation;

/// Says each on stderr, unless `quiet`.
pub(crate) fn tell_all(remarks: &[Remark], quiet: bool) {
    remarks.iter().for_each(|remark| note(quiet, &remark.text));
}

/// What the network says of the clean images that a set was made from.
pub(crate) fn answers<'a>(rows: impl IntoIterator<Item = &'a AttackRow>) -> Answers {
    Answers::of(rows.into_iter().map(|row| (row.label, row.clean_prediction)))
}

/// On sets that no detector looked at, all of the same clean images, of which the `network` says what they are. `is_whole` where they are a
/// whole file of the dataset.
pub(crate) fn on_attacks(network: Network, is_whole: bool, answers: &Answers, sets: &[&AttackedSet]) -> Vec<Remark> {
    let effects: Vec<Effect> = sets.iter().map(|&set| set.into()).collect();
    of_clean(answers, network, is_whole).into_iter().chain(of_attacks(&effects)).collect()
}

/// On sets that detectors looked at; `validation` says how the network does on validation images, if that is asked.
pub(crate) fn on_detection(
    network: Network,
    is_whole: bool,
    flagging: &Flagging,
    (clean, shifted, sets): (&SeenSet, &[SeenSet], &[AttackedSet]),
    validation: impl FnOnce() -> Option<Validation>,
) -> Vec<Remark> {
    let known = clean.images.iter().filter_map(|seen| Some((seen.label?, seen.sighting.prediction)));
    let answers = Answers::of(known);
    let columns: Vec<Vec<f32>> = flagging.gauges.iter().map(|gauge| clean.scores(*gauge)).collect();
    let seen = scores_seen(&flagging.gauges, &columns, &flagging.validated);
    let effects: Vec<Effect> = sets.iter().map(Effect::from).collect();

    let mut remarks: Vec<Remark> = of_clean(&answers, network, is_whole).into_iter().collect();
    remarks.extend(constant_scores(&seen));
    let rate = flagging.fpr;
    let given = flagging.is_threshold_given.then_some(flagging.chosen.id);
    let by_rate: Vec<ScoresSeen> = seen.into_iter().filter(|seen| Some(seen.detector) != given).collect();
    let misfits = misfits(&by_rate, rate, is_whole);
    if !misfits.is_empty() {
        let accuracies = validation().and_then(|validation| differing_accuracies(&answers, &validation));
        remarks.extend(flagged_share(&misfits, rate, answers.images, accuracies));
    }
    remarks.extend(on_few_validated(flagging));
    remarks.extend([clean].into_iter().chain(shifted).filter_map(|set| on_unlike(Some(&set.name), set, flagging)));
    remarks.extend(of_attacks(&effects));
    remarks.extend(few_positives(&effects));
    remarks
}

/// On a person's own images: that they all have the same score, or that far more of them are flagged than clean ones are.
pub(crate) fn on_screening(images: &SeenSet, flagging: &Flagging) -> Vec<Remark> {
    let gauges = &flagging.gauges;
    let columns: Vec<Vec<f32>> = gauges.iter().map(|gauge| images.scores(*gauge)).collect();
    let constant = constant_scores(&scores_seen(gauges, &columns, &BTreeMap::new()));
    constant.into_iter().chain(on_few_validated(flagging)).chain(on_unlike(None, images, flagging)).collect()
}

/// That the threshold which flags rests on a handful of images; nothing where the user gave it.
fn on_few_validated(flagging: &Flagging) -> Option<Remark> {
    let (rate, chosen) = (flagging.threshold_fpr()?, flagging.chosen.id);
    few_validated(chosen, flagging.validated.get(chosen)?.images, rate)
}

/// That far more images of a set are flagged than clean ones are; nothing where the user gave the threshold.
fn on_unlike(set: Option<&SetName>, images: &SeenSet, flagging: &Flagging) -> Option<Remark> {
    let rate = flagging.threshold_fpr()?;
    let looks = part_names(&flagging.gauges).enumerate().filter_map(|(at, name)| {
        let mut values: Vec<f32> = images.images.iter().filter_map(|seen| *seen.sighting.parts.get(at)?).collect();
        values.sort_by(f32::total_cmp);
        Some((name, f64::from(*values.get(values.len() / 2)?)))
    });
    let seen = Flagged {
        set: set.map(SetName::to_string),
        detector: flagging.chosen.id,
        images: images.images.len(),
        reasons: images.images.iter().filter_map(|seen| seen.reason(flagging.chosen)).collect(),
        looks: looks.collect(),
    };
    unlike_images(&seen, rate)
}

/// On how a person's own images lie in their pixels, if the network is one for written characters: its classes are single ones.
pub(crate) fn on_scans(images: &Images, class_names: &[String]) -> Option<Remark> {
    let are_characters = class_names.iter().all(|name| name.chars().count() == 1);
    Unprepared::among(images).filter(|_| are_characters).and_then(unprepared_images)
}

/// Each detector with its column of scores, and what is known of those of the validation images.
fn scores_seen<'a>(
    gauges: &[Gauge],
    columns: &'a [Vec<f32>],
    validated: &BTreeMap<String, Validated>,
) -> Vec<ScoresSeen<'a>> {
    let seen = gauges.iter().zip(columns).map(|(gauge, clean)| ScoresSeen {
        detector: gauge.id,
        threshold: gauge.threshold,
        validation: validated.get(gauge.id).copied(),
        clean,
    });
    seen.collect()
}

/// The network's accuracy on the images under test and on the validation images, where the two differ by more than two standard errors.
fn differing_accuracies(answers: &Answers, validation: &Validation) -> Option<[f64; 2]> {
    let (found, known) = (answers.accuracy(), validation.accuracy);
    let (images, others) = (answers.images as f64, validation.images as f64);
    let both = (found * images + known * others) / (images + others);
    let variance = both * (1.0 - both) * (1.0 / images + 1.0 / others);
    ((found - known).abs() > 2.0 * variance.sqrt()).then_some([found, known])
}

/// How the session's network does on validation images; none where those are not at hand. A remark must not cost the figures it is about.
pub(crate) fn on_validation(session: &Session) -> Option<Validation> {
    // Without a training file there are no validation images, and nothing to say.
    let images = session.validation().ok()?;
    let accuracy = accuracy(session, &images).ok()?;
    Some(Validation { accuracy, images: images.len(), data_sha256: session.info().data_sha256 })
}

/// The share of these images that the network is right on.
fn accuracy(session: &Session, split: &Split) -> Result<f64> {
    let right = session.subject.each_batch(split.len(), |range| {
        let x = split.image_tensor(range.clone(), &session.subject.device)?;
        let logits = session.subject.network.logits(&x)?.to_vec2::<f32>()?;
        let labels = split.labels()[range].iter().copied();
        Ok(logits.iter().zip(labels).filter(|(logits, label)| prediction(logits).0 == *label).count())
    })?;
    Ok(right.iter().sum::<usize>() as f64 / split.len() as f64)
}
