//! [`Softmax`]: `exp(x) / sum of exp(x)` along an axis, and its way back, `d_x = y (d_y - sum of d_y y)`.
#![expect(unsafe_code, reason = "kernels, compiled for an instruction set")]

use super::sums::{largest, sum};
use crate::kernels::functions::exp;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// A softmax along an axis of `length`, with so many elements from one of its coordinates to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Softmax {
    length: usize,
    stride: usize,
}

impl Softmax {
    pub(super) fn new(shape: &[usize], axis: usize) -> Self {
        Self { length: shape[axis], stride: shape[axis + 1..].iter().product() }
    }

    /// Floats of scratch: two rows.
    pub(super) fn scratch(self) -> usize {
        2 * self.length
    }

    /// The softmax of one image.
    pub(super) fn forward(self, isa: Isa, x: &[f32], y: &mut [f32], scratch: &mut [f32]) {
        run(isa, Forward { of: self, x, y, scratch });
    }

    /// The way back from the results and their gradient; `d_x` is written, or added to.
    pub(super) fn backward(
        self,
        isa: Isa,
        [y, d_y]: [&[f32]; 2],
        d_x: &mut [f32],
        is_first: bool,
        scratch: &mut [f32],
    ) {
        run(isa, Backward { of: self, y, d_y, d_x, is_first, scratch });
    }

    /// Where each row begins.
    fn rows(self, elements: usize) -> impl Iterator<Item = usize> {
        let block = self.length * self.stride;
        (0..elements / block).flat_map(move |outer| (0..self.stride).map(move |inner| outer * block + inner))
    }
}

struct Forward<'a> {
    of: Softmax,
    x: &'a [f32],
    y: &'a mut [f32],
    scratch: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let Softmax { length, stride } = self.of;
        if stride == 1 {
            for (x, y) in self.x.chunks_exact(length).zip(self.y.chunks_exact_mut(length)) {
                softmax(x, y);
            }
            return;
        }
        let (x, y) = self.scratch[..2 * length].split_at_mut(length);
        for first in self.of.rows(self.x.len()) {
            gather(&self.x[first..], stride, x);
            softmax(x, y);
            self.y[first..].iter_mut().step_by(stride).zip(&*y).for_each(|(to, y)| *to = *y);
        }
    }
}

#[inline(always)]
fn softmax(x: &[f32], y: &mut [f32]) {
    let most = largest(x);
    y.iter_mut().zip(x).for_each(|(y, x)| *y = exp(x - most));
    let whole = sum(y, y, |y, _| y);
    y.iter_mut().for_each(|y| *y /= whole);
}

struct Backward<'a> {
    of: Softmax,
    y: &'a [f32],
    d_y: &'a [f32],
    d_x: &'a mut [f32],
    is_first: bool,
    scratch: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Backward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let Softmax { length, stride } = self.of;
        if self.is_first {
            self.d_x.fill(0.0);
        }
        if stride == 1 {
            let both = self.y.chunks_exact(length).zip(self.d_y.chunks_exact(length));
            for ((y, d_y), d_x) in both.zip(self.d_x.chunks_exact_mut(length)) {
                let along = sum(y, d_y, |y, d_y| y * d_y);
                d_x.iter_mut().zip(y.iter().zip(d_y)).for_each(|(d_x, (y, d_y))| *d_x += y * (d_y - along));
            }
            return;
        }
        let (y, d_y) = self.scratch[..2 * length].split_at_mut(length);
        for first in self.of.rows(self.y.len()) {
            gather(&self.y[first..], stride, y);
            gather(&self.d_y[first..], stride, d_y);
            let along = sum(y, d_y, |y, d_y| y * d_y);
            let d_x = self.d_x[first..].iter_mut().step_by(stride);
            d_x.zip(y.iter().zip(&*d_y)).for_each(|(d_x, (y, d_y))| *d_x += y * (d_y - along));
        }
    }
}

#[inline(always)]
fn gather(from: &[f32], stride: usize, row: &mut [f32]) {
    row.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from);
}
