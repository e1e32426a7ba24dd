//! Weight gradients: sums of outer products, `sums[m][n] = sum over positions p of left[p][m] * right[p][n]`, in place of
//! what was there or added to it.
//!
//! A position is a row of a batch (linear layers) or a pixel (convolutions); `left[p]` and `right[p]` are contiguous.
//! A tile of sums stays in registers over all positions.
#![expect(unsafe_code, reason = "vectors and sums are raw pointers, checked once for all")]

use super::tile::Tile;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Columns that are swept before the next tile of `m`: what one tile reads of `left` stays in the first cache.
const COLUMNS: usize = 64;
/// Rows of windows over one channel, which have tiles of their own.
const WINDOWS: [usize; 2] = [3, 5];

/// Where the vectors of one side lie: `[row, column]` strides of the positions.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Side<'a> {
    pub(in crate::kernels) floats: &'a [f32],
    pub(in crate::kernels) strides: [usize; 2],
    /// Length of one vector.
    pub(in crate::kernels) length: usize,
}

impl Side<'_> {
    fn check(self, counts: [usize; 2]) {
        let last = (counts[0] - 1) * self.strides[0] + (counts[1] - 1) * self.strides[1];
        assert!(last + self.length <= self.floats.len(), "a side of the outer products is too short");
    }
}

/// What becomes of the sums that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernels) enum Former {
    /// They are replaced.
    Dropped,
    /// They are added to.
    Kept,
}

impl Former {
    /// For the part of this number: the first does what is to be done, the others add to it.
    pub(in crate::kernels) fn of_part(self, number: usize) -> Self {
        if number == 0 { self } else { Self::Kept }
    }

    /// Zeroes sums that are dropped.
    pub(in crate::kernels) fn clear(self, sums: &mut [f32]) {
        if self == Self::Dropped {
            sums.fill(0.0);
        }
    }
}

/// Sums the outer products of `counts` (`[rows, columns]`) positions into `sums`, whose rows are `pitch` floats apart.
///
/// # Panics
/// When a vector or a row of sums would lie outside its slice.
pub(in crate::kernels) fn accumulate(
    isa: Isa,
    counts: [usize; 2],
    left: Side<'_>,
    right: Side<'_>,
    former: Former,
    sums: &mut [f32],
    pitch: usize,
) {
    if left.length == 0 {
        return;
    }
    if counts.contains(&0) {
        sums.chunks_mut(pitch).take(left.length).for_each(|row| former.clear(&mut row[..right.length]));
        return;
    }
    left.check(counts);
    right.check(counts);
    assert!(right.length <= pitch, "rows of sums overlap");
    assert!((left.length - 1) * pitch + right.length <= sums.len(), "the sums are too short");
    run(isa, OuterProducts { counts, left, right, former, sums, pitch });
}

struct OuterProducts<'a> {
    counts: [usize; 2],
    left: Side<'a>,
    right: Side<'a>,
    former: Former,
    sums: &'a mut [f32],
    pitch: usize,
}

// SAFETY: made by `accumulate` alone, after its checks, which bound every vector and every row of sums.
unsafe impl Kernel for OuterProducts<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        let (m_end, n_end) = (self.left.length, self.right.length);
        // A window over one channel is one tile, also where that is lower or higher than the usual one.
        let height = if WINDOWS.contains(&m_end) { m_end } else { MR };
        let width = Tile::<V, MR, 2>::WIDTH;
        for block in (0..n_end).step_by(COLUMNS) {
            for m in (0..m_end).step_by(height) {
                let rows = height.min(m_end - m);
                for n in (block..n_end.min(block + COLUMNS)).step_by(width) {
                    let columns = width.min(n_end - n);
                    let registers = if columns % V::LANES == 0 { columns / V::LANES } else { 0 };
                    let moved = [m.min(m_end.saturating_sub(MR)), n];
                    // SAFETY: `m..m + rows` and `n..n + columns` lie inside the vectors and the sums; the last tile is
                    // moved back to be whole, and the rows that it repeats are not written.
                    unsafe {
                        match (m_end, registers) {
                            (3, 1) => self.tile::<V, 3, 1>([m, n], 0),
                            (3, 2) => self.tile::<V, 3, 2>([m, n], 0),
                            (5, 1) => self.tile::<V, 5, 1>([m, n], 0),
                            (5, 2) => self.tile::<V, 5, 2>([m, n], 0),
                            (_, 1) if m_end >= MR => self.tile::<V, MR, 1>(moved, MR - rows),
                            (_, 2) if m_end >= MR => self.tile::<V, MR, 2>(moved, MR - rows),
                            _ => self.edge([m, n], [rows, columns]),
                        }
                    }
                }
            }
        }
    }
}

impl OuterProducts<'_> {
    /// One whole tile at `(m, n)`; its rows from `skip` on are written.
    ///
    /// # Safety
    /// The checks of [`accumulate`] hold, the tile lies inside vectors and sums, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tile<V: Vector, const MR: usize, const N: usize>(&mut self, [m, n]: [usize; 2], skip: usize) {
        // SAFETY: every position lies inside the checked sides, and the step behind the last is not followed; a whole
        // tile has `MR` floats behind `left`, its width behind `right`, and lies inside the sums.
        unsafe {
            let mut sums = Tile::<V, MR, N>::zero();
            for row in 0..self.counts[0] {
                let mut left = self.left.floats.as_ptr().add(row * self.left.strides[0] + m);
                let mut right = self.right.floats.as_ptr().add(row * self.right.strides[0] + n);
                for _ in 0..self.counts[1] {
                    sums.add_product(|row| left.add(row), right);
                    left = left.wrapping_add(self.left.strides[1]);
                    right = right.wrapping_add(self.right.strides[1]);
                }
            }
            let to = self.sums.as_mut_ptr().add(m * self.pitch + n);
            if self.former == Former::Kept {
                sums.add(|row| to.add(row * self.pitch).cast_const());
            }
            sums.store(skip..MR, |row| to.add(row * self.pitch));
        }
    }

    /// A tile that is lower or narrower than the others: rare and small.
    fn edge(&mut self, [m, n]: [usize; 2], [rows, columns]: [usize; 2]) {
        (m..m + rows).for_each(|row| self.former.clear(&mut self.sums[row * self.pitch + n..][..columns]));
        for y in 0..self.counts[0] {
            for x in 0..self.counts[1] {
                let at = |side: &Side<'_>| y * side.strides[0] + x * side.strides[1];
                let left = &self.left.floats[at(&self.left) + m..][..rows];
                let right = &self.right.floats[at(&self.right) + n..][..columns];
                for (row, left) in left.iter().enumerate() {
                    let sums = &mut self.sums[(m + row) * self.pitch + n..][..columns];
                    sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += left * right);
                }
            }
        }
    }
}
