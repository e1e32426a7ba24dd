//! Detectors fitted on the images of a toy model: what they find suspicious, what they refuse, and that a fit is all of each.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod refused;
mod toy;

use rand::{SeedableRng, rngs::StdRng};
use robust_detectors::{
    Clean, Detector, DetectorInfo, Error, Fit, Making, Perception, Population, Reason, Roc, detector, detectors,
};

use toy::{Toy, image, population, tensor};

const FITTED: [&str; 6] = ["combined", "wrong", "tampered", "two-way", "rel-u", "magnet"];

fn fitted(id: &str, clean: &[Clean]) -> std::result::Result<Box<dyn Detector>, Error> {
    let Making::Fitted { fit, .. } = detector(id).unwrap().making else { unreachable!() };
    fit(&Population::new(clean.to_vec()))
}

#[test]
fn these_are_all_that_must_be_fitted() {
    let is_fitted = |info: &&DetectorInfo| matches!(info.making, Making::Fitted { .. });
    let ids: Vec<_> = detectors().iter().filter(is_fitted).map(|info| info.id).collect();
    assert_eq!(ids, FITTED);
}

#[test]
fn what_contradicts_the_prediction_or_resembles_nothing_scores_above_clean_images() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let mut rng = StdRng::seed_from_u64(1);
    for (id, what, shown, told, noise) in [
        ("combined", "another label is drawn", 0, 1, 0.1),
        ("combined", "no label is drawn", 2, 2, 0.5),
        ("wrong", "another label is drawn", 0, 1, 0.1),
        ("tampered", "another label is drawn", 0, 1, 0.1),
        ("tampered", "no label is drawn", 2, 2, 0.5),
        ("two-way", "another label is drawn", 0, 1, 0.1),
        ("magnet", "no label is drawn", 2, 2, 0.5),
    ] {
        let detector = fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap();
        let mut clean = detector.scores(&seen).unwrap();
        clean.sort_by(f32::total_cmp);
        let images: Vec<_> = (0..50).map(|_| image(&mut rng, shown, told, noise)).collect();
        let mut scores = detector.scores(&Perception::new(&Toy, &tensor(&images)).unwrap()).unwrap();
        scores.sort_by(f32::total_cmp);
        assert!(scores[5] > clean[285], "{id}, {what}: {} of 50 below, 95 % of clean below {}", scores[5], clean[285]);
    }
}

/// The classifier hears two labels, and the first is drawn.
fn doubtful(rng: &mut StdRng) -> [f32; 8] {
    let mut pixels = image(rng, 0, 0, 0.1);
    pixels[5] = pixels[4] - 0.05;
    pixels
}

#[test]
fn combined_is_the_louder_alarm_and_says_whose_it_is() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let clean = [Clean { seen: &seen, labels: &labels }];
    let combined = fitted("combined", &clean).unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    let kinds: [(Reason, Vec<[f32; 8]>); 2] = [
        (Reason::Unsure, (0..50).map(|_| doubtful(&mut rng)).collect()),
        (Reason::AnotherLabel, (0..50).map(|_| image(&mut rng, 0, 1, 0.05)).collect()),
    ];
    for (expected, images) in kinds {
        let judgement = combined.judge(&Perception::new(&Toy, &tensor(&images)).unwrap()).unwrap();
        let like = judgement.reasons.unwrap().iter().filter(|reason| **reason == expected).count();
        assert!(like >= 40, "{expected}: {like} of 50");
        let parts = judgement.parts.unwrap();
        let names = detector("combined").unwrap().parts.len();
        assert!(parts.iter().all(|parts| parts.len() == names && parts.iter().all(Option::is_some)));
    }
    // At each rate, either detector's own share of the budget flags what the union flags: the share of either is what `share` says.
    let fit = combined.fit();
    let share = f64::from(fit.values("share", &[1]).unwrap()[0]);
    let (scores, rate) = (combined.scores(&seen).unwrap(), 0.1);
    let flagged = scores.iter().filter(|score| f64::from(**score) > -f64::log2(rate)).count() as f64 / 300.0;
    assert!((0.5..=0.8).contains(&share) && (0.07..=rate + 0.01).contains(&flagged), "{share}, {flagged}");
}

#[test]
fn wrong_finds_the_errors_among_clean_images() {
    // Every tenth image is told as the next label, less clearly than others are told.
    let mut rng = StdRng::seed_from_u64(4);
    let images: Vec<_> = (0..300)
        .map(|i| {
            let told = if i % 10 == 0 { (i + 1) % 3 } else { i % 3 };
            let mut pixels = image(&mut rng, i % 3, told, 0.1);
            pixels[4 + told] *= if i % 10 == 0 { 0.8 } else { 1.0 };
            pixels
        })
        .collect();
    let labels: Vec<u32> = (0..300).map(|i| i % 3).collect();
    let seen = Perception::new(&Toy, &tensor(&images)).unwrap();
    let scores = fitted("wrong", &[Clean { seen: &seen, labels: &labels }]).unwrap().scores(&seen).unwrap();
    let is_wrong = |i: &usize| seen.predictions()[*i] != labels[*i];
    let (wrong, right): (Vec<usize>, Vec<usize>) = (0..300).partition(is_wrong);
    let of = |images: &[usize]| images.iter().map(|&i| scores[i]).collect::<Vec<_>>();
    let roc = Roc::new(&of(&right), &of(&wrong)).unwrap().unwrap();
    assert!(wrong.len() >= 25 && roc.auroc() > 0.99, "{} errors, {}", wrong.len(), roc.auroc());
    // The scores are log odds: about as many images are wrong as they say.
    let said: f64 = scores.iter().map(|score| 1.0 / (1.0 + f64::from(-score).exp())).sum();
    assert!((said - wrong.len() as f64).abs() < 5.0, "{said} and {}", wrong.len());
}

