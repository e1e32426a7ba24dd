//! Where the tiles of feature maps lie, and where their values at the points of [`super::winograd`].
//!
//! The 7 positions of the inner map are a long tile of 4 and a short one of 3 in each direction. At the point -2 there
//! are only the tiles that are long in that direction.

use std::ops::Range;

use super::map::Map;
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

    pub(super) const fn index(self) -> usize {
        self.0[0] * POINTS + self.0[1]
    }

    /// The value of a filter at this point.
    pub(super) const fn of<T: Copy>(self, values: &[[T; POINTS]; POINTS]) -> T {
        values[self.0[0]][self.0[1]]
    }

    /// The quarters that are not zero here, where second ones are at the point `zero`.
    pub(super) const fn without(self, zero: usize) -> Range<usize> {
        range([self.0[0] == zero, self.0[1] == zero])
    }

    /// The tiles that have a value here.
    pub(super) const fn tiles(self) -> Range<usize> {
        self.without(MINUS_TWO)
    }
}

/// A matrix for each point, with a row for each tile: value `c` of a tile lies at `[point][tile of four][image][c]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrices {
    pub(super) images: usize,
    /// Floats from one row to the next.
    pub(super) pitch: usize,
    /// Floats from one point to the next.
    pub(super) stride: usize,
}

impl Matrices {
    /// Rows, and then points, are an odd number of cache lines apart, lest a column of them fall into one cache set.
    pub(super) const fn new(images: usize, channels: usize) -> Self {
        let pitch = channels.next_multiple_of(32) + 16;
        Self { images, pitch, stride: images * QUARTERS * pitch + 16 }
    }

    /// Floats of all points.
    pub(super) const fn floats(self) -> usize {
        Point::COUNT * self.stride
    }

    /// Offset of a point's first row that has a value.
    pub(super) const fn at(self, point: Point) -> usize {
        point.index() * self.stride + point.tiles().start * self.images * self.pitch
    }

    /// Rows of a point that have a value.
    pub(super) const fn rows(self, point: Point) -> usize {
        let tiles = point.tiles();
        (tiles.end - tiles.start) * self.images
    }

    /// # Panics
    /// When rows of so many channels do not fill registers or do not fit.
    pub(super) fn check(self, channels: usize, len: usize) {
        assert_eq!(channels % 16, 0, "channels fill registers");
        let last = (Point::COUNT - 1) * self.stride + (QUARTERS * self.images - 1) * self.pitch;
        assert!(last + channels <= len, "too few points");
    }
}

/// Element `(r, s)` of tile `(ty, tx)` is the pixel `(y + step (4 ty + r), x + step (4 tx + s))`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) map: Map,
    pub(super) y: isize,
    pub(super) x: isize,
    pub(super) step: usize,
}

impl Place {
    /// Distances from one element to the next down and across.
    pub(super) const fn steps(self) -> [usize; 2] {
        [self.step * self.map.row(), self.step * self.map.channels]
    }

    /// Offset of a tile's first element.
    pub(super) const fn tile(self, image: usize, tile: [usize; 2]) -> usize {
        let [down, across] = self.steps();
        image * self.map.floats() + self.map.at(self.y, self.x) + LONG * (tile[0] * down + tile[1] * across)
    }

    /// Floats up to behind the last of the `short` by `short` elements of the last tile of the last image.
    pub(super) const fn extent(self, images: usize, short: usize) -> usize {
        let [down, across] = self.steps();
        self.tile(images - 1, [1, 1]) + (short - 1) * (down + across) + self.map.channels
    }
}
