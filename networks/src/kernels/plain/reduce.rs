//! [`Reduce`]: the mean, the sum or the largest of all elements along some axes.
//!
//! A value is read in runs: the last axes that are all kept, whose elements go to different results, or all reduced, to the same one.
#![expect(unsafe_code, reason = "kernels, compiled for an instruction set")]

use super::sums::sum;
use crate::kernels::simd::{Isa, Kernel, Vector, run};
use crate::spec::Reduction;

/// A reduction of values of one shape.
#[derive(Clone, Debug)]
pub(super) struct Reduce {
    by: Reduction,
    /// The result of the first element of each run.
    runs: Vec<usize>,
    /// Elements of a run.
    length: usize,
    /// Whether they go to different results.
    is_kept: bool,
    results: usize,
    /// What a sum is multiplied by.
    factor: f32,
}

impl Reduce {
    pub(super) fn new(shape: &[usize], by: Reduction, axes: &[usize]) -> Self {
        let kept = |axis: usize| if axes.contains(&axis) { 1 } else { shape[axis] };
        let is_kept = !axes.contains(&(shape.len() - 1));
        let outer = (0..shape.len()).rev().find(|axis| axes.contains(axis) == is_kept).map_or(0, |axis| axis + 1);
        let mut runs = vec![0];
        for axis in 0..outer {
            let stride: usize = (axis + 1..shape.len()).map(kept).product();
            let step = if axes.contains(&axis) { 0 } else { stride };
            runs = runs.iter().flat_map(|first| (0..shape[axis]).map(move |at| first + at * step)).collect();
        }
        let results: usize = (0..shape.len()).map(kept).product();
        let count: usize = shape.iter().product::<usize>() / results;
        let factor = if by == Reduction::Mean { 1.0 / count as f32 } else { 1.0 };
        Self { by, runs, length: shape[outer..].iter().product(), is_kept, results, factor }
    }

    /// Results of an image.
    pub(super) fn results(&self) -> usize {
        self.results
    }

    /// The results of one image.
    pub(super) fn forward(&self, isa: Isa, x: &[f32], y: &mut [f32]) {
        match self.by {
            Reduction::Mean | Reduction::Sum => run(isa, Sum { of: self, x, y }),
            Reduction::Largest => {
                y.fill(f32::NEG_INFINITY);
                self.each(|to, from| y[to] = if x[from] > y[to] || x[from].is_nan() { x[from] } else { y[to] });
            }
        }
    }

    /// The way back; `d_x` is written, or added to. `places` is scratch, one for each result.
    pub(super) fn backward(&self, [x, d_y]: [&[f32]; 2], d_x: &mut [f32], is_first: bool, places: &mut [usize]) {
        if is_first {
            d_x.fill(0.0);
        }
        match self.by {
            Reduction::Mean | Reduction::Sum => {
                for (d_x, &to) in d_x.chunks_exact_mut(self.length).zip(&self.runs) {
                    match self.is_kept {
                        true => d_x.iter_mut().zip(&d_y[to..]).for_each(|(d_x, d_y)| *d_x += self.factor * d_y),
                        false => d_x.iter_mut().for_each(|d_x| *d_x += self.factor * d_y[to]),
                    }
                }
            }
            Reduction::Largest => {
                places.fill(usize::MAX);
                self.each(|to, from| {
                    if places[to] == usize::MAX || x[from] > x[places[to]] {
                        places[to] = from;
                    }
                });
                places.iter().zip(d_y).for_each(|(&place, d_y)| d_x[place] += d_y);
            }
        }
    }

    /// Calls with the result and the place of every element, in order.
    fn each(&self, mut call: impl FnMut(usize, usize)) {
        for (number, &to) in self.runs.iter().enumerate() {
            for at in 0..self.length {
                call(if self.is_kept { to + at } else { to }, number * self.length + at);
            }
        }
    }
}

struct Sum<'a> {
    of: &'a Reduce,
    x: &'a [f32],
    y: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Sum<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let Self { of, x, y } = self;
        y.fill(0.0);
        for (x, &to) in x.chunks_exact(of.length).zip(&of.runs) {
            match of.is_kept {
                true => y[to..][..of.length].iter_mut().zip(x).for_each(|(y, x)| *y += x),
                false => y[to] += sum(x, x, |x, _| x),
            }
        }
        y.iter_mut().for_each(|y| *y *= of.factor);
    }
}
