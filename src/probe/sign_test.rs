//! The sign test: whether one of two answers to the same images is right more often than the other (McNemar's exact test, one-sided).

use crate::remarks::binomial;

/// What chance alone reaches more rarely than this is no chance.
pub(super) const RARE: f64 = 0.001;
/// The same where one that may be better is only told.
const TOLD: f64 = 0.05;
/// A smaller gain in accuracy is not worth a word.
const WORTH: f64 = 0.05;

/// Whether `other`, one of so many `tries`, is right on so many more of the images than `own` that it is neither chance nor trifling.
pub(super) fn is_better(own: &[bool], other: &[bool], tries: usize) -> bool {
    is_worth(own, other, RARE / tries as f64)
}

/// Whether it may be, on too few images to say so.
pub(super) fn may_be_better(own: &[bool], other: &[bool], tries: usize) -> bool {
    is_worth(own, other, TOLD) && !is_better(own, other, tries)
}

fn is_worth(own: &[bool], other: &[bool], rare: f64) -> bool {
    let count = |own_is, other_is| own.iter().zip(other).filter(|pair| *pair == (&own_is, &other_is)).count();
    let (lost, won) = (count(true, false), count(false, true));
    won as f64 - lost as f64 >= WORTH * own.len() as f64 && chance(won, won + lost) < rare
}

/// The chance of at least `heads` among `tosses` of a fair coin.
pub(super) fn chance(heads: usize, tosses: usize) -> f64 {
    binomial(heads.., tosses, 0.5).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_a_coin() {
        // scipy.stats.binomtest(heads, tosses, alternative="greater").pvalue
        for (heads, tosses, expected) in
            [(0, 0, 1.0), (1, 1, 0.5), (8, 10, 0.0546875), (10, 10, 0.0009765625), (60, 100, 0.028443966820490395)]
        {
            assert!((chance(heads, tosses) - expected).abs() < 1e-12, "{heads} of {tosses}: {}", chance(heads, tosses));
        }
    }

    #[test]
    fn what_is_better_is_so_by_more_than_chance() {
        for (images, own, other, better, may) in [
            (200, 20, 180, true, false),
            (200, 150, 180, true, false),
            (200, 160, 172, false, true),
            (200, 160, 169, false, false),
            (200, 180, 180, false, false),
            (200, 180, 20, false, false),
            (30, 4, 21, true, false),
            (30, 4, 14, false, true),
            (5, 0, 4, false, false),
        ] {
            let hits = |right: usize| (0..images).map(|image| image < right).collect::<Vec<bool>>();
            let (own, other) = (hits(own), hits(other));
            assert_eq!(is_better(&own, &other, 50), better, "{own:?} and {other:?}");
            assert_eq!(may_be_better(&own, &other, 50), may, "{own:?} and {other:?}");
        }
    }
}
