//! 5x5 windows of stride 2 between a large map and a small one, half its size: the same geometry serves the encoder's
//! convolutions and the decoder's transposed ones.
//!
//! With a weight `w[s][l][ky][kx]` (small channel, large channel, tap), which is PyTorch's layout of both:
//! - down: `small[i][j][s] = sum over l, ky, kx of w * large[2i - 2 + ky][2j - 2 + kx][l]`: a convolution, or the input
//!   gradient of a transposed one;
//! - up, its adjoint: the taps that reach `large[y][x]` are those of the parity of `y` and `x`, so each parity is a
//!   product of its own over 2x2 to 3x3 pixels of the small map: a transposed convolution, or the input gradient of a
//!   convolution;
//! - the weight gradient, the same for both: `sum over i, j of large[2i - 2 + ky][2j - 2 + kx][l] * small[i][j][s]`.

use super::isa::Isa;
use super::map::{Grid, Map};
use super::outer::{self, Side};
use super::pack::Packed;
use super::product::{Finish, Rows, Runs, multiply};

/// Height and width of a window.
pub(super) const SIDE: usize = 5;
/// Taps of a window.
pub(super) const TAPS: usize = SIDE * SIDE;

/// The two maps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    pub(super) large: Map,
    pub(super) small: Map,
}

impl Windows {
    /// Floats of the weight.
    pub(super) const fn weights(self) -> usize {
        self.small.channels * self.large.channels * TAPS
    }

    /// Offset of `w[0][0][ky][kx]`, `w[0][l][..]` and `w[s][..]`.
    const fn weight(self, s: usize, l: usize, ky: usize, kx: usize) -> usize {
        (s * self.large.channels + l) * TAPS + ky * SIDE + kx
    }
}

/// A packed [`Windows`] weight for the way down.
#[derive(Clone, Debug)]
pub(super) struct Down {
    windows: Windows,
    weights: Packed,
}

impl Down {
    pub(super) fn new(isa: Isa, windows: Windows) -> Self {
        let taps = (0..SIDE).flat_map(|ky| (0..SIDE).map(move |kx| (ky, kx)));
        let rows = taps.flat_map(|(ky, kx)| (0..windows.large.channels).map(move |l| windows.weight(0, l, ky, kx)));
        let columns = (0..windows.small.channels).map(|s| windows.weight(s, 0, 0, 0));
        Self {
            windows,
            weights: Packed::new(isa.panel(), rows.collect(), columns.collect(), (0..windows.small.channels).collect()),
        }
    }

    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.fill(weight, bias);
    }

    /// `images` large maps to small ones.
    pub(super) fn run(&self, isa: Isa, images: usize, large: &[f32], small: &mut [f32], finish: Finish<'_>) {
        let Windows { large: from, small: to } = self.windows;
        let rows = Rows {
            counts: [images, to.size, to.size],
            input: Grid::of(from, -2, -2, 2),
            output: Grid::of(to, 0, 0, 1),
        };
        let runs = Runs { count: SIDE, length: SIDE * from.channels, stride: from.row() };
        multiply(isa, rows, runs, large, self.weights.all(), small, finish);
    }
}

/// A packed [`Windows`] weight for the way up: one matrix for each parity of `(y, x)`.
#[derive(Clone, Debug)]
pub(super) struct Up {
    windows: Windows,
    parities: [Packed; 4],
}

/// The taps of a parity in the order of the small pixels they meet: at even `y = 2i` taps 4, 2, 0 meet rows
/// `i - 1, i, i + 1`; at odd `y = 2i + 1` taps 3, 1 meet rows `i, i + 1`.
const TAPS_OF_PARITY: [&[usize]; 2] = [&[4, 2, 0], &[3, 1]];

impl Up {
    pub(super) fn new(isa: Isa, windows: Windows) -> Self {
        let parities = std::array::from_fn(|parity| {
            let (ys, xs) = (TAPS_OF_PARITY[parity / 2], TAPS_OF_PARITY[parity % 2]);
            let taps = ys.iter().flat_map(|&ky| xs.iter().map(move |&kx| (ky, kx)));
            let rows = taps.flat_map(|(ky, kx)| (0..windows.small.channels).map(move |s| windows.weight(s, 0, ky, kx)));
            let columns = (0..windows.large.channels).map(|l| windows.weight(0, l, 0, 0));
            Packed::new(isa.panel(), rows.collect(), columns.collect(), (0..windows.large.channels).collect())
        });
        Self { windows, parities }
    }

    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.parities.iter_mut().for_each(|parity| parity.fill(weight, bias));
    }

    /// `images` small maps to large ones.
    pub(super) fn run(&self, isa: Isa, images: usize, small: &[f32], large: &mut [f32], finish: Finish<'_>) {
        let Windows { large: to, small: from } = self.windows;
        for (parity, weights) in self.parities.iter().enumerate() {
            let (y, x) = (parity as isize / 2, parity as isize % 2);
            let rows = Rows {
                counts: [images, from.size, from.size],
                input: Grid::of(from, y - 1, x - 1, 1),
                output: Grid::of(to, y, x, 2),
            };
            let (ys, xs) = (TAPS_OF_PARITY[parity / 2].len(), TAPS_OF_PARITY[parity % 2].len());
            let runs = Runs { count: ys, length: xs * from.channels, stride: from.row() };
            multiply(isa, rows, runs, small, weights.all(), large, finish);
        }
    }
}

/// Adds the weight gradient of `images` pairs of maps to `sums`, laid out `[ky][kx][l][s]`.
pub(super) fn weight_gradient(
    isa: Isa,
    windows: Windows,
    images: usize,
    large: &[f32],
    small: &[f32],
    sums: &mut [f32],
) {
    let Windows { large: from, small: to } = windows;
    let run = SIDE * from.channels;
    for image in 0..images {
        let right = Side {
            floats: &small[image * to.floats() + to.at(0, 0)..],
            strides: [to.row(), to.channels],
            length: to.channels,
        };
        for (ky, sums) in sums.chunks_exact_mut(run * to.channels).enumerate() {
            let left = Side {
                floats: &large[image * from.floats() + from.at(ky as isize - 2, -2)..],
                strides: [2 * from.row(), 2 * from.channels],
                length: run,
            };
            outer::accumulate(isa, [to.size, to.size], left, right, sums, to.channels);
        }
    }
}

/// Adds `[ky][kx][l][s]` sums to a gradient in PyTorch's layout `[s][l][ky][kx]`.
pub(super) fn add_transposed(windows: Windows, sums: &[f32], gradient: &mut [f32]) {
    let (small, large) = (windows.small.channels, windows.large.channels);
    for (tap, sums) in sums.chunks_exact(large * small).enumerate() {
        for (l, sums) in sums.chunks_exact(small).enumerate() {
            for (s, sum) in sums.iter().enumerate() {
                gradient[(s * large + l) * TAPS + tap] += sum;
            }
        }
    }
}

/// Adds the sum of all pixels of `images` maps to `sums`, one for each channel: a bias gradient.
pub(super) fn add_pixels(map: Map, images: usize, floats: &[f32], sums: &mut [f32]) {
    for image in floats.chunks_exact(map.floats()).take(images) {
        for y in 0..map.size {
            let row = &image[map.at(y as isize, 0)..][..map.size * map.channels];
            for pixel in row.chunks_exact(map.channels) {
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}
