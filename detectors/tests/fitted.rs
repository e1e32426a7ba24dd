//! Detectors fitted on the images of a toy model: what they find suspicious, what they refuse, and that a fit is all of each.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

use candle_core::{Device, Result, Tensor};
use rand::{Rng, SeedableRng, rngs::StdRng};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature};
use robust_detectors::{Clean, Detector, Error, Fit, Making, Perception, Population, detector, detectors};

/// Images `(B, 8)`: three pixels that show the label, one for the style, and four that say what the classifier is told instead.
/// A label is drawn as its pixel beside the style, so an image whose two halves differ is drawn badly under what is predicted.
struct Toy;

impl Model for Toy {
    fn signature(&self) -> Signature {
        Signature { shape: ImageShape::new(1, 1, 8), classes: 3, bounds: Bounds::UNIT }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.narrow(1, 4, 3)? * 8.0
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        Ok(Encoding { logits: self.logits(x)?, style: x.narrow(1, 3, 1)? })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let shown = (label * 0.5)?;
        Tensor::cat(&[&shown, style, &shown, style], 1)
    }
}

/// `told` is the label that the classifier sees, `shown` the one that is drawn.
fn image(rng: &mut StdRng, shown: usize, told: usize, noise: f32) -> [f32; 8] {
    let style = rng.random_range(0.2..0.8);
    let mut pixels = [0.0, 0.0, 0.0, style, 0.0, 0.0, 0.0, style];
    (pixels[shown], pixels[4 + told]) = (0.5, 0.5);
    pixels.map(|pixel: f32| (pixel + rng.random_range(-noise..noise)).clamp(0.0, 1.0))
}

fn tensor(images: &[[f32; 8]]) -> Tensor {
    Tensor::from_slice(images.as_flattened(), (images.len(), 8), &Device::Cpu).unwrap()
}

fn population() -> (Tensor, Vec<u32>) {
    let mut rng = StdRng::seed_from_u64(0);
    let images: Vec<_> = (0..300).map(|i| image(&mut rng, i % 3, i % 3, 0.1)).collect();
    (tensor(&images), (0..300).map(|i| i % 3).collect())
}

const FITTED: [&str; 3] = ["combined", "two-way", "magnet"];

fn fitted(id: &str, clean: &[Clean]) -> std::result::Result<Box<dyn Detector>, Error> {
    let Making::Fitted { fit, .. } = detector(id).unwrap().making else { unreachable!() };
    fit(&Population::new(clean.to_vec()))
}

