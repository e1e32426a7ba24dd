//! Gradients of the detectors' scores against finite differences of the formulas, worked out in f64 without candle.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside of the tests themselves")]

mod formulas;
mod toy;
mod two_way;

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Result, Tensor};
use robust_attacks::{ClassConditional, Encoding, Model, Signature, Suspicion};
use robust_detectors::{Detector, Error, Gradient, Perception, Threshold, detectors};

use formulas::{decode, logistic, logits, surrogate};
use toy::{IMAGES, Toy, images, made};

/// The detectors whose surrogate has a formula here; the other two have tests of their own.
fn smooth() -> impl Iterator<Item = &'static str> {
    detectors().iter().map(|info| info.id).filter(|id| !["squeeze", "two-way"].contains(id))
}

/// Compares gradients with differences of the formula, with a label for each image.
fn check_gradients(id: &str, labels: &[u32], temperature: Option<f64>, gradient: &Tensor) {
    assert_eq!(gradient.dims(), images().dims());
    let gradients: Vec<Vec<f32>> = gradient.flatten_from(1).unwrap().to_vec2().unwrap();
    for ((x, label), found) in IMAGES.iter().zip(labels).zip(gradients) {
        for (pixel, found) in found.into_iter().enumerate() {
            let at = |step: f64| {
                let mut x = *x;
                x[pixel] += step;
                surrogate(id, *label as usize, &x, temperature)
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            let near = (f64::from(found) - expected).abs() < 1e-4 * (1.0 + expected.abs());
            assert!(near, "{id}, {label} of {x:?} at {temperature:?}: {found} and {expected}");
        }
    }
}

#[test]
fn gradients_are_those_of_the_formulas() {
    let x = images();
    let perception = Perception::new(&Toy, &x).unwrap();
    for id in smooth() {
        let found = Gradient::new(&Toy, &*made(id)).evaluate(&x).unwrap();
        check_gradients(id, perception.predictions(), None, &found.gradient);
    }
}

#[test]
fn scores_and_gradients_under_supposed_labels_are_those_of_the_formulas() {
    let x = images();
    for id in smooth() {
        let detector = made(id);
        for label in 0..3 {
            let labels = [label; IMAGES.len()];
            for temperature in [0.05, 0.7, 1.0, 3.0] {
                let found = Gradient::new(&Toy, &*detector).supposing(&x, &labels, temperature).unwrap();
                check_gradients(id, &labels, Some(temperature), &found.gradient);
                // The scores know no temperature.
                let scores: Vec<f32> = found.scores.to_vec1().unwrap();
                for (x, score) in IMAGES.iter().zip(scores) {
                    let surrogate = surrogate(id, label as usize, x, None);
                    let expected = if id == "cycle" { logistic(surrogate) } else { surrogate };
                    let near = (f64::from(score) - expected).abs() < 1e-5 * (1.0 + expected.abs());
                    assert!(near, "{id}, {label}: {score} and {expected}");
                }
            }
        }
    }
}

#[test]
fn the_drawing_of_a_label_is_the_decoders_and_odd_labels_are_named() {
    let (x, detector) = (images(), made("msp"));
    let gradient = Gradient::new(&Toy, &*detector);
    let drawn = gradient.drawing(&x, &[2; IMAGES.len()]).unwrap().unwrap();
    assert_eq!(drawn.dims(), x.dims());
    for (x, drawn) in IMAGES.iter().zip(drawn.flatten_from(1).unwrap().to_vec2::<f32>().unwrap()) {
        let near = drawn.iter().zip(decode(2, x)).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6);
        assert!(near, "{drawn:?}");
    }
    for (labels, message) in [
        (&[0_u32, 1][..], "found 2 labels for 5 images, expected one each"),
        (&[0, 1, 2, 3, 0], "found the label 3, expected one below 3: take images of the model's own classes"),
    ] {
        let error = gradient.supposing(&x, labels, 1.0).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

/// With the change that each squeezer makes held fast, as an attacker who takes it for the identity does.
fn squeeze(x: &[f64; 4], changes: &[[f64; 4]; 2]) -> f64 {
    let softmax = |x: &[f64; 4]| {
        let z = logits(x);
        z.map(|one| one.exp() / z.iter().map(|z| z.exp()).sum::<f64>())
    };
    let distance = |change: &[f64; 4]| {
        let squeezed = std::array::from_fn(|pixel| x[pixel] + change[pixel]);
        softmax(x).iter().zip(softmax(&squeezed)).map(|(a, b)| (a - b).abs()).sum::<f64>()
    };
    distance(&changes[0]).max(distance(&changes[1]))
}

#[test]
fn depths_and_median_count_as_the_identity() {
    let gradients = Gradient::new(&Toy, &*made("squeeze")).evaluate(&images()).unwrap().gradient;
    let gradients: Vec<Vec<f32>> = gradients.flatten_from(1).unwrap().to_vec2().unwrap();
    for (x, found) in IMAGES.iter().zip(&gradients) {
        let third = |window: [usize; 4]| {
            let mut window = window.map(|pixel| x[pixel]);
            window.sort_by(f64::total_cmp);
            window[2]
        };
        let smooth = [x[0], third([1, 0, 1, 0]), third([2, 2, 0, 0]), third([3, 2, 1, 0])];
        let changes = [x.map(|pixel| f64::from(u8::from(pixel > 0.5))), smooth]
            .map(|squeezed| std::array::from_fn(|pixel| squeezed[pixel] - x[pixel]));
        for (pixel, found) in found.iter().enumerate() {
            let at = |step: f64| {
                let mut x = *x;
                x[pixel] += step;
                squeeze(&x, &changes)
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!((f64::from(*found) - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{found} and {expected}");
        }
    }
}

#[test]
fn scores_are_the_detectors_own_and_rise_with_the_surrogate() {
    let x = images();
    let perception = Perception::new(&Toy, &x).unwrap();
    for id in smooth() {
        let detector = made(id);
        let scores: Vec<f32> = Gradient::new(&Toy, &*detector).evaluate(&x).unwrap().scores.to_vec1().unwrap();
        assert_eq!(scores, detector.scores(&perception).unwrap(), "{id}");
        for (image, (x, score)) in IMAGES.iter().zip(&scores).enumerate() {
            let surrogate = surrogate(id, perception.predictions()[image] as usize, x, None);
            let expected = if id == "cycle" { logistic(surrogate) } else { surrogate };
            assert!(
                (f64::from(*score) - expected).abs() < 1e-5 * (1.0 + expected.abs()),
                "{id}: {score} and {expected}"
            );
        }
    }
}

#[test]
fn neighbours_change_no_gradient() {
    let x = images();
    for id in smooth() {
        let detector = made(id);
        let gradient = |x: &Tensor| Gradient::new(&Toy, &*detector).evaluate(x).unwrap().gradient;
        let together: Vec<Vec<f32>> = gradient(&x).flatten_from(1).unwrap().to_vec2().unwrap();
        for (image, together) in together.iter().enumerate() {
            let alone: Vec<f32> = gradient(&x.narrow(0, image, 1).unwrap()).flatten_all().unwrap().to_vec1().unwrap();
            let near = alone.iter().zip(together).all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + b.abs()));
            assert!(near, "{id}: {alone:?} and {together:?}");
        }
    }
}

/// The toy, with a note of how often it draws.
struct Counted(AtomicUsize);

impl Model for Counted {
    fn signature(&self) -> Signature {
        Toy.signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Toy.logits(x)
    }
}

impl ClassConditional for Counted {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        Toy.encode(x)
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Toy.decode(label, style)
    }
}

#[test]
fn score_and_gradient_share_the_drawings_under_all_labels() {
    // Where one label or two are enough for the gradient, the score still takes all three.
    for (id, drawings) in
        [("combined", 3), ("wrong", 3), ("tampered", 3), ("reconstruction", 3 + 1), ("alternative", 3 + 2), ("msp", 0)]
    {
        let model = Counted(AtomicUsize::new(0));
        Gradient::new(&model, &*made(id)).evaluate(&images()).unwrap();
        assert_eq!(model.0.into_inner(), drawings, "{id}");
    }
}

/// A detector that offers nothing to descend.
struct Opaque;

impl Detector for Opaque {
    fn id(&self) -> &'static str {
        "opaque"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(perception.confidences().to_vec())
    }
}

#[test]
fn a_detector_without_a_gradient_says_so() {
    let error = Gradient::new(&Toy, &Opaque).evaluate(&images()).unwrap_err().to_string();
    assert!(error.contains("detector `opaque` has no gradient for an attack to follow"), "{error}");
    let flagging = |score| Gradient::new(&Toy, &Opaque).flagging(Threshold::new(score).unwrap());
    assert_eq!((Gradient::new(&Toy, &Opaque).threshold(), flagging(0.5).threshold()), (None, Some(0.5)));
}
