//! The windows between the middle and the inner map, by the fast algorithm of [`super::winograd`]: the geometry is that
//! of [`super::conv`], the work 2.5 times less.
//!
//! A 5x5 window of stride 2 is a sum of four windows of stride 1, one for each parity of the large map's rows and
//! columns: 3 taps where the parity is even, 2 where it is odd. Written as 3 taps, an odd filter lacks its last tap on
//! the way down, and its first on the way up: there its values at one point are zero, and are left out. At each of the
//! 36 points the channels meet in one matrix product over all tiles of a group of images.

use super::buffer::Buffer;
use super::conv::{SIDE, TAPS};
use super::isa::Isa;
use super::map::{Grid, INNER, MIDDLE};
use super::outer::{self, Former, Side};
use super::pack::Packed;
use super::points::{Matrices, Place, TILES, from_points, to_points};
use super::product::{Finish, Rows, Runs, multiply};
use super::winograd::{
    INFINITY, Inputs, Lanes, Outputs, POINTS, SIDE_BY_SIDE, ZERO, filter_to_points, points_to_filter,
};

const LARGE: usize = MIDDLE.channels;
const SMALL: usize = INNER.channels;
/// Channels of all four parities of the large map.
const PARITIES: usize = 4 * LARGE;
/// Rows of the points' matrices are an odd number of cache lines apart.
const LARGE_PITCH: usize = PARITIES + 16;
const SMALL_PITCH: usize = SMALL + 16;

/// The index of a point, and whether each direction is at the given one.
fn points(special: usize) -> impl Iterator<Item = (usize, [bool; 2])> {
    (0..POINTS * POINTS).map(move |point| (point, [point / POINTS == special, point % POINTS == special]))
}

/// The parities of `(y, x)` that have values at a point that is special down or across for odd ones.
fn parities(special: [bool; 2]) -> impl Iterator<Item = usize> {
    (0..4).filter(move |parity| !(special[0] && parity / 2 == 1 || special[1] && parity % 2 == 1))
}

/// Scratch of one group of images: the large and the small maps at the points.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    large: Buffer,
    small: Buffer,
    images: usize,
}

impl Scratch {
    pub(super) fn new(images: usize) -> Self {
        let floats = |pitch: usize| Buffer::zeroed(POINTS * POINTS * images * TILES * pitch);
        Self { large: floats(LARGE_PITCH), small: floats(SMALL_PITCH), images }
    }

    fn large(&self) -> Matrices {
        Matrices { pitch: LARGE_PITCH, stride: self.images * TILES * LARGE_PITCH }
    }

    fn small(&self) -> Matrices {
        Matrices { pitch: SMALL_PITCH, stride: self.images * TILES * SMALL_PITCH }
    }

    fn gather_large(&mut self, isa: Isa, images: usize, maps: &[f32]) {
        let matrices = self.large();
        for parity in 0..4 {
            let (y, x) = (parity as isize / 2 - 2, parity as isize % 2 - 2);
            let place = Place { map: MIDDLE, y, x, step: 2 };
            to_points::<Inputs, 6>(isa, images, place, maps, &mut self.large[parity * LARGE..], matrices);
        }
    }
}

/// A weight's values at the points for one direction, and a bias.
#[derive(Clone, Debug)]
struct Weights {
    points: Vec<Packed>,
    bias: Buffer,
}

impl Weights {
    /// Transforms 5x5 taps `[s][l][ky][kx]`. `tap` names the 5x5 tap of a parity's 3 taps, if it has one; `blocks` are the
    /// offsets of filters that lie side by side, and `put` stores them for a parity.
    fn fill(
        &mut self,
        weight: &[f32],
        stride: usize,
        start: usize,
        tap: impl Fn(usize, usize) -> Option<usize>,
        mut put: impl FnMut(&mut [Packed], usize, &[[Lanes; POINTS]; POINTS]),
    ) {
        let mut taps = [[0.0; SIDE_BY_SIDE]; TAPS];
        for (lane, filter) in weight[start..].chunks(stride).take(SIDE_BY_SIDE).enumerate() {
            taps.iter_mut().zip(filter).for_each(|(tap, weight)| tap[lane] = *weight);
        }
        for parity in 0..4 {
            let mut filter = [[[0.0; SIDE_BY_SIDE]; 3]; 3];
            for (y, row) in filter.iter_mut().enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    if let (Some(ky), Some(kx)) = (tap(parity / 2, y), tap(parity % 2, x)) {
                        *value = taps[ky * SIDE + kx];
                    }
                }
            }
            put(&mut self.points, parity, &filter_to_points(&filter));
        }
    }

    fn set_bias(&mut self, bias: &[f32]) {
        if !bias.is_empty() {
            self.bias.copy_from_slice(bias);
        }
    }
}