#[test]
fn these_are_all_that_must_be_fitted() {
    let ids: Vec<_> = detectors().iter().filter(|info| info.is_fitted()).map(|info| info.id).collect();
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

/// Fits of `combined` in which only one suspicion still has a voice; strangeness left at no bits says -3.6 all the time.
fn alone(fit: &Fit, heard: &str) -> Box<dyn Detector> {
    let mut fit = fit.clone();
    if heard != "disagreement" {
        fit = fit.with("disagreement", vec![3], vec![0.0, 0.0, -100.0]);
    }
    if heard != "doubt" {
        fit = fit.with("doubt", vec![2], vec![0.0, -100.0]);
    }
    if heard != "strangeness" {
        let rare = (0..4).flat_map(|_| (0..13).map(|level| 1e6 * level as f32)).collect();
        fit = fit.with("magnet.quantiles", vec![4, 13], rare);
    }
    detector("combined").unwrap().restore(&fit, 3).unwrap()
}

#[test]
fn each_suspicion_of_combined_is_heard_alone_in_clean_deviations() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let fit = fitted("combined", &[Clean { seen: &seen, labels: &labels }]).unwrap().fit();
    let mut rng = StdRng::seed_from_u64(3);
    for heard in ["disagreement", "doubt", "strangeness"] {
        let detector = alone(&fit, heard);
        let mut clean = detector.scores(&seen).unwrap();
        // What is left beside the one that says -3.6: mean 0 and deviation 1, less its allowance.
        let allowance = if heard == "doubt" { 0.5 } else { 0.0 };
        let values = clean.iter().map(|&score| (f64::from(score).exp() - (-3.6_f64).exp()).ln() + allowance);
        let (mean, square) =
            values.fold((0.0, 0.0), |(mean, square), one| (mean + one / 300.0, square + one * one / 300.0));
        if heard != "strangeness" {
            assert!(mean.abs() < 0.02 && (square - 1.0).abs() < 0.05, "{heard}: {mean}, {square}");
        }
        let odd = (0..50).map(|_| match heard {
            "disagreement" => image(&mut rng, 0, 1, 0.1),
            "strangeness" => image(&mut rng, 2, 2, 0.5),
            // The classifier hears two labels, and the first is drawn.
            _ => {
                let mut pixels = image(&mut rng, 0, 0, 0.1);
                pixels[5] = pixels[4] - 0.05;
                pixels
            }
        });
        let odd: Vec<_> = odd.collect();
        clean.sort_by(f32::total_cmp);
        let mut scores = detector.scores(&Perception::new(&Toy, &tensor(&odd)).unwrap()).unwrap();
        scores.sort_by(f32::total_cmp);
        assert!(scores[5] > clean[285], "{heard}: {} of 50 below, 95 % of clean below {}", scores[5], clean[285]);
    }
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
        let expected = if name.starts_with("magnet.") { whole } else { alone };
        assert_eq!(part, expected, "{name}");
        assert_ne!(whole, alone, "{name}");
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
fn what_they_cannot_be_made_from_is_refused() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let one = Perception::new(&Toy, &x.narrow(0, 0, 1).unwrap()).unwrap();
    for (clean, expected) in [
        (vec![], "found 0 clean images, expected at least 2"),
        (vec![Clean { seen: &one, labels: &labels[..1] }], "found 1 clean image, expected at least 2"),
        (vec![Clean { seen: &seen, labels: &labels[1..] }], "found 299 labels for 300 images"),
        (vec![Clean { seen: &seen, labels: &[7; 300] }], "found the label 7, expected one below 3"),
    ] {
        for id in FITTED {
            let message = fitted(id, &clean).err().unwrap().to_string();
            assert!(message.starts_with(expected), "{id}: {message}");
        }
    }
    let message = fitted("combined", &[Clean { seen: &seen, labels: &[2; 300] }]).err().unwrap().to_string();
    assert!(
        message.starts_with("found clean images of class 2 alone, expected images of at least 2 classes"),
        "{message}"
    );
    let fits = FITTED.map(|id| fitted(id, &[Clean { seen: &seen, labels: &labels }]).unwrap().fit());
    let [combined, two_way, magnet] = &fits;
    for (id, fit, classes, expected) in [
        ("combined", Fit::default(), 3, "array `disagreement` of the fit is missing"),
        ("combined", combined.clone(), 4, "array `posterior.weight` of the fit has 9 values of shape [3, 3]"),
        (
            "combined",
            combined.clone().with("doubt", vec![2], vec![1.0, f32::NAN]),
            3,
            "array `doubt` of the fit holds NaN",
        ),
        (
            "combined",
            combined.clone().with("magnet.quantiles", vec![13], vec![0.0; 13]),
            3,
            "array `magnet.quantiles` of the fit has 13 values of shape [13], expected finite numbers of shape [4, 13]",
        ),
        (
            "combined",
            combined.clone().with("magnet.quantiles", vec![4, 13], (0..52).map(|value| -(value as f32)).collect()),
            3,
            "array `magnet.quantiles` of the fit does not ascend in each row, expected finite numbers of shape [4, 13]",
        ),
        ("two-way", Fit::default(), 3, "array `style.mean` of the fit is missing"),
        (
            "two-way",
            two_way.clone().with("style.mean", vec![2], vec![0.0; 2]),
            3,
            "array `style.deviation` of the fit has 1 values of shape [1], expected finite numbers of shape [2]",
        ),
        ("magnet", Fit::default(), 3, "array `quantiles` of the fit is missing"),
        (
            "magnet",
            magnet.clone().with("plain.conv2.bias", vec![2], vec![0.0; 2]),
            3,
            "array `plain.conv2.bias` of the fit has 2 values of shape [2], expected finite numbers of shape [3]",
        ),
    ] {
        let message = detector(id).unwrap().restore(&fit, classes).err().unwrap().to_string();
        assert!(message.starts_with(expected), "{id}: {message}");
    }
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
