//! The remarks of a command: gathers what they are made from, and says them.

use anyhow::Result;
use robust_attacks::{Model, prediction};
use robust_data::{Images, Split, Unprepared};

use super::bench::Bench;
use super::out::note;
use super::session::{Judge, Session};
use crate::evaluation::{Attacked, AttackedSet, Gauge, SeenSet};
use crate::remarks::{
    Answers, Effect, Network, Remark, ScoresSeen, constant_scores, few_positives, flagged_share, misfits, of_attacks,
    of_clean, unprepared_images,
};

/// Says each on stderr, unless `quiet`.
pub(crate) fn tell_all(remarks: &[Remark], quiet: bool) {
    remarks.iter().for_each(|remark| note(quiet, &remark.text));
}

/// What the network says of the clean images that a set was made from.
pub(crate) fn answers(attacked: &[Attacked]) -> Answers {
    let rows = attacked.iter().flat_map(|batch| &batch.outcome.rows);
    Answers::of(rows.map(|row| (row.label, row.clean_prediction)))
}

/// On sets that no detector looked at, all of the same clean images.
pub(crate) fn on_attacks(
    session: &Session,
    judge: Option<&Judge>,
    answers: &Answers,
    sets: &[&AttackedSet],
) -> Vec<Remark> {
    let network = network(session, judge);
    let effects: Vec<Effect> = sets.iter().map(|&set| set.into()).collect();
    of_clean(answers, network, session.is_whole).into_iter().chain(of_attacks(&effects)).collect()
}

/// On sets that detectors looked at.
pub(crate) fn on_detection(session: &Session, bench: &Bench, clean: &SeenSet, sets: &[AttackedSet]) -> Vec<Remark> {
    let known = clean.images.iter().filter_map(|seen| Some((seen.label?, seen.sighting.prediction)));
    let answers = Answers::of(known);
    let network = network(session, None);
    let columns: Vec<Vec<f32>> = bench.gauges.iter().map(|gauge| clean.scores(*gauge)).collect();
    let seen = scores_seen(&bench.gauges, &columns, |id| bench.calibration.scores.get(id).map_or(&[], Vec::as_slice));
    let effects: Vec<Effect> = sets.iter().map(Effect::from).collect();

    let mut remarks: Vec<Remark> = of_clean(&answers, network, session.is_whole).into_iter().collect();
    remarks.extend(constant_scores(&seen));
    let rate = bench.fpr;
    let given = bench.is_threshold_given.then_some(bench.chosen.id);
    let by_rate: Vec<ScoresSeen> = seen.into_iter().filter(|seen| Some(seen.detector) != given).collect();
    let misfits = misfits(&by_rate, rate, session.is_whole);
    if !misfits.is_empty() {
        // A remark must not cost the figures it is about.
        let accuracies = differing_accuracies(session, &answers).unwrap_or_default();
        remarks.extend(flagged_share(&misfits, rate, answers.images, accuracies));
    }
    remarks.extend(of_attacks(&effects));
    remarks.extend(few_positives(&effects));
    remarks
}

/// That a person's own images all have the same score.
pub(crate) fn on_screening(images: &SeenSet, gauges: &[Gauge]) -> Option<Remark> {
    let columns: Vec<Vec<f32>> = gauges.iter().map(|gauge| images.scores(*gauge)).collect();
    constant_scores(&scores_seen(gauges, &columns, |_| &[]))
}

/// On how a person's own images lie in their pixels, if the network is one for written characters: its classes are single ones.
pub(crate) fn on_scans(images: &Images, class_names: &[String]) -> Option<Remark> {
    let are_characters = class_names.iter().all(|name| name.chars().count() == 1);
    Unprepared::among(images).filter(|_| are_characters).and_then(unprepared_images)
}

/// Each detector with its column of scores, and those of the validation images.
fn scores_seen<'a>(
    gauges: &[Gauge],
    columns: &'a [Vec<f32>],
    validation: impl Fn(&str) -> &'a [f32],
) -> Vec<ScoresSeen<'a>> {
    let seen = gauges.iter().zip(columns).map(|(gauge, clean)| ScoresSeen {
        detector: gauge.id,
        threshold: gauge.threshold,
        validation: validation(gauge.id),
        clean,
    });
    seen.collect()
}

/// Who says what the clean images are: the network attacked, unless another judges.
fn network<'a>(session: &'a Session, judge: Option<&'a Judge>) -> Network<'a> {
    let classes = session.class_names.len();
    match judge {
        Some(judge) => Network { name: &judge.name, classes, own_accuracy: judge.own_accuracy },
        None => Network { name: &session.subject.name, classes, own_accuracy: session.subject.metadata.test_accuracy },
    }
}

/// The network's accuracy on the images under test and on the validation images, where those are at hand and the two differ by more than two
/// standard errors.
fn differing_accuracies(session: &Session, answers: &Answers) -> Result<Option<[f64; 2]>> {
    // Without a training file there are no validation images, and nothing to say.
    let Ok(validation) = session.validation() else { return Ok(None) };
    let known = accuracy(session, &validation)?;
    let (found, images, others) = (answers.accuracy(), answers.images as f64, validation.len() as f64);
    let both = (found * images + known * others) / (images + others);
    let variance = both * (1.0 - both) * (1.0 / images + 1.0 / others);
    Ok(((found - known).abs() > 2.0 * variance.sqrt()).then_some([found, known]))
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
