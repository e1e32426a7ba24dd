//! [`Matrices`]: the products of two values' matrices, their last two dimensions; those before them are repeated as NumPy does it.
//!
//! With `C = A B`: `d_A = d_C B^T`, and `d_B = A^T d_C` is a sum of outer products. The right-hand matrix is packed as it comes.

use super::pairs::Pairs;
use super::repeats::repeats;
use super::scratch::Scratch;
use crate::kernels::gemm::{Finish, Former, Packed, Side, accumulate};
use crate::kernels::layers::Exact;
use crate::kernels::simd::Isa;

/// Products of matrices: `rows x depth` times `depth x columns`.
#[derive(Clone, Debug)]
pub(super) struct Matrices {
    /// Which of the scratch's packed matrices are its own.
    number: usize,
    pairs: Pairs,
    rows: usize,
    depth: usize,
    columns: usize,
    elements: [usize; 2],
}

impl Matrices {
    /// None of values that have fewer than two dimensions.
    pub(super) fn new(number: usize, [a, b]: [&[usize]; 2], result: &[usize]) -> Option<Self> {
        let ([ahead_a @ .., rows, depth], [ahead_b @ .., _, columns]) = (a, b) else { return None };
        let ahead = &result[..result.len() - 2];
        let sizes = [rows * depth, depth * columns];
        let steps = [ahead_a, ahead_b].map(|shape| repeats(shape, ahead.len()));
        let axis = |axis: usize| {
            let step = [0, 1].map(|side: usize| steps[side][axis] * sizes[side]);
            (0..ahead[axis]).map(|at| step.map(|step| at * step)).collect()
        };
        let pairs = Pairs::new((0..ahead.len()).map(axis).collect());
        let elements = [a, b].map(|shape| shape.iter().product());
        Some(Self { number, pairs, rows: *rows, depth: *depth, columns: *columns, elements })
    }

    /// Room for the right-hand matrix and for its transpose.
    pub(super) fn packed(&self, isa: Isa) -> [Packed; 2] {
        let Self { depth, columns, .. } = *self;
        let scaled = |count: usize, by: usize| (0..count).map(|at| at * by).collect::<Vec<_>>();
        let there = Packed::new(isa.panel(), scaled(depth, columns), scaled(columns, 1), Vec::new());
        let back = Packed::new(isa.panel(), scaled(columns, 1), scaled(depth, columns), Vec::new());
        [there, back]
    }

    /// Floats of wide rows.
    pub(super) fn wide(&self, isa: Isa) -> usize {
        self.there().wide(isa).max(self.back().wide(isa))
    }

    /// The products of one image.
    pub(super) fn forward(&self, isa: Isa, [a, b]: [&[f32]; 2], c: &mut [f32], scratch: &mut Scratch) {
        let Scratch { wide, packed, .. } = scratch;
        let packed = &mut packed[self.number][0];
        let mut before = None;
        let mut c = c;
        self.pairs.each(|[at_a, at_b]| {
            if before.replace(at_b) != Some(at_b) {
                packed.fill(&b[at_b..], &[]);
            }
            let (own, others) = std::mem::take(&mut c).split_at_mut(self.rows * self.columns);
            c = others;
            self.there().multiply(isa, 1, &a[at_a..], packed, own, Finish::Keep, wide);
        });
    }

    /// The way back to one of the operands, which is written, or added to.
    pub(super) fn backward(
        &self,
        isa: Isa,
        side: usize,
        [a, b, d_c]: [&[f32]; 3],
        d_operand: &mut [f32],
        is_first: bool,
        scratch: &mut Scratch,
    ) {
        let Self { rows, depth, columns, .. } = *self;
        let Scratch { wide, packed, .. } = scratch;
        let packed = &mut packed[self.number][1];
        if is_first {
            d_operand[..self.elements[side]].fill(0.0);
        }
        let mut before = None;
        let mut d_c = d_c.chunks_exact(rows * columns);
        self.pairs.each(|[at_a, at_b]| {
            let Some(d_c) = d_c.next() else { return };
            if side == 0 {
                if before.replace(at_b) != Some(at_b) {
                    packed.fill(&b[at_b..], &[]);
                }
                return self.back().multiply(isa, 1, d_c, packed, &mut d_operand[at_a..], Finish::Add, wide);
            }
            let side = |floats, length| Side { floats, strides: [0, length], length };
            let (left, right) = (side(&a[at_a..], depth), side(d_c, columns));
            accumulate(isa, [1, rows], left, right, Former::Kept, &mut d_operand[at_b..], columns);
        });
    }

    fn there(&self) -> Exact {
        Exact { rows: self.rows, depth: self.depth, columns: self.columns, pitches: [0, 0] }
    }

    fn back(&self) -> Exact {
        Exact { rows: self.rows, depth: self.columns, columns: self.depth, pitches: [0, 0] }
    }
}
