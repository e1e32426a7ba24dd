//! The four pairs of a first or a second, down and across: an image's tiles, and the parities of a large map's pixels.
//!
//! Their order makes every choice that is needed a range: all of them, those that are first down, those that are first
//! across, and the one that is both.

use std::ops::Range;

/// How many there are.
pub(super) const QUARTERS: usize = 4;
/// `[down, across]` of each, 0 for a first and 1 for a second.
pub(super) const ORDER: [[usize; 2]; QUARTERS] = [[0, 1], [0, 0], [1, 0], [1, 1]];

/// Those that are first where `only_first` (`[down, across]`) says so.
pub(super) const fn range(only_first: [bool; 2]) -> Range<usize> {
    match only_first {
        [false, false] => 0..4,
        [true, false] => 0..2,
        [false, true] => 1..3,
        [true, true] => 1..2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_it_says() {
        for only_first in [[false, false], [true, false], [false, true], [true, true]] {
            let chosen = |quarter: &usize| (0..2).all(|way| !only_first[way] || ORDER[*quarter][way] == 0);
            assert!(range(only_first).eq((0..QUARTERS).filter(chosen)), "{only_first:?}");
        }
    }
}
