//! `combined` fitted on the images of a toy model: what it finds suspicious, what it refuses, and that a fit is all of it.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

use candle_core::{Device, Result, Tensor};
use rand::{Rng, SeedableRng, rngs::StdRng};
use robust_attacks::{ClassConditional, Encoding, Model};
use robust_detectors::{Clean, Detector, Error, Fit, Making, Perception, detector};

/// Images `(B, 8)`: three pixels that show the label, one for the style, and four that say what the classifier is told instead.
/// A label is drawn as its pixel beside the style, so an image whose two halves differ is drawn badly under what is predicted.
struct Toy;

impl Model for Toy {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.narrow(1, 4, 3)? * 8.0
    }
}

impl ClassConditional for Toy {
    fn classes(&self) -> usize {
        3
    }

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

fn fitted(clean: &[Clean]) -> std::result::Result<Box<dyn Detector>, Error> {
    let Making::Fitted { fit, .. } = detector("combined").unwrap().making else { unreachable!() };
    fit(clean)
}

#[test]
fn what_contradicts_the_prediction_or_resembles_nothing_scores_above_clean_images() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let detector = fitted(&[Clean { seen: &seen, labels: &labels }]).unwrap();
    let mut clean = detector.scores(&seen).unwrap();
    clean.sort_by(f32::total_cmp);
    let mut rng = StdRng::seed_from_u64(1);
    for (what, shown, told, noise) in [("another label is drawn", 0, 1, 0.1), ("no label is drawn", 2, 2, 0.5)] {
        let images: Vec<_> = (0..50).map(|_| image(&mut rng, shown, told, noise)).collect();
        let mut scores = detector.scores(&Perception::new(&Toy, &tensor(&images)).unwrap()).unwrap();
        scores.sort_by(f32::total_cmp);
        assert!(scores[5] > clean[285], "{what}: {} of 50 below, 95 % of clean images below {}", scores[5], clean[285]);
    }
}

#[test]
fn the_label_that_is_drawn_corrects_the_one_that_is_told() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let detector = fitted(&[Clean { seen: &seen, labels: &labels }]).unwrap();
    let mut rng = StdRng::seed_from_u64(2);
    // The label that is told is wrong in one half of the pixels, the label that is shown in the other: nearly as bad.
    let fooled: Vec<_> = (0..30).map(|i| image(&mut rng, i % 3, (i + 1) % 3, 0.01)).collect();
    let seen = Perception::new(&Toy, &tensor(&fooled)).unwrap();
    let shown: Vec<u32> = (0..30).map(|i| i % 3).collect();
    assert_eq!(detector.judge(&seen).unwrap().labels.unwrap(), shown);
}

#[test]
fn a_fit_is_all_of_it_and_neither_batches_nor_their_order_matter() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let info = detector("combined").unwrap();
    let whole = fitted(&[Clean { seen: &seen, labels: &labels }]).unwrap();
    let scores = whole.scores(&seen).unwrap();
    assert_eq!(info.restore(&whole.fit(), 3).unwrap().scores(&seen).unwrap(), scores);

    let parts = [x.narrow(0, 0, 100).unwrap(), x.narrow(0, 100, 200).unwrap()];
    let [first, second] = parts.each_ref().map(|x| Perception::new(&Toy, x).unwrap());
    let clean = [Clean { seen: &first, labels: &labels[..100] }, Clean { seen: &second, labels: &labels[100..] }];
    assert_eq!(fitted(&clean).unwrap().fit(), whole.fit());
    assert_eq!([whole.scores(&first).unwrap(), whole.scores(&second).unwrap()].concat(), scores);
}

#[test]
fn what_it_cannot_be_made_from_is_refused() {
    let (x, labels) = population();
    let seen = Perception::new(&Toy, &x).unwrap();
    let one = Perception::new(&Toy, &x.narrow(0, 0, 1).unwrap()).unwrap();
    for (clean, expected) in [
        (vec![], "found 0 clean images, expected at least 2"),
        (vec![Clean { seen: &one, labels: &labels[..1] }], "found 1 clean images, expected at least 2"),
        (vec![Clean { seen: &seen, labels: &labels[1..] }], "found 299 labels for 300 clean images"),
        (
            vec![Clean { seen: &seen, labels: &[7; 300] }],
            "found the label 7 among the clean images, expected one below 3",
        ),
    ] {
        let message = fitted(&clean).err().unwrap().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    let fit = fitted(&[Clean { seen: &seen, labels: &labels }]).unwrap().fit();
    let info = detector("combined").unwrap();
    for (fit, classes, expected) in [
        (Fit::default(), 3, "array `disagreement` of the fit is missing"),
        (fit.clone(), 4, "array `posterior.weight` of the fit has 9 values of shape [3, 3]"),
        (fit.with("error.deviation", vec![1], vec![f32::NAN]), 3, "array `error.deviation` of the fit holds NaN"),
    ] {
        let message = info.restore(&fit, classes).err().unwrap().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}
