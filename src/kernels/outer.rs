//! Weight gradients: sums of outer products, `sums[m][n] = sum over positions p of left[p][m] * right[p][n]`, in place of
//! what was there or added to it.
//!
//! A position is a row of a batch (linear layers) or a pixel (convolutions); `left[p]` and `right[p]` are contiguous.
//! The tile of `MR` by two registers of sums stays in registers over all positions.
#![expect(unsafe_code, reason = "the micro-kernel reads and writes through raw pointers")]

use super::isa::{Isa, Kind};
#[cfg(target_arch = "x86_64")]
use super::vector::{Avx2, Avx512};
use super::vector::{Portable, Vector};

/// Columns that are swept before the next tile of `m`: what one tile reads of `left` stays in the first cache.
const COLUMNS: usize = 64;
/// A row of a window over one channel, which has a tile of its own.
const WINDOW: usize = 5;

/// Where the vectors of one side lie: `[row, column]` strides of the positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) floats: &'a [f32],
    pub(super) strides: [usize; 2],
    /// Length of one vector.
    pub(super) length: usize,
}

impl Side<'_> {
    fn check(self, counts: [usize; 2]) {
        let last = (counts[0] - 1) * self.strides[0] + (counts[1] - 1) * self.strides[1];
        assert!(last + self.length <= self.floats.len(), "a side of the outer products is too short");
    }
}

/// What becomes of the sums that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Former {
    /// They are replaced.
    Dropped,
    /// They are added to.
    Kept,
}

/// Sums the outer products of `counts` (`[rows, columns]`) positions into `sums`, whose rows are `pitch` floats apart.
///
/// # Panics
/// When a vector or a row of sums would lie outside its slice.
pub(super) fn accumulate(
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
        if former == Former::Dropped {
            sums.chunks_mut(pitch).take(left.length).for_each(|row| row[..right.length].fill(0.0));
        }
        return;
    }
    left.check(counts);
    right.check(counts);
    assert!(right.length <= pitch, "rows of sums overlap");
    assert!((left.length - 1) * pitch + right.length <= sums.len(), "the sums are too short");
    let job = Job { counts, left, right, former, pitch };
    // SAFETY: the checks above bound every vector and every row of sums; an `Isa` is proof of the instructions.
    unsafe {
        match isa.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => avx512(job, sums),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2(job, sums),
            Kind::Portable => tiles::<Portable, 4, 8>(job, sums),
        }
    }
}

#[derive(Clone, Copy)]
struct Job<'a> {
    counts: [usize; 2],
    left: Side<'a>,
    right: Side<'a>,
    former: Former,
    pitch: usize,
}

/// # Safety
/// The checks of the caller hold, and the machine has AVX-512F, AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512(job: Job<'_>, sums: &mut [f32]) {
    // SAFETY: the same demands, and the instructions are those of this function.
    unsafe { tiles::<Avx512, 12, 32>(job, sums) }
}

/// # Safety
/// The checks of the caller hold, and the machine has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(job: Job<'_>, sums: &mut [f32]) {
    // SAFETY: the same demands, and the instructions are those of this function.
    unsafe { tiles::<Avx2, 6, 16>(job, sums) }
}

/// # Safety
/// The checks of [`accumulate`] hold, `NR` is two registers, and the machine has `V`'s instructions.
#[inline(always)]
unsafe fn tiles<V: Vector, const MR: usize, const NR: usize>(job: Job<'_>, sums: &mut [f32]) {
    let (m_end, n_end) = (job.left.length, job.right.length);
    // A window is one tile, also where it is higher than the usual one.
    let height = if m_end == WINDOW { WINDOW } else { MR };
    for block in (0..n_end).step_by(COLUMNS) {
        for m in (0..m_end).step_by(height) {
            let rows = height.min(m_end - m);
            for n in (block..n_end.min(block + COLUMNS)).step_by(NR) {
                let columns = NR.min(n_end - n);
                // SAFETY: `m..m + rows` and `n..n + columns` lie inside the vectors and the sums; the last tile is
                // moved back to be whole, and the rows that it repeats are not added.
                unsafe {
                    if columns < NR || m_end < MR && m_end != WINDOW {
                        edge(&job, [m, n], [rows, columns], sums);
                    } else if m_end == WINDOW {
                        tile::<V, WINDOW>(&job, [m, n], 0, sums);
                    } else {
                        tile::<V, MR>(&job, [m.min(m_end - MR), n], MR - rows, sums);
                    }
                }
            }
        }
    }
}

/// One whole tile at `(m, n)`; its rows from `skip` on are added to the sums.
///
/// # Safety
/// The checks of [`accumulate`] hold, the tile lies inside vectors and sums, and the machine has `V`'s instructions.
#[inline(always)]
unsafe fn tile<V: Vector, const MR: usize>(job: &Job<'_>, [m, n]: [usize; 2], skip: usize, sums: &mut [f32]) {
    // SAFETY: a register only; the caller has the instructions.
    let mut tile = [[unsafe { V::zero() }; 2]; MR];
    for row in 0..job.counts[0] {
        // SAFETY: every position lies inside the checked sides; the step behind the last is not followed.
        let mut left = unsafe { job.left.floats.as_ptr().add(row * job.left.strides[0] + m) };
        // SAFETY: as above.
        let mut right = unsafe { job.right.floats.as_ptr().add(row * job.right.strides[0] + n) };
        for _ in 0..job.counts[1] {
            // SAFETY: a whole tile: `MR` floats lie behind `left` and two registers behind `right`.
            unsafe {
                let columns = [V::load(right), V::load(right.add(V::LANES))];
                for (row, sums) in tile.iter_mut().enumerate() {
                    let value = V::splat(left.add(row));
                    *sums = [sums[0].add_product(value, columns[0]), sums[1].add_product(value, columns[1])];
                }
            }
            left = left.wrapping_add(job.left.strides[1]);
            right = right.wrapping_add(job.right.strides[1]);
        }
    }
    for (row, [left, right]) in tile.into_iter().enumerate().skip(skip) {
        // SAFETY: the whole tile lies inside the sums.
        unsafe {
            let to = sums.as_mut_ptr().add((m + row) * job.pitch + n);
            let next = to.add(V::LANES);
            let (left, right) = match job.former {
                Former::Dropped => (left, right),
                Former::Kept => (left.add(V::load(to)), right.add(V::load(next))),
            };
            left.store(to);
            right.store(next);
        }
    }
}

/// A tile narrower than two registers: rare and small.
fn edge(job: &Job<'_>, [m, n]: [usize; 2], [rows, columns]: [usize; 2], sums: &mut [f32]) {
    if job.former == Former::Dropped {
        (m..m + rows).for_each(|row| sums[row * job.pitch + n..][..columns].fill(0.0));
    }
    for y in 0..job.counts[0] {
        for x in 0..job.counts[1] {
            let at = |side: &Side<'_>| y * side.strides[0] + x * side.strides[1];
            let left = &job.left.floats[at(&job.left) + m..][..rows];
            let right = &job.right.floats[at(&job.right) + n..][..columns];
            for (row, left) in left.iter().enumerate() {
                let sums = &mut sums[(m + row) * job.pitch + n..][..columns];
                sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += left * right);
            }
        }
    }
}
