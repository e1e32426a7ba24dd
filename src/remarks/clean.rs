//! Remarks on what the network says of the clean images: next to chance, far below what it can do, or always the same.
//!
//! Images that are inverted, transposed or labelled from 1 pass through every command; their figures mean nothing.

use std::collections::BTreeSet;

use super::chance::{beta_binomial, binomial};
use super::{Kind, Remark};
use crate::words::{of_clean_images, percent};

/// What is held to be no accident.
pub(super) const LEVEL: f64 = 1e-4;
/// A part of a file is no random sample: neighbours are alike (one writer, one class). It is held against no more than so many known
/// images, as if the rate that they tell were known no better than from these.
pub(super) const ALIKE: f64 = 30.0;
/// So many times the own error rate are too many.
const TIMES: f64 = 3.0;
/// An error rate that is measured as less than this counts as this.
const LEAST_ERROR: f64 = 0.005;
/// An accuracy this far on the way from guessing to certainty, or less, is near chance.
const NEAR: f64 = 0.1;
/// Images of other classes that a constant prediction must be wrong on to be told.
const OTHERS: usize = 5;

/// How right the network is on clean images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Images in all.
    pub images: usize,
    /// Of them classified correctly.
    pub right: usize,
    /// The label that all are given, if it is one.
    only: Option<u32>,
}

/// The network that answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network<'a> {
    /// Its name or file.
    pub name: &'a str,
    /// Number of labels.
    pub classes: usize,
    /// Share of test images that its checkpoint says it classifies correctly.
    pub own_accuracy: Option<f64>,
}

impl Answers {
    /// Of images by label and prediction.
    #[must_use]
    pub fn of(images: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let (mut count, mut right, mut predictions) = (0, 0, BTreeSet::new());
        for (label, prediction) in images {
            count += 1;
            right += usize::from(label == prediction);
            predictions.insert(prediction);
        }
        let only = predictions.first().copied().filter(|_| predictions.len() == 1);
        Self { images: count, right, only }
    }

    /// Share of images classified correctly; 0 of none.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.images.max(1) as f64
    }
}

/// What the answers say against network and images, at most one remark. `is_whole` where the images are a whole file of the dataset,
/// not a part of it in its order.
#[must_use]
pub fn of_clean(answers: &Answers, network: Network, is_whole: bool) -> Option<Remark> {
    let Answers { images, right, only } = *answers;
    let (name, accuracy) = (network.name, percent(answers.accuracy()));
    let own = network.own_accuracy.map(|own| format!("; its checkpoint says {} on test images", percent(own)));
    let own = own.unwrap_or_default();
    let what_to_do = "look whether the images are inverted or transposed, whether labels count from 0, and whether --model fits --dataset";
    let told = |kind, found: String| {
        let text = format!("the network {name} {found}{own}: {what_to_do}");
        Some(Remark { kind, sets: Vec::new(), detectors: Vec::new(), text })
    };
    if let Some(label) = only.filter(|_| images - right >= OTHERS) {
        return told(
            Kind::ConstantPrediction,
            format!("gives all {} the label {label} and is right on {accuracy}", of_clean_images(images)),
        );
    }
    let guessing = 1.0 / network.classes as f64;
    let half_way = (1.0 + guessing) / 2.0;
    let is_near = answers.accuracy() <= guessing + NEAR * (1.0 - guessing);
    if is_near && binomial(..=right, images, half_way) < LEVEL {
        let guessing = percent(guessing);
        return told(
            Kind::AccuracyNearChance,
            format!("is right on {accuracy} of {}, where guessing is on {guessing}", of_clean_images(images)),
        );
    }
    let error = (1.0 - network.own_accuracy?).max(LEAST_ERROR);
    let wrong = images - right;
    let chance = if is_whole {
        binomial(wrong.., images, error)
    } else {
        beta_binomial(wrong.., images, [error * ALIKE + 1.0, (1.0 - error) * ALIKE])
    };
    if wrong as f64 >= TIMES * error * images as f64 && chance < LEVEL {
        return told(Kind::AccuracyBelowOwn, format!("is right on {accuracy} of {}", of_clean_images(images)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: Network = Network { name: "mnist", classes: 10, own_accuracy: Some(0.9947) };

    fn answers(images: usize, right: usize) -> Answers {
        Answers::of((0..images).map(|i| (i as u32 % 10, if i < right { i as u32 % 10 } else { (i as u32 + 1) % 10 })))
    }

    #[test]
    fn the_rules_hold_at_their_borders() {
        use Kind::{AccuracyBelowOwn, AccuracyNearChance};
        let bare = Network { own_accuracy: None, ..DIGITS };
        let perfect = Network { own_accuracy: Some(1.0), ..DIGITS };
        for (images, right, network, is_whole, expected) in [
            (200, 199, DIGITS, true, None),
            (200, 194, DIGITS, true, None),
            (200, 192, DIGITS, true, Some(AccuracyBelowOwn)),
            (200, 180, DIGITS, false, None),
            (200, 130, DIGITS, false, Some(AccuracyBelowOwn)),
            (10_000, 9_845, DIGITS, true, None),
            (10_000, 9_800, DIGITS, true, Some(AccuracyBelowOwn)),
            (200, 192, perfect, true, Some(AccuracyBelowOwn)),
            (200, 199, perfect, true, None),
            (200, 100, bare, true, None),
            (200, 38, bare, false, Some(AccuracyNearChance)),
            (200, 0, bare, false, Some(AccuracyNearChance)),
            (200, 39, DIGITS, false, Some(AccuracyBelowOwn)),
            // Too few to tell.
            (3, 0, bare, true, None),
            (1, 0, DIGITS, false, None),
            (0, 0, DIGITS, true, None),
        ] {
            let found = of_clean(&answers(images, right), network, is_whole);
            assert_eq!(found.map(|remark| remark.kind), expected, "{right} of {images}, {is_whole}");
        }
    }

    #[test]
    fn one_label_for_all_is_told_unless_there_is_only_one() {
        let all_two = |labels: &[u32]| Answers::of(labels.iter().map(|&label| (label, 2)));
        for (labels, is_told) in [(&[2; 50][..], false), (&[1, 2, 2, 2], false), (&[0, 1, 2, 3, 4, 5, 6], true)] {
            let found = of_clean(&all_two(labels), DIGITS, true);
            assert_eq!(found.is_some_and(|remark| remark.kind == Kind::ConstantPrediction), is_told, "{labels:?}");
        }
    }

    #[test]
    fn a_remark_says_what_was_found_against_what_and_what_to_do() {
        let found = of_clean(&answers(200, 20), DIGITS, true).unwrap();
        assert_eq!(
            found.text,
            "the network mnist is right on 10.00 % of 200 clean images, where guessing is on 10.00 %; its checkpoint says 99.47 % on test images: \
             look whether the images are inverted or transposed, whether labels count from 0, and whether --model fits --dataset"
        );
    }
}