#[test]
fn the_label_that_is_drawn_corrects_the_one_that_is_told() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    // Nearly as bad: the label that is told is wrong in one half of the pixels, the label that is shown in the other.
    // For `combined` that is enough; `two-way` takes the better one.
    for (id, told_by) in [("combined", 0.5), ("two-way", 0.4)] {
        let detector = fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap();
        let mut rng = StdRng::seed_from_u64(2);
        let fooled = |i: usize| {
            let mut pixels = image(&mut rng, i % 3, (i + 1) % 3, 0.01);
            pixels[4 + (i + 1) % 3] *= told_by / 0.5;
            pixels
        };
        let fooled: Vec<_> = (0..30).map(fooled).collect();
        let seen = Perception::new(&Toy, &tensor(&fooled)).unwrap();
        let shown: Vec<u32> = (0..30).map(|i| i % 3).collect();
        let judgement = detector.judge(&seen).unwrap();
        assert_eq!(judgement.labels.unwrap(), shown, "{id}");
        assert_eq!(judgement.scores, detector.scores(&seen).unwrap(), "{id}");
    }
}

#[test]
fn a_fit_is_all_of_it_and_neither_batches_nor_their_order_matter() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    for id in FITTED {
        let whole = fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap();
        let scores = whole.scores(&seen).unwrap();
        assert_eq!(detector(id).unwrap().restore(&whole.fit(), 3).unwrap().scores(&seen).unwrap(), scores, "{id}");

        let parts = [x.narrow(0, 0, 100).unwrap(), x.narrow(0, 100, 200).unwrap()];
        let [first, second] = parts.each_ref().map(|x| Perception::new(&Toy, x).unwrap());
        let clean = [Clean { seen: &first, labels: &labels[..100] }, Clean { seen: &second, labels: &labels[100..] }];
        assert_eq!(fitted(id, &clean).unwrap().fit(), whole.fit(), "{id}");
        let parts = [whole.scores(&first).unwrap(), whole.scores(&second).unwrap()].concat();
        assert_eq!(parts, scores, "{id}");
    }
}

#[test]
fn a_part_of_a_population_keeps_the_autoencoders_and_learns_the_rest_anew() {
    let (x, labels) = population();
    let halves = [x.narrow(0, 0, 150).unwrap(), x.narrow(0, 150, 150).unwrap()];
    let [first, second] = halves.each_ref().map(|x| Perception::new(&Toy, x).unwrap());
    let batches = [Clean { seen: &first, labels: &labels[..150] }, Clean { seen: &second, labels: &labels[150..] }];
    let Making::Fitted { fit, .. } = detector("combined").unwrap().making else { unreachable!() };
    let all = Population::new(batches.to_vec());
    let whole = fit(&all).unwrap().fit();
    let part = fit(&all.part(|batch| batch == 1)).unwrap().fit();
    let alone = fitted("combined", &batches[1..]).unwrap().fit();
    for ((name, whole), ((_, part), (_, alone))) in whole.arrays().zip(part.arrays().zip(alone.arrays())) {
        if name == "tails" {
            // Of both detectors' scores: one learns anew, the other keeps its autoencoders.
            assert!(part != whole && part != alone);
            continue;
        }
        if name == "tampered.trust" {
            // The drawings' is learned anew, the autoencoders' is of those that are kept.
            assert_eq!(part.values[0], alone.values[0]);
            continue;
        }
        let expected = if name.contains("magnet.") { whole } else { alone };
        assert_eq!(part, expected, "{name}");
        // The rule for the share knows few values, and second opinions always agree here.
        assert!(whole != alone || name == "share" || name.ends_with("trust"), "{name}");
    }
}

#[test]
fn what_one_pair_of_autoencoders_makes_of_images_is_not_taken_for_that_of_another() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let magnet = fitted("magnet", &[Clean { seen: &seen, labels: &labels }]).unwrap();
    let other = magnet.fit().with("plain.conv3.bias", vec![1], vec![0.5]);
    let other = detector("magnet").unwrap().restore(&other, 3).unwrap();
    let fresh = Perception::new(&Toy, &x).unwrap();
    let expected = other.scores(&fresh).unwrap();
    assert_eq!(other.scores(&seen).unwrap(), expected);
    assert_eq!(magnet.scores(&fresh).unwrap(), magnet.scores(&seen).unwrap());
    assert_ne!(magnet.scores(&seen).unwrap(), expected);
}

#[test]
fn a_fit_for_other_images_is_refused_when_it_meets_them() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let fit = |id| fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap().fit();
    let planes = fit("magnet").with("pooled.conv1.weight", vec![3, 2, 3, 3], vec![0.0; 54]);
    let planes = planes.with("pooled.conv5.weight", vec![2, 3, 3, 3], vec![0.0; 54]).with(
        "pooled.conv5.bias",
        vec![2],
        vec![0.0; 2],
    );
    let styles =
        Fit::default().with("style.mean", vec![2], vec![0.0; 2]).with("style.deviation", vec![2], vec![1.0; 2]);
    for (id, fit, expected) in [
        ("magnet", planes, "images of 1 planes each, and the autoencoder knows 2"),
        ("two-way", styles, "the model could not descend on the style: "),
    ] {
        let detector = detector(id).unwrap().restore(&fit, 3).unwrap();
        let message = detector.scores(&seen).unwrap_err().to_string();
        assert!(message.contains(expected) && !message.contains('\n'), "{id}: {message}");
    }
}
