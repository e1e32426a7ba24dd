//! [`Level`]: where the tiles of a feature map lie, and where their values at the points of [`super::transforms`].

use super::tiles::{Band, Point};
use super::transforms::LONG;
use crate::kernels::map::Map;

/// A map, and its values at the points: a matrix for each point, `[tile][image][channel]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) map: Map,
    /// Pixels from one element of a tile to the next: the parities of each direction.
    pub(super) step: usize,
    /// Floats from one row to the next, an odd number of cache lines, lest a column fall into one cache set.
    pub(super) pitch: usize,
    /// Floats from one point to the next: the same.
    pub(super) stride: usize,
    /// Rows that there is room for.
    rows: usize,
}

impl Level {
    pub(super) fn new(map: Map, step: usize, rows: usize) -> Self {
        let pitch = pitch(map, step);
        Self { map, step, pitch, stride: odd_lines(rows * pitch), rows }
    }

    /// Floats of all points.
    pub(super) fn floats(&self) -> usize {
        Point::COUNT * self.stride
    }

    /// Offset of a row of a point.
    pub(super) fn at(&self, point: Point, row: usize) -> usize {
        point.index() * self.stride + row * self.pitch
    }

    /// Floats from one element of a tile to the next, down and across.
    pub(super) fn steps(&self) -> [usize; 2] {
        [self.step * self.map.row(), self.step * self.map.pixel]
    }

    /// Offset of the first element of a tile, where that of the first tile is the pixel `origin`.
    pub(super) fn tile(&self, band: &Band, [y, x]: [isize; 2], image: usize, tile: [usize; 2]) -> usize {
        let [down, across] = self.steps();
        let start = |way: usize| band.axes[way].start(tile[way]);
        image * self.map.floats() + self.map.at(y, x) + start(0) * down + start(1) * across
    }

    /// # Panics
    /// When the rows of a band are more than there is room for, its tiles, of `long` or `short` elements, are not all inside `maps`
    /// floats, or its values from a channel on are not all inside `points` floats.
    pub(super) fn check(
        &self,
        lanes: usize,
        band: &Band,
        origin: [isize; 2],
        [long, short]: [usize; 2],
        maps: usize,
        points: usize,
    ) {
        assert!(long <= LONG + short, "a long tile ends before the next");
        assert!(self.map.pixel.is_multiple_of(lanes), "channels fill every register");
        let rows = band.len();
        assert!(rows <= self.rows, "{rows} rows of tiles, and room for {}", self.rows);
        if rows == 0 {
            return;
        }
        assert!(
            origin.iter().zip(self.map.before).all(|(from, before)| from + before as isize >= 0),
            "tiles begin early"
        );
        let (image, tile) = (band.images.end - 1, [band.down.end - 1, band.axes[1].tiles() - 1]);
        let [down, across] = self.steps();
        let length = |way: usize| if band.axes[way].is_short(tile[way]) { short } else { long };
        let last = self.tile(band, origin, image, tile) + (length(0) - 1) * down + (length(1) - 1) * across;
        assert!(last + self.map.pixel <= maps, "maps too short for tiles");
        let last = (Point::COUNT - 1) * self.stride + (self.rows - 1) * self.pitch;
        assert!(last + self.map.pixel <= points, "too few points");
    }
}

/// Floats from one row to the next where all parities' channels lie side by side.
pub(super) fn pitch(map: Map, step: usize) -> usize {
    odd_lines(step * step * map.pixel)
}

/// At least so many floats, and an odd number of cache lines.
pub(super) fn odd_lines(floats: usize) -> usize {
    (floats.div_ceil(16) | 1) * 16
}
