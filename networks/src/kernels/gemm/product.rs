//! The matrix product behind every layer: `output[r][n] = finish(sum over k of input[r][k] * weights[k][n])`.
//!
//! The rows of the input are gathered: row `r` is a few [`Runs`], at the same distances for every row.
//!
//! Loops, outermost first: blocks of rows; blocks of depth, so that one panel's block of weights stays in the first
//! cache; panels of columns; tiles of rows, each one call of the micro-kernel, whose sums stay in registers for the
//! whole block of depth. Between blocks of depth the partial sums rest in the output.
#![expect(unsafe_code, reason = "rows and panels are raw pointers, checked once for all")]

use super::block::{Block, DEPTH, tile};
use super::finish::Finish;
use super::pack::Panels;
use super::runs::Runs;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Rows whose offsets are worked out at once: a multiple of every tile height.
const ROWS: usize = 96;

/// Where the rows of a matrix lie: `rows` and `columns` of positions in each image, `[image, row, column]` strides.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Grid {
    pub(in crate::kernels) origin: usize,
    pub(in crate::kernels) strides: [usize; 3],
}

impl Grid {
    /// Offset of a position.
    pub(in crate::kernels) const fn at(self, [image, y, x]: [usize; 3]) -> usize {
        self.origin + image * self.strides[0] + y * self.strides[1] + x * self.strides[2]
    }
}

impl Grid {
    /// The same, and none beyond what can be counted: an origin before the beginning is a very large number.
    pub(in crate::kernels) fn checked(self, position: [usize; 3]) -> Option<usize> {
        let steps = position.iter().zip(self.strides).map(|(&position, stride)| position.checked_mul(stride));
        steps.into_iter().try_fold(self.origin, |sum, step| sum.checked_add(step?))
    }
}

/// Which rows there are (`[images, rows, columns]`) and where their inputs and outputs lie.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Rows {
    pub(in crate::kernels) counts: [usize; 3],
    pub(in crate::kernels) input: Grid,
    pub(in crate::kernels) output: Grid,
}

impl Rows {
    const fn last(self) -> [usize; 3] {
        [self.counts[0] - 1, self.counts[1] - 1, self.counts[2] - 1]
    }

    /// Goes from one position to the next.
    #[inline(always)]
    fn advance(self, [image, y, x]: &mut [usize; 3]) {
        *x += 1;
        if *x == self.counts[2] {
            (*x, *y) = (0, *y + 1);
            if *y == self.counts[1] {
                (*y, *image) = (0, *image + 1);
            }
        }
    }
}

/// Multiplies. An output row has room for whole registers of columns: behind the last column up to a register of zeros (or the finish
/// of zero) is written.
///
/// # Panics
/// When a row would lie outside its slice.
pub(in crate::kernels) fn multiply(
    isa: Isa,
    rows: Rows,
    runs: Runs<'_>,
    input: &[f32],
    weights: Panels<'_>,
    output: &mut [f32],
    finish: Finish<'_>,
) {
    if rows.counts.contains(&0) {
        return;
    }
    assert!(runs.depth() > 0, "a product of no depth");
    assert_eq!(runs.depth(), weights.depth(), "depth of the product");
    assert_eq!(isa.panel(), weights.panel(), "panels packed for another instruction set");
    let fits = |grid: Grid, more: usize, len: usize| {
        grid.checked(rows.last()).and_then(|last| last.checked_add(more)).is_some_and(|end| end <= len)
    };
    assert!(fits(rows.input, runs.extent(), input.len()), "input of the product is too short");
    assert!(fits(rows.output, weights.width(), output.len()), "output of the product is too short");
    finish.check(output);
    run(isa, Product { rows, runs, input, weights, output, finish });
}

struct Product<'a> {
    rows: Rows,
    runs: Runs<'a>,
    input: &'a [f32],
    weights: Panels<'a>,
    output: &'a mut [f32],
    finish: Finish<'a>,
}

// SAFETY: made by `multiply` alone, after its checks: strides are not negative, so the last row bounds every row; the
// packed matrix holds `depth * width` weights in panels as wide as this instruction set's tiles, and `width` biases.
unsafe impl Kernel for Product<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        let Self { rows, runs, weights, .. } = self;
        let total = rows.counts.iter().product();
        let mut position = [0, 0, 0];
        let (mut from, mut to) = ([0; ROWS], [0; ROWS]);
        for first in (0..total).step_by(ROWS) {
            let count = ROWS.min(total - first);
            if rows.counts[0] == 1 && rows.counts[1] == 1 {
                for row in 0..count {
                    (from[row], to[row]) = (rows.input.at([0, 0, first + row]), rows.output.at([0, 0, first + row]));
                }
            } else {
                for row in 0..count {
                    (from[row], to[row]) = (rows.input.at(position), rows.output.at(position));
                    rows.advance(&mut position);
                }
            }
            // The last tile is filled up with copies of the last row, which are read and never written.
            for row in count..count.next_multiple_of(MR) {
                (from[row], to[row]) = (from[count - 1], to[count - 1]);
            }
            let mut depth = 0;
            for (offset, runs) in runs.blocks(DEPTH) {
                let is_last = depth + runs.depth() == weights.depth();
                let block = Block { runs, offset, depth, is_last };
                for column in (0..weights.width()).step_by(2 * V::LANES) {
                    let is_half = column + V::LANES == weights.width();
                    for tile in (0..count).step_by(MR) {
                        // A last tile of few rows is a lower one, a last panel of one register a narrower one.
                        // SAFETY: every offset in `from` and `to` was made from a position inside `counts`. The panel
                        // at `column` begins `column * depth` floats in, and `depth` rows of it lie before this block.
                        unsafe {
                            let (from, to, left) = (&from[tile..], &to[tile..], count - tile);
                            match (left, is_half) {
                                (_, true) => self.tile::<V, MR, 1>(block, column, from, to, left),
                                (1..=4, _) if MR > 4 => self.tile::<V, 4, 2>(block, column, from, to, left),
                                (5..=8, _) if MR > 8 => self.tile::<V, 8, 2>(block, column, from, to, left),
                                _ => self.tile::<V, MR, 2>(block, column, from, to, left),
                            }
                        }
                    }
                }
                depth += runs.depth();
            }
        }
    }
}

impl Product<'_> {
    /// The sums of `MR` rows, of which the first `count` are wanted, in a panel of columns.
    ///
    /// # Safety
    /// `from` and `to` hold the offsets of `MR` rows inside `counts`, a panel of `N` registers begins at `column`, and the machine
    /// has `V`'s instructions.
    #[inline(always)]
    unsafe fn tile<V: Vector, const MR: usize, const N: usize>(
        &mut self,
        block: Block<'_>,
        column: usize,
        from: &[usize],
        to: &[usize],
        count: usize,
    ) {
        let (Some(from), Some(to)) = (from.first_chunk::<MR>(), to.first_chunk::<MR>()) else { return };
        // SAFETY: the caller vouches for offsets and panel.
        unsafe {
            let source: [*const f32; MR] = std::array::from_fn(|row| self.input.as_ptr().add(from[row] + block.offset));
            let output = self.output.as_mut_ptr();
            let target: [*mut f32; MR] = std::array::from_fn(|row| output.add(to[row] + column));
            let at = |row: usize| to[row] + column;
            tile::<V, MR, N>(block, self.weights, column, source, target, at, self.finish, count);
        }
    }
}
