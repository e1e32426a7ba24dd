//! [`Normalize`]: rows less their mean, over the root of their variance plus epsilon (Ba et al. 2016, without gain and bias).
//!
//! Back: `d_x = (d_y - mean of d_y - y mean of d_y y) / deviation`.
#![expect(unsafe_code, reason = "kernels, compiled for an instruction set")]

use super::sums::sum;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// A normalization of rows of this length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normalize {
    length: usize,
    epsilon: f32,
}

impl Normalize {
    pub(super) fn new(shape: &[usize], axis: usize, epsilon: f32) -> Self {
        Self { length: shape[axis..].iter().product(), epsilon }
    }

    /// The rows of one image.
    pub(super) fn forward(self, isa: Isa, x: &[f32], y: &mut [f32]) {
        run(isa, Forward { of: self, x, y });
    }

    /// The way back from the operands and the gradient of the results; `d_x` is written, or added to.
    pub(super) fn backward(self, isa: Isa, [x, d_y]: [&[f32]; 2], d_x: &mut [f32], is_first: bool) {
        run(isa, Backward { of: self, x, d_y, d_x, is_first });
    }

    /// Mean of a row, and one over its deviation.
    #[inline(always)]
    fn of(self, x: &[f32]) -> [f32; 2] {
        let count = self.length as f32;
        let mean = sum(x, x, |x, _| x) / count;
        let variance = sum(x, x, |x, _| (x - mean) * (x - mean)) / count;
        [mean, 1.0 / (variance + self.epsilon).sqrt()]
    }
}

struct Forward<'a> {
    of: Normalize,
    x: &'a [f32],
    y: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let length = self.of.length;
        for (x, y) in self.x.chunks_exact(length).zip(self.y.chunks_exact_mut(length)) {
            let [mean, scale] = self.of.of(x);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = (x - mean) * scale);
        }
    }
}

struct Backward<'a> {
    of: Normalize,
    x: &'a [f32],
    d_y: &'a [f32],
    d_x: &'a mut [f32],
    is_first: bool,
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Backward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let (length, count) = (self.of.length, self.of.length as f32);
        if self.is_first {
            self.d_x.fill(0.0);
        }
        let both = self.x.chunks_exact(length).zip(self.d_y.chunks_exact(length));
        for ((x, d_y), d_x) in both.zip(self.d_x.chunks_exact_mut(length)) {
            let [mean, scale] = self.of.of(x);
            let shift = sum(d_y, d_y, |d_y, _| d_y) / count;
            let along = sum(x, d_y, |x, d_y| (x - mean) * scale * d_y) / count;
            d_x.iter_mut().zip(x.iter().zip(d_y)).for_each(|(d_x, (x, d_y))| {
                *d_x += scale * (d_y - shift - (x - mean) * scale * along);
            });
        }
    }
}
