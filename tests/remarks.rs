//! Remarks as pure functions, on random subsets: silent on sound digits, and said of every planted fault, each time.

use std::collections::BTreeMap;
use std::fs;

use candle_core::{Device, Tensor};
use rand::Rng;
use robust::checkpoint::Checkpoint;
use robust::remarks::{
    Answers, Effect, Kind, Network, Remark, ScoresSeen, Validated, constant_scores, few_positives, flagged_share,
    misfits, of_attacks, of_clean,
};
use robust_attacks::random::stream;
use robust_attacks::{AttackExt, Budget, Goal, GradientDescent, Model, Norm, Randomness, Task, prediction};
use robust_data::PIXELS;
use robust_detectors::{Detector, Entropy, Msp, Perception, Threshold};
use robust_networks::StyleMemory;

use crate::command::{csv, folder, succeed};
use crate::planted::{blind, constant, digits, inverted, moved, network, shifted, transposed};

/// Images that subsets are drawn from, and images in a subset.
const POOL: usize = 2_000;
const SUBSET: usize = 200;

/// Positions of a random subset.
fn subset(number: u64) -> Vec<usize> {
    let mut rng = stream(number, "subset", &[]);
    let mut all: Vec<usize> = (0..POOL).collect();
    (0..SUBSET).for_each(|i| all.swap(i, rng.random_range(i..POOL)));
    all.truncate(SUBSET);
    all
}

fn pick<T: Copy>(values: &[T], positions: &[usize]) -> Vec<T> {
    positions.iter().map(|&position| values[position]).collect()
}

fn digits_network(own: &Checkpoint) -> Network<'_> {
    Network { name: "planted", classes: 10, own_accuracy: own.metadata.test_accuracy }
}

/// On labels and predictions of a subset.
fn on_answers(labels: &[u32], predictions: &[u32], positions: &[usize], own: &Checkpoint) -> Option<Kind> {
    let pairs = positions.iter().map(|&i| (labels[i], predictions[i]));
    of_clean(&Answers::of(pairs), digits_network(own), true).map(|remark| remark.kind)
}

/// `pixels` as a batch.
fn tensor(pixels: &[u8]) -> Tensor {
    let values: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    Tensor::from_vec(values, (pixels.len() / PIXELS, 1, 28, 28), &Device::Cpu).unwrap()
}

fn style_memory(checkpoint: &Checkpoint) -> StyleMemory {
    StyleMemory::new(&checkpoint.parameters, &Device::Cpu).unwrap()
}

fn predictions(checkpoint: &Checkpoint, pixels: &[u8]) -> Vec<u32> {
    let logits = style_memory(checkpoint).logits(&tensor(pixels)).unwrap().to_vec2::<f32>().unwrap();
    logits.iter().map(|logits| prediction(logits).0).collect()
}

/// What one run of `detect` says of the pool.
struct Seen {
    answers: Vec<(u32, u32)>,
    /// The clean scores of each detector.
    scores: BTreeMap<String, Vec<f32>>,
    /// The outcome of each image, by set.
    status: BTreeMap<String, Vec<String>>,
}

fn detect() -> Seen {
    let folder = folder();
    succeed(
        folder.path(),
        &format!("detect --method fgsm,bim --steps 10 --step-size 0.02 --epsilon 0.1 --limit {POOL} --quiet"),
    );
    let rows = csv(folder.path().join("reports/detect.csv"));
    let mut seen = Seen { answers: Vec::new(), scores: BTreeMap::new(), status: BTreeMap::new() };
    for row in rows {
        if row["set"] != "clean" {
            seen.status.entry(row["set"].clone()).or_default().push(row["status"].clone());
            continue;
        }
        seen.answers.push((row["label"].parse().unwrap(), row["prediction"].parse().unwrap()));
        for (column, score) in &row {
            if let Some(id) = column.strip_prefix("score_") {
                seen.scores.entry(id.to_owned()).or_default().push(score.parse().unwrap());
            }
        }
    }
    seen
}

