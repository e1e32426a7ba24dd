//! [`Order`]: other orders of a network's classes than the dataset's, and whether one of them explains its answers.

use std::cmp::Ordering;
use std::fmt;

use super::sign_test::is_better;

/// An assignment is learned from some images and judged on the others: so many of each class, on average, make it worth a try.
const LEARNED_FROM: usize = 4;
/// A difference in accuracy that says nothing where one of two orders has a name.
const LITTLE: f64 = 0.05;
/// Orders that are tried, one or more under each preprocessing.
const TRIES: usize = 50;

/// Which class of the network a label of the dataset is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// The names sorted as numbers are read: 2 before 10.
    Natural,
    /// The names sorted as strings: 10 before 2.
    AsStrings,
    /// The network has a class more, before all others.
    OneMoreAhead,
    /// The network has this class, of which the dataset has no image.
    Missing(u32),
    /// As its answers to one half of the images say: for each label a class.
    Assigned(Vec<u32>),
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Natural => f.write_str("names sorted as numbers, 2 before 10"),
            Self::AsStrings => f.write_str("names sorted as strings, 10 before 2"),
            Self::OneMoreAhead => f.write_str("the network has a class more, ahead of all others"),
            Self::Missing(class) => write!(f, "the dataset lacks the network's class {class}"),
            Self::Assigned(_) => f.write_str("no order that has a name"),
        }
    }
}

/// An order under which a network is right far more often.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFound {
    /// Which.
    pub order: Order,
    /// For each label of the dataset the network's class.
    pub classes: Vec<u32>,
    /// Share of images that the network is right on under it; of an assignment, of those that it was not learned from.
    pub accuracy: f64,
}

impl OrderFound {
    /// Its accuracy; an order that has a name is worth as much as one without that is right a little more often.
    pub(super) fn worth(&self) -> f64 {
        self.accuracy - if let Order::Assigned(_) = self.order { LITTLE } else { 0.0 }
    }
}

/// The order under which answers to images of these labels are right more often than as they are, by more than chance, if there is one.
/// `names` are those of the dataset's classes, and the network knows `known` classes.
pub(super) fn other_order(answers: &[u32], labels: &[u32], names: &[String], known: usize) -> Option<OrderFound> {
    let right = |classes: &[u32], images: &[usize]| -> Vec<bool> {
        images.iter().map(|&image| classes.get(labels[image] as usize) == Some(&answers[image])).collect()
    };
    let all: Vec<usize> = (0..labels.len()).collect();
    let as_given: Vec<u32> = (0..names.len() as u32).collect();
    let mut best: Option<OrderFound> = None;
    let mut consider = |order: Order, classes: Vec<u32>, images: &[usize]| {
        let (own, others) = (right(&as_given, images), right(&classes, images));
        let accuracy = others.iter().filter(|right| **right).count() as f64 / images.len().max(1) as f64;
        let found = OrderFound { order, classes, accuracy };
        let beats = best.as_ref().is_none_or(|best| found.worth() > best.worth());
        if found.classes != as_given && beats && is_better(&own, &others, TRIES) {
            best = Some(found);
        }
    };
    consider(Order::Natural, ranks(names, |a, b| natural(a).cmp(&natural(b))), &all);
    consider(Order::AsStrings, ranks(names, str::cmp), &all);
    if known > names.len() {
        consider(Order::OneMoreAhead, (1..=names.len() as u32).collect(), &all);
        for missing in 1..names.len() as u32 {
            let shifted = as_given.iter().map(|&label| label + u32::from(label >= missing)).collect();
            consider(Order::Missing(missing), shifted, &all);
        }
    }
    if labels.len() >= 2 * LEARNED_FROM * names.len() {
        let (learned, judged): (Vec<usize>, Vec<usize>) = all.iter().partition(|image| *image % 2 == 0);
        if let Some(classes) = assigned(answers, labels, &learned, names.len(), known) {
            consider(Order::Assigned(classes.clone()), classes, &judged);
        }
    }
    best
}

/// For each name its place among all, sorted.
fn ranks(names: &[String], order: impl Fn(&str, &str) -> Ordering) -> Vec<u32> {
    let mut sorted: Vec<usize> = (0..names.len()).collect();
    sorted.sort_by(|&a, &b| order(&names[a], &names[b]));
    let mut ranks = vec![0; names.len()];
    (0..).zip(sorted).for_each(|(rank, name)| ranks[name] = rank);
    ranks
}

