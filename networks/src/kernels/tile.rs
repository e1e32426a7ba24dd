//! The micro-kernel: sums of outer products, `MR` rows by two registers of columns, which stay in registers.
//!
//! Where a row's place in memory is asked for, it may be asked for each of the `MR` rows. Loops over rows always have
//! `MR` turns, lest the compiler put the sums into memory to count through them.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use std::ops::Range;

use super::finish::Finish;
use super::vector::Vector;

/// Sums, by rows.
pub(super) struct Tile<V, const MR: usize>([[V; 2]; MR]);

impl<V: Vector, const MR: usize> Tile<V, MR> {
    /// Columns.
    pub(super) const WIDTH: usize = 2 * V::LANES;

    /// # Safety
    /// The machine has `V`'s instructions.
    #[inline(always)]
    pub(super) unsafe fn zero() -> Self {
        // SAFETY: a register only; the caller has the instructions.
        Self([[unsafe { V::zero() }; 2]; MR])
    }

    /// Sums from memory.
    ///
    /// # Safety
    /// The machine has `V`'s instructions, and [`Tile::WIDTH`] floats lie at each row's place.
    #[inline(always)]
    pub(super) unsafe fn load(place: impl Fn(usize) -> *const f32) -> Self {
        // SAFETY: the caller's demands are those of both calls.
        unsafe {
            let mut tile = Self::zero();
            for (row, sums) in tile.0.iter_mut().enumerate() {
                *sums = pair(place(row));
            }
            tile
        }
    }

    /// Adds sums from memory.
    ///
    /// # Safety
    /// As [`Tile::load`].
    #[inline(always)]
    pub(super) unsafe fn add(&mut self, place: impl Fn(usize) -> *const f32) {
        // SAFETY: the caller has the instructions and vouches for the places.
        unsafe {
            for (row, sums) in self.0.iter_mut().enumerate() {
                let [left, right] = pair(place(row));
                *sums = [sums[0].add(left), sums[1].add(right)];
            }
        }
    }

    /// Adds the outer product of one float for each row and of [`Tile::WIDTH`] floats for the columns.
    ///
    /// # Safety
    /// The machine has `V`'s instructions, and the floats are there.
    #[inline(always)]
    pub(super) unsafe fn add_product(&mut self, float: impl Fn(usize) -> *const f32, columns: *const f32) {
        // SAFETY: the caller has the instructions and vouches for the floats.
        unsafe {
            let [left, right] = pair(columns);
            for (row, sums) in self.0.iter_mut().enumerate() {
                let value = V::splat(float(row));
                *sums = [sums[0].add_product(value, left), sums[1].add_product(value, right)];
            }
        }
    }

    /// Finishes sums that belong at these offsets in the output; `bias` is that of the columns.
    ///
    /// # Safety
    /// The machine has `V`'s instructions, [`Tile::WIDTH`] floats lie at `bias` and inside the output at each row's
    /// offset, and [`Finish::check`] has seen the output.
    #[inline(always)]
    pub(super) unsafe fn finish(&mut self, finish: Finish<'_>, bias: *const f32, offset: impl Fn(usize) -> usize) {
        // A loop of its own for each finish: with the choice inside, the compiler would not unroll it.
        // SAFETY: the same demands.
        unsafe {
            match finish {
                Finish::Keep => {}
                Finish::Bias => self.finish_rows(Finish::Bias, bias, offset),
                Finish::BiasRelu => self.finish_rows(Finish::BiasRelu, bias, offset),
                Finish::Gate(gate) => self.finish_rows(Finish::Gate(gate), bias, offset),
            }
        }
    }

    /// # Safety
    /// As [`Tile::finish`].
    #[inline(always)]
    unsafe fn finish_rows(&mut self, finish: Finish<'_>, bias: *const f32, offset: impl Fn(usize) -> usize) {
        // SAFETY: the caller has the instructions and vouches for bias and offsets.
        unsafe {
            let bias = pair(bias);
            for (row, sums) in self.0.iter_mut().enumerate() {
                let at = offset(row);
                *sums = [finish.apply(sums[0], bias[0], at), finish.apply(sums[1], bias[1], at + V::LANES)];
            }
        }
    }

    /// Writes these rows to memory.
    ///
    /// # Safety
    /// As [`Tile::load`], for places that may be written to.
    #[inline(always)]
    pub(super) unsafe fn store(self, rows: Range<usize>, place: impl Fn(usize) -> *mut f32) {
        for (row, [left, right]) in self.0.into_iter().enumerate() {
            if rows.contains(&row) {
                // SAFETY: the caller has the instructions and vouches for the place.
                unsafe {
                    left.store(place(row));
                    right.store(place(row).add(V::LANES));
                }
            }
        }
    }
}

/// Two registers.
///
/// # Safety
/// The machine has `V`'s instructions, and the floats are there.
#[inline(always)]
unsafe fn pair<V: Vector>(from: *const f32) -> [V; 2] {
    // SAFETY: the same demands.
    unsafe { [V::load(from), V::load(from.add(V::LANES))] }
}
