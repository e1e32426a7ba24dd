//! The way up to a map of few channels: the input gradient of a first convolution, and the last transposed one.
//!
//! Few output channels would leave most columns of the micro-kernel idle, so the columns are the taps of each channel: a product
//! gives each pixel of the small map its shares in the pixels of the large one, then each of these gathers the shares that are its
//! own. Only for windows that are known when it is compiled, which unrolls the gathering.

use crate::kernels::gemm::{Buffer, Finish, Packed, Rows, Runs, multiply};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// A packed weight and a bias. The large map is plain, without border or padding.
#[derive(Clone, Debug)]
pub(super) struct UpByShares {
    windows: Windows,
    /// The shares of one image.
    shares: Map,
    weights: Packed,
    bias: Vec<f32>,
    gather: fn(&Self, &[f32], &mut [f32]),
}

impl UpByShares {
    /// None where the windows are others, or the large map has too many channels.
    pub(super) fn new(isa: Isa, windows: Windows) -> Option<Self> {
        let Windows { large, small, kernel, stride, dilation, padding } = windows;
        type Gather = fn(&UpByShares, &[f32], &mut [f32]);
        let (gather, pixel): (Gather, usize) = match (kernel, stride, dilation, padding, large.channels) {
            ([5, 5], [2, 2], [1, 1], [2, 2], 1) => (Self::gather::<1, 5, 2, 2, 32, 96>, 32),
            ([5, 5], [2, 2], [1, 1], [2, 2], 3) => (Self::gather::<3, 5, 2, 2, 96, 288>, 96),
            ([3, 3], [1, 1], [1, 1], [1, 1], 1) => (Self::gather::<1, 3, 1, 1, 32, 96>, 32),
            ([3, 3], [1, 1], [1, 1], [1, 1], 3) => (Self::gather::<3, 3, 1, 1, 32, 96>, 32),
            _ => return None,
        };
        let columns = windows.taps() * large.channels;
        if !large.is_plain() || large.size != [0, 1].map(|way| small.size[way] * stride[way]) {
            return None;
        }
        let channels = columns;
        let shares = Map::image([channels, small.size[0], small.size[1]], pixel).bordered([1, 1], [1, 1]);
        let rows = (0..small.channels).map(|s| windows.weight(s, 0, 0, 0)).collect();
        let weights = Packed::new(isa.panel(), rows, (0..columns).collect(), Vec::new());
        Some(Self { windows, shares, weights, bias: vec![0.0; large.channels], gather })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.fill(weight, &[]);
        self.bias[..bias.len()].copy_from_slice(bias);
    }

    /// Room for the shares of one image.
    pub(super) fn scratch(&self) -> usize {
        self.shares.floats()
    }

    /// `images` small maps to large ones.
    pub(super) fn run(&self, isa: Isa, images: usize, small: &[f32], large: &mut [f32], shares: &mut Buffer) {
        let Windows { small: from, large: to, .. } = self.windows;
        let rows = Rows {
            counts: [1, from.size[0], from.size[1]],
            input: from.grid([0, 0], [1, 1]),
            output: self.shares.grid([0, 0], [1, 1]),
        };
        let shares = &mut shares[..self.shares.floats()];
        for (small, image) in small.chunks(from.floats()).zip(large.chunks_exact_mut(to.floats())).take(images) {
            multiply(isa, rows, Runs::one(from.channels), small, self.weights.all(), shares, Finish::Keep);
            (self.gather)(self, shares, image);
        }
    }

    /// Pixels of `C` channels of a `K`x`K` window of stride `S` and padding `P`. A pixel's shares take `PIXEL` floats, three pixels'
    /// `THREE`.
    fn gather<
        const C: usize,
        const K: usize,
        const S: usize,
        const P: usize,
        const PIXEL: usize,
        const THREE: usize,
    >(
        &self,
        shares: &[f32],
        image: &mut [f32],
    ) {
        let Windows { large, small, .. } = self.windows;
        let (row, length) = (self.shares.row(), large.row());
        for (y, rows) in image.chunks_exact_mut(S * length).enumerate() {
            for x in 0..small.size[1] {
                let first = self.shares.at(y as isize - 1, x as isize - 1);
                let mut around: [&[f32; THREE]; 3] = [&[0.0; THREE]; 3];
                for (j, around) in around.iter_mut().enumerate() {
                    if let Some(three) = shares[first + j * row..].first_chunk() {
                        *around = three;
                    }
                }
                for py in 0..S {
                    let to = &mut rows[py * length + x * S * C..][..S * C];
                    for px in 0..S {
                        for channel in 0..C {
                            let mut sum = 0.0;
                            for (j, around) in around.iter().enumerate() {
                                for i in 0..3 {
                                    if let (Some(ky), Some(kx)) = (tap::<K, S, P>(py, j), tap::<K, S, P>(px, i)) {
                                        sum += around[i * PIXEL + (channel * K + ky) * K + kx];
                                    }
                                }
                            }
                            to[px * C + channel] = self.bias[channel] + sum;
                        }
                    }
                }
            }
        }
    }
}

/// Whether [`UpByShares`] knows windows.
pub(in crate::kernels) fn shares_know(isa: Isa, windows: Windows) -> bool {
    UpByShares::new(isa, windows).is_some()
}

/// The tap by which the neighbour (0 before, 1 same, 2 behind) of a small pixel reaches a phase of the large ones.
#[inline(always)]
const fn tap<const K: usize, const S: usize, const P: usize>(phase: usize, neighbour: usize) -> Option<usize> {
    // phase + P - tap = S (neighbour - 1)
    match (phase + P + S).checked_sub(S * neighbour) {
        Some(tap) if tap < K => Some(tap),
        _ => None,
    }
}
