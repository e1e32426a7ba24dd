//! Where the tiles of feature maps lie, and where their values at the points of [`super::winograd`].
//!
//! The 7 positions of the inner map are a long tile of 4 and a short one of 3 in each direction. At the point -2 there
//! are only the tiles that are long in that direction.

use std::ops::Range;

use super::groups::GROUP;
use super::map::{Grid, INNER, MIDDLE, Map};
use super::quarters::{QUARTERS, range};
use super::winograd::{LONG, MINUS_TWO, POINTS};

/// One of the points, down and across.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point([usize; 2]);

impl Point {
    /// How many there are.
    pub(super) const COUNT: usize = POINTS * POINTS;

    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|index| Self([index / POINTS, index % POINTS]))
    }

    /// The value of a filter at this point.
    pub(super) const fn of<T: Copy>(self, values: &[[T; POINTS]; POINTS]) -> T {
        values[self.0[0]][self.0[1]]
    }

    /// The parities that have a value here, where filters of odd ones have none at the point `zero`.
    pub(super) const fn parities(self, zero: usize) -> Range<usize> {
        range([self.0[0] == zero, self.0[1] == zero])
    }

    /// The tiles that have a value here.
    const fn tiles(self) -> Range<usize> {
        range([self.0[0] == MINUS_TWO, self.0[1] == MINUS_TWO])
    }

    /// The rows of this point's matrix that have values, for a group of images.
    pub(super) fn rows(self, images: usize) -> usize {
        self.tiles().len() * images
    }

    /// Offset of the first of those rows.
    pub(super) const fn at<L: Level>(self, images: usize) -> usize {
        (self.0[0] * POINTS + self.0[1]) * L::STRIDE + self.tiles().start * images * L::PITCH
    }
}

/// One of the two maps, and its values at the points: a matrix for each point, `[tile of four][image][channel]`. What
/// the transforms need is known when they are compiled, which leaves their registers to the values.
pub(super) trait Level {
    const MAP: Map;
    /// Pixels from one element of a tile to the next.
    const STEP: usize;
    /// Floats from one row to the next, an odd number of cache lines, lest a column fall into one cache set.
    const PITCH: usize;
    /// Floats from one point to the next: the same.
    const STRIDE: usize = GROUP * QUARTERS * Self::PITCH + 16;
    /// Floats of all points.
    const FLOATS: usize = Point::COUNT * Self::STRIDE;
    /// The rows of a point.
    const ROWS: Grid = Grid { origin: 0, strides: [0, 0, Self::PITCH] };
    /// Floats from one element of a tile to the next, down and across.
    const STEPS: [usize; 2] = [Self::STEP * Self::MAP.row(), Self::STEP * Self::MAP.channels];

    /// Offset of the first element of a tile, where that of the first tile is the pixel `(y, x)`.
    fn tile([y, x]: [isize; 2], image: usize, tile: [usize; 2]) -> usize {
        let [down, across] = Self::STEPS;
        image * Self::MAP.floats() + Self::MAP.at(y, x) + LONG * (tile[0] * down + tile[1] * across)
    }

    /// # Panics
    /// When `images` are more than a group, tiles of `long` or `short` elements are not all inside `maps` floats, or
    /// values from a channel on are not all inside `points` floats.
    fn check(images: usize, origin: [isize; 2], [long, short]: [usize; 2], maps: usize, points: usize) {
        const { assert!(Self::MAP.channels.is_multiple_of(16), "channels fill every register") };
        assert!(images <= GROUP, "{images} images are more than a group");
        assert!(long <= LONG + short, "a long tile ends before the next");
        let Some(last) = images.checked_sub(1) else { return };
        let [down, across] = Self::STEPS;
        let last = Self::tile(origin, last, [1, 1]) + (short - 1) * (down + across);
        assert!(last + Self::MAP.channels <= maps, "maps too short for tiles");
        let last = (Point::COUNT - 1) * Self::STRIDE + (GROUP * QUARTERS - 1) * Self::PITCH;
        assert!(last + Self::MAP.channels <= points, "too few points");
    }
}

/// The middle map, a pixel of each parity side by side.
#[derive(Debug)]
pub(super) struct Large;

impl Level for Large {
    const MAP: Map = MIDDLE;
    const STEP: usize = 2;
    const PITCH: usize = QUARTERS * MIDDLE.channels + 16;
}

/// The inner map.
#[derive(Debug)]
pub(super) struct Small;

impl Level for Small {
    const MAP: Map = INNER;
    const STEP: usize = 1;
    const PITCH: usize = INNER.channels + 16;
}
