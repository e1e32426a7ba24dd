//! Which images of a training file are the validation split: `min(5,000, 10 %)` of them. And which images of a set without a test file
//! are for the test and for validation: 10 % each.

use std::collections::BTreeMap;

use crate::SplitName;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// The most images that are held out.
const MAX_VALIDATION: usize = 5_000;
/// The seed of the stratified draw. Fixed for good: another one would move images from validation to training.
const SEED: u64 = 28;

/// How the images are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holdout {
    /// The last ones of the file: of MNIST's 60,000 the last 5,000.
    Last,
    /// The same share of every class, drawn at random with a fixed seed.
    Stratified,
}

impl Holdout {
    /// For every image of the training file, whether it is held out.
    pub(crate) fn mask(self, labels: &[u32]) -> Vec<bool> {
        let held_out = MAX_VALIDATION.min(labels.len() / 10);
        match self {
            Self::Last => (0..labels.len()).map(|row| row >= labels.len() - held_out).collect(),
            Self::Stratified => stratified(labels, held_out, SEED),
        }
    }
}

/// For every image of a set without parts, its split: of each class a tenth for the test and a tenth for validation, drawn by `seed`.
pub(crate) fn divide(labels: &[u32], seed: u64) -> Vec<SplitName> {
    let share = labels.len() / 10;
    let test = stratified(labels, share, seed);
    let others: Vec<u32> = labels.iter().zip(&test).filter(|(_, test)| !**test).map(|(label, _)| *label).collect();
    let mut validation = stratified(&others, share, seed).into_iter();
    let split = |test| match test {
        true => SplitName::Test,
        false if validation.next() == Some(true) => SplitName::Validation,
        false => SplitName::Train,
    };
    test.into_iter().map(split).collect()
}

/// Every image draws a 64-bit ticket, in file order; each class gives up the images with its lowest tickets.
fn stratified(labels: &[u32], held_out: usize, seed: u64) -> Vec<bool> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut classes: BTreeMap<u32, Vec<(u64, usize)>> = BTreeMap::new();
    for (row, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push((rng.next_u64(), row));
    }
    let sizes: Vec<usize> = classes.values().map(Vec::len).collect();
    let mut mask = vec![false; labels.len()];
    for (class, quota) in classes.values_mut().zip(quotas(&sizes, held_out)) {
        class.sort_unstable();
        for &(_, row) in &class[..quota] {
            mask[row] = true;
        }
    }
    mask
}

/// Shares `total` among classes in proportion to their sizes, to the unit, by the largest-remainder (Hamilton) method;
/// the lower label wins a tie.
fn quotas(sizes: &[usize], total: usize) -> Vec<usize> {
    let all = sizes.iter().sum::<usize>().max(1);
    let mut quotas: Vec<usize> = sizes.iter().map(|size| size * total / all).collect();
    let missing = total - quotas.iter().sum::<usize>();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(sizes[class] * total % all));
    for &class in &order[..missing] {
        quotas[class] += 1;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(mask: &[bool]) -> Vec<usize> {
        mask.iter().enumerate().filter_map(|(row, &held_out)| held_out.then_some(row)).collect()
    }

    #[test]
    fn the_last_tenth_but_no_more_than_5000() {
        for (len, first) in [(60_000, 55_000), (100, 90), (19, 18), (9, 9)] {
            assert_eq!(rows(&Holdout::Last.mask(&vec![0; len])), (first..len).collect::<Vec<_>>());
        }
    }

    #[test]
    fn quotas_are_proportional_and_add_up() {
        for (sizes, total, expected) in [
            (vec![100, 100], 20, vec![10, 10]),
            (vec![55, 30, 15], 10, vec![6, 3, 1]),
            (vec![1, 1, 1], 2, vec![1, 1, 0]),
            (vec![0, 7], 3, vec![0, 3]),
            (vec![0, 0], 0, vec![0, 0]),
        ] {
            assert_eq!(quotas(&sizes, total), expected, "{sizes:?}");
        }
    }

    #[test]
    fn a_set_without_parts_is_divided_by_class_and_by_seed() {
        let labels: Vec<u32> = (0..400).map(|row| row % 4).collect();
        let splits = divide(&labels, 3);
        for class in 0..4 {
            let count = |split| (0..400).filter(|&row| labels[row] == class && splits[row] == split).count();
            assert_eq!([SplitName::Train, SplitName::Validation, SplitName::Test].map(count), [80, 10, 10]);
        }
        assert_eq!(splits, divide(&labels, 3));
        assert_ne!(splits, divide(&labels, 4));
        // Ours, kept so that a checkpoint's seed means the same images in every version.
        let test: Vec<usize> = (0..400).filter(|&row| splits[row] == SplitName::Test).collect();
        assert_eq!(test[..4], [3, 33, 43, 57]);
    }

    #[test]
    fn the_stratified_draw_keeps_the_shares_and_never_changes() {
        let labels: Vec<u32> = (0..400).map(|row| if row % 4 == 0 { 7 } else { 3 }).collect();
        let held_out = rows(&Holdout::Stratified.mask(&labels));
        let sevens = held_out.iter().filter(|&&row| labels[row] == 7).count();
        assert_eq!((held_out.len(), sevens), (40, 10));
        // Ours, kept so that a new version of a library cannot move images between the splits unseen.
        assert_eq!(held_out[..8], [10, 20, 33, 47, 66, 77, 81, 85]);
        // What classes are called does not matter, and there may be more than a byte tells apart.
        let large: Vec<u32> = labels.iter().map(|label| label * 1_000_000).collect();
        assert_eq!(rows(&Holdout::Stratified.mask(&large)), held_out);
    }
}
