//! Several products of plain matrices in one call.
#![expect(unsafe_code, reason = "rows and panels are raw pointers, checked once for all")]

use super::block::{Block, DEPTH, tile};
use super::finish::Finish;
use super::pack::Panels;
use super::runs::Runs;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// One of several products of plain matrices: `rows` rows from `input` and `output` on.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Matrix<'a> {
    pub(in crate::kernels) rows: usize,
    pub(in crate::kernels) input: usize,
    pub(in crate::kernels) output: usize,
    pub(in crate::kernels) weights: Panels<'a>,
}

/// Multiplies matrices whose rows are `pitches` floats apart, those of the input and those of the output, one after the other: where
/// they are small, a call for each would cost as much as the sums.
///
/// # Panics
/// When a row would lie outside its slice.
pub(in crate::kernels) fn multiply_all(
    isa: Isa,
    matrices: &[Matrix<'_>],
    pitches: [usize; 2],
    input: &[f32],
    output: &mut [f32],
) {
    for Matrix { rows, input: from, output: to, weights } in matrices.iter().filter(|matrix| matrix.rows > 0) {
        assert_eq!(isa.panel(), weights.panel(), "panels packed for another instruction set");
        assert!(from + (rows - 1) * pitches[0] + weights.depth() <= input.len(), "input of the product is too short");
        assert!(to + (rows - 1) * pitches[1] + weights.width() <= output.len(), "output of the product is too short");
    }
    run(isa, Matrices { matrices, pitches, input, output });
}

struct Matrices<'a> {
    matrices: &'a [Matrix<'a>],
    pitches: [usize; 2],
    input: &'a [f32],
    output: &'a mut [f32],
}

// SAFETY: made by `multiply_all` alone, after its checks, which bound the last row of every matrix; the packed matrix holds
// `depth * width` weights in panels as wide as this instruction set's tiles.
unsafe impl Kernel for Matrices<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        for matrix in self.matrices {
            for first in (0..matrix.weights.depth()).step_by(DEPTH) {
                let length = DEPTH.min(matrix.weights.depth() - first);
                let is_last = first + length == matrix.weights.depth();
                let block = Block { runs: Runs::one(length), offset: first, depth: first, is_last };
                for column in (0..matrix.weights.width()).step_by(2 * V::LANES) {
                    let is_half = column + V::LANES == matrix.weights.width();
                    for row in (0..matrix.rows).step_by(MR) {
                        // SAFETY: rows and panel are of a matrix that `multiply_all` has checked.
                        unsafe {
                            match (matrix.rows - row, is_half) {
                                (_, true) => self.tile::<V, MR, 1>(matrix, block, column, row),
                                (1..=4, _) if MR > 4 => self.tile::<V, 4, 2>(matrix, block, column, row),
                                (5..=8, _) if MR > 8 => self.tile::<V, 8, 2>(matrix, block, column, row),
                                _ => self.tile::<V, MR, 2>(matrix, block, column, row),
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Matrices<'_> {
    /// A tile of a matrix, from a row on. Below the last row it is read again, and not written.
    ///
    /// # Safety
    /// The row is one of the matrix, a panel of `N` registers begins at `column`, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tile<V: Vector, const MR: usize, const N: usize>(
        &mut self,
        matrix: &Matrix<'_>,
        block: Block<'_>,
        column: usize,
        first: usize,
    ) {
        let last = matrix.rows - 1;
        let row = |row: usize| (first + row).min(last);
        // SAFETY: rows are none beyond the last one, and the caller vouches for the panel.
        unsafe {
            let (input, output) = (self.input.as_ptr(), self.output.as_mut_ptr());
            let source = |at| input.add(matrix.input + row(at) * self.pitches[0] + block.offset);
            let target = |at| output.add(matrix.output + row(at) * self.pitches[1] + column);
            let (source, target) = (std::array::from_fn(source), std::array::from_fn(target));
            tile::<V, MR, N>(block, matrix.weights, column, source, target, |_| 0, Finish::Keep, last + 1 - first);
        }
    }
}
