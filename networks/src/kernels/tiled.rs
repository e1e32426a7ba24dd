//! The windows between the middle and the inner map, by the fast algorithm of [`super::winograd`]: the geometry is that
//! of [`super::conv`], the work 3 times less.
//!
//! A 5x5 window of stride 2 is a sum of four windows of stride 1, one for each parity of the large map's rows and
//! columns: 3 taps where the parity is even, 2 where it is odd. Written as 3 taps, an odd filter lacks its last tap on
//! the way down, and its first on the way up: there its values at one point are zero, and are left out. At each of the
//! 36 points the channels meet in one matrix product over all tiles of a group of images. The parities' channels lie
//! side by side in the order of [`super::quarters`], and so do the tiles.

use super::buffer::Buffer;
use super::conv::{SIDE, TAPS};
use super::finish::Finish;
use super::gather::to_points;
use super::isa::Isa;
use super::map::{INNER, MIDDLE};
use super::points::{Large, Level, Small};
use super::product::{Rows, multiply};
use super::quarters::{ORDER, QUARTERS};
use super::runs::Runs;
use super::scatter::from_points;
use super::tiled_weights::{TOGETHER, Weights};
use super::winograd::{INFINITY, Inputs, ZERO};

pub(super) const LARGE: usize = MIDDLE.channels;
pub(super) const SMALL: usize = INNER.channels;
/// Channels of all four parities of the large map.
pub(super) const PARITIES: usize = QUARTERS * LARGE;

/// Scratch of one [`GROUP`](super::groups::GROUP) of images: the large and the small maps at the points.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    large: Buffer,
    small: Buffer,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self { large: Buffer::zeroed(Large::FLOATS), small: Buffer::zeroed(Small::FLOATS) }
    }

    /// Takes `images` middle maps to the points. The last tiles of odd rows and columns reach a row and a pixel beyond the
    /// last map: the slice must go on, and what lies there is without effect, because odd parities have no value at
    /// infinity, the only point to see it.
    pub(super) fn gather(&mut self, isa: Isa, images: usize, maps: &[f32]) -> Gathered<'_> {
        for (parity, [y, x]) in ORDER.into_iter().enumerate() {
            let origin = [y as isize - 2, x as isize - 2];
            to_points::<Large, Inputs, 6, 5>(isa, images, origin, maps, &mut self.large[parity * LARGE..]);
        }
        Gathered { images, large: &self.large, small: &mut self.small }
    }
}

/// Middle maps at the points, where both [`TiledDown`] and the weight gradient begin, and room for inner maps.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    pub(super) images: usize,
    pub(super) large: &'a [f32],
    pub(super) small: &'a mut [f32],
}

/// A weight for the way down: `encoder.conv2`, and the input gradient of `decoder.deconv2`.
#[derive(Clone, Debug)]
pub(super) struct TiledDown(Weights);

/// Rows `2i - 2, 2i, 2i + 2` meet taps 0, 2, 4; rows `2i - 1, 2i + 1` taps 1, 3.
pub(super) fn tap_down(parity: usize, tap: usize) -> Option<usize> {
    Some(2 * tap + parity).filter(|&tap| tap < SIDE)
}

impl TiledDown {
    pub(super) fn new(isa: Isa) -> Self {
        Self(Weights::new(isa, INFINITY, SMALL, |parities| [parities * LARGE, SMALL]))
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.0.set_bias(bias);
        for l in 0..LARGE {
            for s in (0..SMALL).step_by(TOGETHER) {
                let weight = &weight[(s * LARGE + l) * TAPS..];
                self.0.fill(weight, LARGE * TAPS, tap_down, |parity| [parity * LARGE + l, s]);
            }
        }
    }

    /// Middle maps to inner maps.
    pub(super) fn run(&self, isa: Isa, maps: &mut Gathered<'_>, small: &mut [f32], finish: Finish<'_>) {
        for (point, weights) in self.0.at_points() {
            let parities = point.parities(INFINITY);
            let runs = Runs::one(parities.len() * LARGE);
            let rows = Rows { counts: [1, 1, point.rows(maps.images)], input: Large::ROWS, output: Small::ROWS };
            let input = &maps.large[point.at::<Large>(maps.images) + parities.start * LARGE..];
            let output = &mut maps.small[point.at::<Small>(maps.images)..];
            multiply(isa, rows, runs, input, weights.all(), output, Finish::Keep);
        }
        from_points::<Small>(isa, maps.images, maps.small, [false; 2], [0, 0], small, self.0.bias(), finish);
    }
}

/// A weight for the way up: `decoder.deconv2`, and the input gradient of `encoder.conv2`.
#[derive(Clone, Debug)]
pub(super) struct TiledUp(Weights);

/// Row `2i` meets rows `i - 1, i, i + 1` through taps 4, 2, 0; row `2i + 1` meets `i, i + 1` through 3, 1.
fn tap_up(parity: usize, tap: usize) -> Option<usize> {
    Some(4 + parity - 2 * tap).filter(|&tap| tap < SIDE)
}

impl TiledUp {
    pub(super) fn new(isa: Isa) -> Self {
        Self(Weights::new(isa, ZERO, LARGE, |parities| [SMALL, parities * LARGE]))
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.0.set_bias(bias);
        for s in 0..SMALL {
            for l in (0..LARGE).step_by(TOGETHER) {
                let weight = &weight[(s * LARGE + l) * TAPS..];
                self.0.fill(weight, TAPS, tap_up, |parity| [s, parity * LARGE + l]);
            }
        }
    }

    /// `images` inner maps to middle maps.
    pub(super) fn run(
        &self,
        isa: Isa,
        images: usize,
        small: &[f32],
        large: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        to_points::<Small, Inputs, 6, 5>(isa, images, [-1, -1], small, &mut scratch.small);
        for (point, weights) in self.0.at_points() {
            let rows = Rows { counts: [1, 1, point.rows(images)], input: Small::ROWS, output: Large::ROWS };
            let input = &scratch.small[point.at::<Small>(images)..];
            let output = &mut scratch.large[point.at::<Large>(images) + point.parities(ZERO).start * LARGE..];
            multiply(isa, rows, Runs::one(SMALL), input, weights.all(), output, Finish::Keep);
        }
        for (parity, [y, x]) in ORDER.into_iter().enumerate() {
            let (points, odd, origin) = (&scratch.large[parity * LARGE..], [y == 1, x == 1], [y as isize, x as isize]);
            from_points::<Large>(isa, images, points, odd, origin, large, self.0.bias(), finish);
        }
    }
}
