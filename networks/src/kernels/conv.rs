//! 5x5 windows of stride 2 between a large map and a small one, half its size: the same geometry serves the encoder's
//! convolutions and the decoder's transposed ones.
//!
//! With a weight `w[s][l][ky][kx]` (small channel, large channel, tap), which is PyTorch's layout of both:
//! - down: `small[i][j][s] = sum over l, ky, kx of w * large[2i - 2 + ky][2j - 2 + kx][l]`: a convolution, or the input
//!   gradient of a transposed one;
//! - up, its adjoint, a transposed convolution or the input gradient of a convolution: the taps that reach
//!   `large[y][x]` are those of the parity of `y` and `x` (`pixels` and `tiled`);
//! - the weight gradient, the same for both: `sum over i, j of large[2i - 2 + ky][2j - 2 + kx][l] * small[i][j][s]`.

use super::finish::Finish;
use super::isa::Isa;
use super::map::{Grid, Map};
use super::outer::{self, Former, Side};
use super::pack::Packed;
use super::product::{Rows, multiply};
use super::runs::Runs;

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

/// Sums the weight gradient of `images` pairs of maps, laid out `[ky][kx][l][s]`.
pub(super) fn weight_gradient(
    isa: Isa,
    windows: Windows,
    images: usize,
    large: &[f32],
    small: &[f32],
    former: Former,
    sums: &mut [f32],
) {
    former.clear(sums);
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
            outer::accumulate(isa, [to.size, to.size], left, right, Former::Kept, sums, to.channels);
        }
    }
}

/// Writes `[ky][kx][l][s]` sums to a gradient in PyTorch's layout `[s][l][ky][kx]`.
pub(super) fn write_transposed(windows: Windows, sums: &[f32], gradient: &mut [f32]) {
    let (small, large) = (windows.small.channels, windows.large.channels);
    for (tap, sums) in sums.chunks_exact(large * small).enumerate() {
        for (l, sums) in sums.chunks_exact(small).enumerate() {
            for (s, sum) in sums.iter().enumerate() {
                gradient[(s * large + l) * TAPS + tap] = *sum;
            }
        }
    }
}

/// Sums the bias gradient: all pixels of `images` maps, for each channel.
pub(super) fn bias_gradient(map: Map, images: usize, floats: &[f32], former: Former, sums: &mut [f32]) {
    former.clear(sums);
    for image in floats.chunks_exact(map.floats()).take(images) {
        for y in 0..map.size {
            let row = &image[map.at(y as isize, 0)..][..map.size * map.channels];
            for pixel in row.chunks_exact(map.channels) {
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}