impl Seen {
    /// All remarks on a subset under a calibration.
    fn remarks(
        &self,
        positions: &[usize],
        network: &Checkpoint,
        calibration: &BTreeMap<String, Vec<f32>>,
    ) -> Vec<Remark> {
        let answers = Answers::of(pick(&self.answers, positions));
        let effects: Vec<Effect> =
            self.status.iter().map(|(set, status)| effect(set, &pick_text(status, positions))).collect();
        let clean: BTreeMap<&str, Vec<f32>> =
            self.scores.iter().map(|(id, scores)| (id.as_str(), pick(scores, positions))).collect();
        let seen: Vec<ScoresSeen> = clean.iter().map(|(id, clean)| scores_seen(id, clean, &calibration[*id])).collect();
        let misfits = misfits(&seen, 0.05, true);
        let mut remarks: Vec<Remark> = of_clean(&answers, digits_network(network), true).into_iter().collect();
        remarks.extend(constant_scores(&seen));
        remarks.extend(flagged_share(&misfits, 0.05, positions.len(), None));
        remarks.extend(of_attacks(&effects));
        remarks.extend(few_positives(&effects));
        remarks
    }
}

fn scores_seen<'a>(detector: &'a str, clean: &'a [f32], validation: &[f32]) -> ScoresSeen<'a> {
    let (threshold, validation) = (Threshold::at_fpr(validation, 0.05).unwrap(), Validated::of(validation));
    ScoresSeen { detector, threshold, validation, clean }
}

fn pick_text<'a>(values: &'a [String], positions: &[usize]) -> Vec<&'a str> {
    positions.iter().map(|&position| values[position].as_str()).collect()
}

fn effect<'a>(set: &'a str, status: &[&str]) -> Effect<'a> {
    let count = |wanted: &str| status.iter().filter(|&&status| status == wanted).count();
    let (succeeded, failed) = (count("succeeded"), count("failed"));
    let method = set.split('@').next().unwrap();
    Effect { set: set.into(), method, attacked: succeeded + failed, succeeded, zero_gradient: 0, nan_gradient: 0 }
}

#[test]
fn random_subsets_of_sound_digits_are_passed_over_and_calibrations_that_do_not_fit_are_not() {
    let (seen, network) = (detect(), network());
    let sound = &network.calibration.scores;
    let noisy: Vec<Vec<Remark>> = (0..100)
        .map(|number| seen.remarks(&subset(number), &network, sound))
        .filter(|remarks| !remarks.is_empty())
        .collect();
    assert!(noisy.len() <= 3, "{} of 100: {noisy:?}", noisy.len());

    for share in [0.8, 0.0] {
        let calibration = sound.iter().map(|(id, scores)| (id.clone(), moved(scores, share))).collect();
        for number in 0..20 {
            let found = seen.remarks(&subset(number), &network, &calibration);
            let told = found.iter().find(|remark| remark.kind == Kind::FlaggedShare);
            let told = told.unwrap_or_else(|| panic!("{share} of subset {number}: {found:?}"));
            assert_eq!(told.detectors.len(), seen.scores.len(), "{share} of subset {number}: {}", told.text);
        }
    }
}

#[test]
fn images_and_labels_that_are_not_what_they_seem_are_told_of_every_subset() {
    let (network, digits) = (network(), digits());
    let (pixels, labels) = (&digits.pixels()[..POOL * PIXELS], &digits.labels()[..POOL]);
    let sound = predictions(&network, pixels);
    let wrong = [Kind::AccuracyNearChance, Kind::AccuracyBelowOwn];
    for (fault, predictions, labels, kinds) in [
        ("inverted", predictions(&network, &inverted(pixels)), labels.to_vec(), &wrong[..]),
        ("transposed", predictions(&network, &transposed(pixels)), labels.to_vec(), &wrong),
        ("shifted", sound, shifted(labels), &[Kind::AccuracyNearChance]),
        ("constant", predictions(&constant(), pixels), labels.to_vec(), &[Kind::ConstantPrediction]),
    ] {
        for number in 0..20 {
            let found = on_answers(&labels, &predictions, &subset(number), &network);
            assert!(found.is_some_and(|kind| kinds.contains(&kind)), "{fault}, subset {number}: {found:?}");
        }
    }
}

