//! Which tiles a map is cut into: along each direction long ones of 4 elements, then short ones of 3.
//!
//! At the point -2 there are only the tiles that are long in that direction ([`super::transforms`]). The order of the four kinds of
//! tiles makes those that have a value at a point a range.

use std::ops::Range;

use super::transforms::{LONG, MINUS_TWO, POINTS, SHORT};

/// `[down, across]` of the four kinds, 0 for long and 1 for short. The parities of a large map's pixels have the same order, 0 for
/// even and 1 for odd.
pub(super) const ORDER: [[usize; 2]; 4] = [[0, 1], [0, 0], [1, 0], [1, 1]];

/// Those of [`ORDER`] that are first where `only_first` (`[down, across]`) says so.
pub(super) const fn range(only_first: [bool; 2]) -> Range<usize> {
    match only_first {
        [false, false] => 0..4,
        [true, false] => 0..2,
        [false, true] => 1..3,
        [true, true] => 1..2,
    }
}

/// One of the points, down and across.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point(pub(super) [usize; 2]);

impl Point {
    /// How many there are.
    pub(super) const COUNT: usize = POINTS * POINTS;

    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self::of_index)
    }

    pub(super) const fn of_index(index: usize) -> Self {
        Self([index / POINTS, index % POINTS])
    }

    pub(super) const fn index(self) -> usize {
        self.0[0] * POINTS + self.0[1]
    }

    /// The value of a filter at this point.
    pub(super) const fn of<T: Copy>(self, values: &[[T; POINTS]; POINTS]) -> T {
        values[self.0[0]][self.0[1]]
    }
}

/// The tiles along one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    long: usize,
    short: usize,
}

impl Axis {
    /// For so many elements; none for 1, 2 and 5, which are no sum of fours and threes.
    pub(super) fn of(elements: usize) -> Option<Self> {
        let short = (LONG - elements % LONG) % LONG;
        elements.checked_sub(SHORT * short).map(|rest| Self { long: rest / LONG, short })
    }

    pub(super) fn tiles(self) -> usize {
        self.long + self.short
    }

    /// First element of a tile.
    pub(super) fn start(self, tile: usize) -> usize {
        LONG * tile - tile.saturating_sub(self.long) * (LONG - SHORT)
    }

    pub(super) fn is_short(self, tile: usize) -> bool {
        tile >= self.long
    }

    /// Long tiles, then short ones, of a range.
    pub(super) fn kinds(self, tiles: Range<usize>) -> [Range<usize>; 2] {
        let between = self.long.clamp(tiles.start, tiles.end);
        [tiles.start..between, between..tiles.end]
    }
}

/// Tiles that pass the points together: some rows of tiles of some images.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) axes: [Axis; 2],
    pub(super) images: Range<usize>,
    pub(super) down: Range<usize>,
}

impl Band {
    /// The bands of `images` images, whose points have room for `rows` rows, at least those of a row of tiles. There is always a
    /// first band, if only an empty one.
    pub(super) fn all(axes: [Axis; 2], images: usize, rows: usize) -> impl Iterator<Item = Self> {
        let [down, across] = axes.map(Axis::tiles);
        let together = rows / (down * across);
        let (each, height) = (together.max(1), if together > 0 { down } else { (rows / across).max(1) });
        (0..images.max(1)).step_by(each).flat_map(move |first| {
            (0..down).step_by(height).map(move |top| Self {
                axes,
                images: first..images.min(first + each),
                down: top..down.min(top + height),
            })
        })
    }

    /// Rows of the first `kinds` kinds of tiles.
    fn before(&self, kinds: usize) -> usize {
        let [down, across] = [self.axes[0].kinds(self.down.clone()), self.axes[1].kinds(0..self.axes[1].tiles())];
        let tiles = |&[y, x]: &[usize; 2]| down[y].len() * across[x].len();
        ORDER[..kinds].iter().map(tiles).sum::<usize>() * self.images.len()
    }

    /// Rows of all tiles.
    pub(super) fn len(&self) -> usize {
        self.before(4)
    }

    /// The tiles of a kind, down and across, and the row at the points of the first of them.
    pub(super) fn kind(&self, kind: usize) -> ([Range<usize>; 2], usize) {
        let [y, x] = ORDER[kind];
        let tiles =
            [self.axes[0].kinds(self.down.clone())[y].clone(), self.axes[1].kinds(0..self.axes[1].tiles())[x].clone()];
        (tiles, self.before(kind))
    }

    /// The rows that have values at a point.
    pub(super) fn rows(&self, point: Point) -> Range<usize> {
        let kinds = range([point.0[0] == MINUS_TWO, point.0[1] == MINUS_TWO]);
        self.before(kinds.start)..self.before(kinds.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_it_says() {
        for only_first in [[false, false], [true, false], [false, true], [true, true]] {
            let chosen = |kind: &usize| (0..2).all(|way| !only_first[way] || ORDER[*kind][way] == 0);
            assert!(range(only_first).eq((0..4).filter(chosen)), "{only_first:?}");
        }
    }

    #[test]
    fn tiles_cover_every_element_once() {
        for elements in 0..60 {
            let Some(axis) = Axis::of(elements) else {
                assert!([1, 2, 5].contains(&elements));
                continue;
            };
            let mut next = 0;
            for (kind, tiles) in axis.kinds(0..axis.tiles()).into_iter().enumerate() {
                for tile in tiles {
                    assert_eq!(axis.start(tile), next);
                    next += if kind == 0 { LONG } else { SHORT };
                }
            }
            assert_eq!(next, elements);
        }
    }

    #[test]
    fn bands_hold_every_tile_of_every_image_once_and_fit() {
        for (size, images, rows) in [([7, 7], 13, 24), ([32, 28], 3, 21), ([9, 40], 2, 3), ([4, 4], 0, 5)] {
            let axes = size.map(|size| Axis::of(size).unwrap());
            let mut seen = std::collections::BTreeSet::new();
            for band in Band::all(axes, images, rows) {
                let all = band.len();
                assert!(all <= rows.max(axes[1].tiles()), "{all} rows of {rows}");
                let mut row = 0;
                for kind in 0..4 {
                    let (tiles, first) = band.kind(kind);
                    assert_eq!(first, row);
                    row += tiles[0].len() * tiles[1].len() * band.images.len();
                    for y in tiles[0].clone() {
                        for x in tiles[1].clone() {
                            band.images.clone().for_each(|image| assert!(seen.insert((image, y, x))));
                        }
                    }
                }
                assert_eq!(row, all);
            }
            assert_eq!(seen.len(), images * axes[0].tiles() * axes[1].tiles());
        }
    }
}