/// A weight for the way down: `encoder.conv2`, and the input gradient of `decoder.deconv2`.
#[derive(Clone, Debug)]
pub(super) struct TiledDown(Weights);

/// Rows `2i - 2, 2i, 2i + 2` meet taps 0, 2, 4; rows `2i - 1, 2i + 1` taps 1, 3.
fn tap_down(parity: usize, tap: usize) -> Option<usize> {
    Some(2 * tap + parity).filter(|&tap| tap < SIDE)
}

impl TiledDown {
    pub(super) fn new(isa: Isa) -> Self {
        let points = points(INFINITY)
            .map(|(_, special)| Packed::zeroed(isa.panel(), parities(special).count() * LARGE, SMALL))
            .collect();
        Self(Weights { points, bias: Buffer::zeroed(SMALL) })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.0.set_bias(bias);
        for l in 0..LARGE {
            for s in (0..SMALL).step_by(SIDE_BY_SIDE) {
                let start = (s * LARGE + l) * TAPS;
                self.0.fill(weight, LARGE * TAPS, start, tap_down, |packed, parity, values| {
                    for (point, special) in points(INFINITY) {
                        if let Some(place) = parities(special).position(|p| p == parity) {
                            let row = packed[point].row_mut(place * LARGE + l, s);
                            row[..SIDE_BY_SIDE].copy_from_slice(&values[point / POINTS][point % POINTS]);
                        }
                    }
                });
            }
        }
    }

    /// `images` middle maps, and what follows them in their buffer, to inner maps.
    pub(super) fn run(
        &self,
        isa: Isa,
        images: usize,
        large: &[f32],
        small: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        scratch.gather_large(isa, images, large);
        let (from, to) = (scratch.large(), scratch.small());
        for (point, special) in points(INFINITY) {
            let runs = match special {
                [false, false] => Runs::one(4 * LARGE),
                [true, false] => Runs::one(2 * LARGE),
                [false, true] => Runs { count: 2, length: LARGE, stride: 2 * LARGE },
                [true, true] => Runs::one(LARGE),
            };
            let (input, output) = (&scratch.large[point * from.stride..], &mut scratch.small[point * to.stride..]);
            multiply(isa, rows(images, from, to), runs, input, self.0.points[point].all(), output, Finish::Keep);
        }
        let place = Place { map: INNER, y: 0, x: 0, step: 1 };
        from_points(isa, images, &scratch.small, to, [false; 2], place, small, &self.0.bias, finish);
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
        let points = points(ZERO)
            .map(|(_, special)| Packed::zeroed(isa.panel(), SMALL, parities(special).count() * LARGE))
            .collect();
        Self(Weights { points, bias: Buffer::zeroed(LARGE) })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.0.set_bias(bias);
        for s in 0..SMALL {
            for l in (0..LARGE).step_by(SIDE_BY_SIDE) {
                let start = (s * LARGE + l) * TAPS;
                self.0.fill(weight, TAPS, start, tap_up, |packed, parity, values| {
                    for (point, special) in points(ZERO) {
                        if let Some(place) = parities(special).position(|p| p == parity) {
                            let row = packed[point].row_mut(s, place * LARGE + l);
                            row[..SIDE_BY_SIDE].copy_from_slice(&values[point / POINTS][point % POINTS]);
                        }
                    }
                });
            }
        }
    }