#[test]
fn a_network_that_says_one_thing_gives_every_subset_one_score() {
    let checkpoint = constant();
    let network = style_memory(&checkpoint);
    let perception = Perception::new(&network, &tensor(&digits().pixels()[..POOL * PIXELS])).unwrap();
    for (id, scores) in [("msp", Msp.scores(&perception).unwrap()), ("entropy", Entropy.scores(&perception).unwrap())] {
        for number in 0..20 {
            let clean = pick(&scores, &subset(number));
            let found = constant_scores(&[scores_seen(id, &clean, &checkpoint.calibration.scores[id])]);
            assert_eq!(found.map(|remark| remark.detectors), Some(vec![id.to_owned()]), "subset {number}");
        }
    }
}

/// FGSM within `epsilon` on the whole pool: of each image whether it is attacked, fooled, and without a gradient.
fn fgsm(checkpoint: &Checkpoint, epsilon: f64) -> Vec<[bool; 3]> {
    let digits = digits();
    let (network, x) = (style_memory(checkpoint), tensor(&digits.pixels()[..POOL * PIXELS]));
    let labels: Vec<u32> = digits.labels()[..POOL].to_vec();
    let clean = predictions(checkpoint, &digits.pixels()[..POOL * PIXELS]);
    let budget = Budget::new(Norm::Linf, epsilon).unwrap();
    let randomness = Randomness { seed: 0, indices: (0..POOL as u64).collect() };
    let goal = Goal::Untargeted { labels: labels.clone() };
    let task = Task { model: &network, x0: &x, goal: &goal, randomness: &randomness };
    let found = GradientDescent::fgsm().run(&task, &budget).unwrap();
    let of = |i: usize| [clean[i] == labels[i], found.success[i], found.traces[i].zero_gradient];
    (0..POOL).map(of).collect()
}

#[test]
fn attacks_that_see_nothing_or_fool_nothing_or_next_to_nothing_are_told_of_every_subset() {
    for (fault, checkpoint, epsilon, size, kind) in [
        ("blind", blind(), 0.2, SUBSET, Kind::BlindAttack),
        ("tiny epsilon", network(), 1e-5, SUBSET, Kind::NothingFooled),
        ("few positives", network(), 0.1, 40, Kind::FewPositives),
    ] {
        let outcomes = fgsm(&checkpoint, epsilon);
        for number in 0..20 {
            let attacked = pick(&outcomes, &subset(number)[..size]).into_iter().filter(|[attacked, ..]| *attacked);
            let attacked: Vec<[bool; 3]> = attacked.collect();
            let count = |place: usize| attacked.iter().filter(|outcome| outcome[place]).count();
            let effect = Effect {
                set: "fgsm@e".into(),
                method: "fgsm",
                attacked: attacked.len(),
                succeeded: count(1),
                zero_gradient: count(2),
                nan_gradient: 0,
            };
            let mut kinds: Vec<Kind> =
                of_attacks(std::slice::from_ref(&effect)).into_iter().map(|remark| remark.kind).collect();
            kinds.extend(few_positives(std::slice::from_ref(&effect)).map(|remark| remark.kind));
            assert!(kinds.contains(&kind), "{fault}, subset {number}: {effect:?}");
        }
    }
}

#[test]
fn every_kind_has_its_row_in_the_documentation() {
    let table = fs::read_to_string("docs/remarks.md").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let told: Vec<&str> = rows.map(|(kind, _)| kind).collect();
    assert_eq!(serde_json::to_value(told).unwrap(), serde_json::to_value(Kind::ALL).unwrap());
}