/// A name as its parts, digits as numbers.
fn natural(name: &str) -> Vec<(u64, &str)> {
    let is_digit = |part: char| part.is_ascii_digit();
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let end = rest.find(is_digit).filter(|&end| end > 0);
        let digits = rest.find(|part| !is_digit(part)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(if digits > 0 { digits } else { end.unwrap_or(rest.len()) });
        // Text comes behind all numbers.
        parts.push(part.parse().map_or((u64::MAX, part), |number| (number, "")));
        rest = behind;
    }
    parts
}

/// For each label the class that the network says most often, each class once, the surest first. A label without images has its own class, or
/// the first that is left; none where others are left over.
fn assigned(answers: &[u32], labels: &[u32], images: &[usize], names: usize, known: usize) -> Option<Vec<u32>> {
    let mut counts = vec![0_usize; names * known];
    for &image in images {
        *counts.get_mut(labels[image] as usize * known + answers[image] as usize)? += 1;
    }
    let mut pairs: Vec<usize> = (0..counts.len()).filter(|&pair| counts[pair] > 0).collect();
    pairs.sort_by_key(|&pair| std::cmp::Reverse(counts[pair]));
    let (mut classes, mut is_taken) = (vec![None; names], vec![false; known]);
    for pair in pairs {
        let (label, class) = (pair / known, pair % known);
        if classes[label].is_none() && !is_taken[class] {
            classes[label] = Some(class as u32);
            is_taken[class] = true;
        }
    }
    for label in (0..names).filter(|label| counts[label * known..][..known].iter().all(|count| *count == 0)) {
        let class = [label].into_iter().chain(0..known).find(|class| !is_taken.get(*class).unwrap_or(&true))?;
        classes[label] = Some(class as u32);
        is_taken[class] = true;
    }
    classes.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve classes and 240 images, of which the network is right on nine in ten under `classes`.
    fn found(names: &[String], classes: &[u32], known: usize) -> Option<OrderFound> {
        let labels: Vec<u32> = (0..240).map(|image| image / 2 % names.len() as u32).collect();
        let answer = |(image, label): (usize, &u32)| match image % 10 {
            9 => (classes[*label as usize] + 1) % known as u32,
            _ => classes[*label as usize],
        };
        let answers: Vec<u32> = labels.iter().enumerate().map(answer).collect();
        other_order(&answers, &labels, names, known)
    }

    #[test]
    fn orders_that_explain_the_answers_are_found_and_no_others() {
        let mut strings: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        let numbers = strings.clone();
        strings.sort();
        let words: Vec<String> = (b'a'..=b'l').map(|letter| char::from(letter).to_string()).collect();
        let own: Vec<u32> = (0..12).collect();
        let turned: Vec<u32> = (0..12).rev().collect();
        let shifted = |from: u32| -> Vec<u32> { own.iter().map(|&label| label + u32::from(label >= from)).collect() };
        for (names, classes, known, expected) in [
            (&words, own.clone(), 12, None),
            (&strings, own.clone(), 12, None),
            (&words, own.clone(), 13, None),
            (&strings, ranks(&strings, |a, b| natural(a).cmp(&natural(b))), 12, Some(Order::Natural)),
            (&numbers, ranks(&numbers, str::cmp), 12, Some(Order::AsStrings)),
            (&words, turned.clone(), 12, Some(Order::Assigned(turned))),
            (&words, shifted(0), 13, Some(Order::OneMoreAhead)),
            (&words, shifted(5), 13, Some(Order::Missing(5))),
        ] {
            let found = found(names, &classes, known);
            assert_eq!(found.as_ref().map(|found| &found.order), expected.as_ref(), "{names:?} {classes:?}");
            // An assignment is judged on every other image, among them all that the network is wrong on.
            assert!(found.is_none_or(|found| found.accuracy > 0.79 && found.classes == classes));
        }
    }

    #[test]
    fn a_class_without_images_is_no_hindrance() {
        let names: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let labels: Vec<u32> = (0..200).map(|image| 1 + image % 9).collect();
        let answers: Vec<u32> = labels.iter().map(|label| 10 - label).collect();
        let found = other_order(&answers, &labels, &names, 10).unwrap();
        assert_eq!(found.classes, [0, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_guessing_network_has_no_order() {
        let names: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let labels: Vec<u32> = (0..200).map(|image| image % 10).collect();
        let answers: Vec<u32> = (0..200_u32).map(|image| image * 7919 / 13 % 10).collect();
        assert_eq!(other_order(&answers, &labels, &names, 10), None);
        assert_eq!(other_order(&[0; 200], &labels, &names, 10), None);
    }

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = ["n10", "n9", "a", "10", "9", "n9b", "9a"];
        names.sort_by(|a, b| natural(a).cmp(&natural(b)));
        assert_eq!(names, ["9", "9a", "10", "a", "n9", "n9b", "n10"]);
    }
}
