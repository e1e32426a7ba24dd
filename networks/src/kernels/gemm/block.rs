//! A block of a product: some rows, in one panel of columns, over the depths that leave its weights in the first cache.
#![expect(unsafe_code, reason = "rows and panels are raw pointers, checked once for all")]

use super::finish::Finish;
use super::pack::Panels;
use super::runs::Runs;
use super::tile::Tile;
use crate::kernels::simd::Vector;

/// Depth of a block of weights.
pub(super) const DEPTH: usize = 256;

/// Depths that a panel's block of weights covers: `runs`, each from `offset` on, after `depth` others.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) runs: Runs<'a>,
    pub(super) offset: usize,
    pub(super) depth: usize,
    pub(super) is_last: bool,
}

/// The sums of `MR` rows, of which the first `count` are wanted, in a panel of columns; `at` is a row's place in the output.
///
/// # Safety
/// The rows of the block lie behind `source`, a panel of `N` registers begins at `column`, `target` has room for it at every row, the
/// finish has seen the output, and the machine has `V`'s instructions.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "of two callers, which come to their rows in different ways")]
pub(super) unsafe fn tile<V: Vector, const MR: usize, const N: usize>(
    block: Block<'_>,
    weights: Panels<'_>,
    column: usize,
    source: [*const f32; MR],
    target: [*mut f32; MR],
    at: impl Fn(usize) -> usize,
    finish: Finish<'_>,
    count: usize,
) {
    // SAFETY: the caller vouches for rows and panel.
    unsafe {
        let panel = weights.data().as_ptr().add(column * weights.depth());
        let mut panel = panel.add(block.depth * Tile::<V, MR, N>::WIDTH);
        let mut sums = match block.depth {
            0 if !finish.adds() => Tile::<V, MR, N>::zero(),
            _ => Tile::load(|row| target[row].cast_const()),
        };
        for &run in block.runs.offsets {
            for k in run..run + block.runs.length {
                sums.add_product(|row| source[row].add(k), panel);
                panel = panel.add(Tile::<V, MR, N>::WIDTH);
            }
        }
        if block.is_last {
            sums.finish(finish, weights.bias().as_ptr().add(column), at);
        }
        sums.store(0..MR.min(count), |row| target[row]);
    }
}
