//! The way up to one channel: `decoder.deconv1`, and the gradient of `encoder.conv1` to the pixels.
//!
//! One output channel would leave all but one column of the micro-kernel idle, so the columns are the 25 taps: a
//! product gives each pixel of the middle map its share in 25 pixels of the image, then each image pixel gathers the
//! 4 to 9 shares that are its own.

use super::conv::{SIDE, TAPS};
use super::finish::Finish;
use super::isa::Isa;
use super::map::{Grid, IMAGE, MIDDLE, Map};
use super::pack::Packed;
use super::product::{Rows, multiply};
use super::runs::Runs;

/// The shares of one image: 25 taps, filled up to whole panels.
pub(super) const SHARES: Map = Map { size: MIDDLE.size, channels: 32, before: 1, after: 1 };

/// Shares around one pixel of the middle map, from one above and left to one below and right.
const AROUND: usize = 2 * SHARES.row() + 3 * SHARES.channels;

/// A packed weight (32, 1, 5, 5) and a bias.
#[derive(Clone, Debug)]
pub(super) struct UpToPixels {
    weights: Packed,
    bias: f32,
}

impl UpToPixels {
    pub(super) fn new(isa: Isa) -> Self {
        let rows = (0..MIDDLE.channels).map(|channel| channel * TAPS).collect();
        Self { weights: Packed::new(isa.panel(), rows, (0..TAPS).collect(), Vec::new()), bias: 0.0 }
    }

    pub(super) fn fill(&mut self, weight: &[f32], bias: f32) {
        self.weights.fill(weight, &[]);
        self.bias = bias;
    }

    /// Middle maps to images (28 * 28 floats each, no border). `shares` is scratch of one [`SHARES`] map.
    pub(super) fn run(&self, isa: Isa, middle: &[f32], images: &mut [f32], shares: &mut [f32]) {
        let rows = Rows {
            counts: [1, MIDDLE.size, MIDDLE.size],
            input: Grid::of(MIDDLE, 0, 0, 1),
            output: Grid::of(SHARES, 0, 0, 1),
        };
        for (middle, image) in middle.chunks_exact(MIDDLE.floats()).zip(images.chunks_exact_mut(IMAGE.content())) {
            multiply(isa, rows, Runs::one(MIDDLE.channels), middle, self.weights.all(), shares, Finish::Keep);
            self.gather(shares, image);
        }
    }

    fn gather(&self, shares: &[f32], image: &mut [f32]) {
        for (y, rows) in image.chunks_exact_mut(2 * IMAGE.size).enumerate() {
            let (even, odd) = rows.split_at_mut(IMAGE.size);
            for (x, (even, odd)) in even.chunks_exact_mut(2).zip(odd.chunks_exact_mut(2)).enumerate() {
                let around = &shares[SHARES.at(y as isize - 1, x as isize - 1)..];
                if let Some(around) = around.first_chunk::<AROUND>() {
                    even[0] = self.bias + sum(around, EVEN, EVEN);
                    even[1] = self.bias + sum(around, EVEN, ODD);
                    odd[0] = self.bias + sum(around, ODD, EVEN);
                    odd[1] = self.bias + sum(around, ODD, ODD);
                }
            }
        }
    }
}

/// Taps that reach an even position, and the neighbour (0 before, 1 same, 2 after) whose share it is; then an odd one.
const EVEN: [(usize, usize); 3] = [(0, 4), (1, 2), (2, 0)];
const ODD: [(usize, usize); 2] = [(1, 3), (2, 1)];

#[inline(always)]
fn sum<const Y: usize, const X: usize>(
    around: &[f32; AROUND],
    ys: [(usize, usize); Y],
    xs: [(usize, usize); X],
) -> f32 {
    let mut sum = 0.0;
    for (y, ky) in ys {
        for (x, kx) in xs {
            sum += around[y * SHARES.row() + x * SHARES.channels + ky * SIDE + kx];
        }
    }
    sum
}