    /// `images` inner maps, and what follows them in their buffer, to middle maps.
    pub(super) fn run(
        &self,
        isa: Isa,
        images: usize,
        small: &[f32],
        large: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        let (from, to) = (scratch.small(), scratch.large());
        let place = Place { map: INNER, y: -1, x: -1, step: 1 };
        to_points::<Inputs, 6>(isa, images, place, small, &mut scratch.small, from);
        for (point, special) in points(ZERO) {
            let input = &scratch.small[point * from.stride..];
            for (block, parity) in parities(special).enumerate() {
                let weights = self.0.points[point].columns(block * LARGE..(block + 1) * LARGE);
                let output = &mut scratch.large[point * to.stride + parity * LARGE..];
                multiply(isa, rows(images, from, to), Runs::one(SMALL), input, weights, output, Finish::Keep);
            }
        }
        for parity in 0..4 {
            let odd = [parity / 2 == 1, parity % 2 == 1];
            let place = Place { map: MIDDLE, y: parity as isize / 2, x: parity as isize % 2, step: 2 };
            let points = &scratch.large[parity * LARGE..];
            from_points(isa, images, points, to, odd, place, large, &self.0.bias, finish);
        }
    }
}

fn rows(images: usize, from: Matrices, to: Matrices) -> Rows {
    let grid = |matrices: Matrices| Grid { origin: 0, strides: [0, 0, matrices.pitch] };
    Rows { counts: [1, 1, images * TILES], input: grid(from), output: grid(to) }
}

/// Floats of [`weight_gradient`]'s sums.
pub(super) const SUMS: usize = POINTS * POINTS * PARITIES * SMALL;

/// Adds the weight gradient of `images` pairs of maps, and what follows them in their buffers, to `sums` at the points,
/// `[point][parity, l][s]`.
pub(super) fn weight_gradient(
    isa: Isa,
    images: usize,
    large: &[f32],
    small: &[f32],
    sums: &mut [f32],
    scratch: &mut Scratch,
) {
    scratch.gather_large(isa, images, large);
    let (left, right) = (scratch.large(), scratch.small());
    let place = Place { map: INNER, y: 0, x: 0, step: 1 };
    to_points::<Outputs, 4>(isa, images, place, small, &mut scratch.small, right);
    for ((point, special), sums) in points(INFINITY).zip(sums.chunks_exact_mut(PARITIES * SMALL)) {
        let right = Side { floats: &scratch.small[point * right.stride..], strides: [0, right.pitch], length: SMALL };
        let mut add = |first: usize, count: usize| {
            let floats = &scratch.large[point * left.stride + first * LARGE..];
            let left = Side { floats, strides: [0, left.pitch], length: count * LARGE };
            let sums = &mut sums[first * LARGE * SMALL..];
            outer::accumulate(isa, [1, images * TILES], left, right, Former::Kept, sums, SMALL);
        };
        match special {
            [false, false] => add(0, 4),
            [true, false] => add(0, 2),
            [false, true] => {
                add(0, 1);
                add(2, 1);
            }
            [true, true] => add(0, 1),
        }
    }
}

/// Writes the sums at the points to a gradient `[s][l][ky][kx]`.
pub(super) fn write_gradient(sums: &[f32], gradient: &mut [f32]) {
    for parity in 0..4 {
        for l in 0..LARGE {
            for s in (0..SMALL).step_by(SIDE_BY_SIDE) {
                let mut values = [[[0.0; SIDE_BY_SIDE]; POINTS]; POINTS];
                for (point, sums) in sums.chunks_exact(PARITIES * SMALL).enumerate() {
                    let from = &sums[(parity * LARGE + l) * SMALL + s..][..SIDE_BY_SIDE];
                    values[point / POINTS][point % POINTS].copy_from_slice(from);
                }
                for (y, row) in points_to_filter(&values).iter().enumerate() {
                    for (x, lanes) in row.iter().enumerate() {
                        let (Some(ky), Some(kx)) = (tap_down(parity / 2, y), tap_down(parity % 2, x)) else { continue };
                        for (lane, value) in lanes.iter().enumerate() {
                            gradient[((s + lane) * LARGE + l) * TAPS + ky * SIDE + kx] = *value;
                        }
                    }
                }
            }
        }
    }
}
