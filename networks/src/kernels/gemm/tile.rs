//! The micro-kernel: sums of outer products, `MR` rows by `N` registers of columns, which stay in registers.
//!
//! Where a row's place in memory is asked for, it may be asked for each of the `MR` rows. Loops over rows always have
//! `MR` turns, lest the compiler put the sums into memory to count through them.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]
#![expect(clippy::needless_range_loop, reason = "iterators over arrays of registers put them into memory")]

use std::ops::Range;

use super::finish::Finish;
use crate::kernels::simd::Vector;

/// Sums, by rows.
pub(super) struct Tile<V, const MR: usize, const N: usize>([[V; N]; MR]);

impl<V: Vector, const MR: usize, const N: usize> Tile<V, MR, N> {
    /// Columns.
    pub(super) const WIDTH: usize = N * V::LANES;

    /// # Safety
    /// The machine has `V`'s instructions.
    #[inline(always)]
    pub(super) unsafe fn zero() -> Self {
        // SAFETY: a register only; the caller has the instructions.
        Self([[unsafe { V::zero() }; N]; MR])
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
                *sums = registers(place(row));
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
                let more: [V; N] = registers(place(row));
                for register in 0..N {
                    sums[register] = sums[register].add(more[register]);
                }
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
            let columns: [V; N] = registers(columns);
            for (row, sums) in self.0.iter_mut().enumerate() {
                let value = V::splat(float(row));
                for register in 0..N {
                    sums[register] = sums[register].add_product(value, columns[register]);
                }
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
                Finish::Keep | Finish::Add => {}
                Finish::Bias => self.finish_rows(Finish::Bias, bias, offset),
                Finish::BiasRelu => self.finish_rows(Finish::BiasRelu, bias, offset),
                Finish::BiasPlus(other) => self.finish_rows(Finish::BiasPlus(other), bias, offset),
                Finish::BiasPlusRelu(other) => self.finish_rows(Finish::BiasPlusRelu(other), bias, offset),
                Finish::Gate(gate) | Finish::AddGate(gate) => self.finish_rows(Finish::Gate(gate), bias, offset),
            }
        }
    }

    /// # Safety
    /// As [`Tile::finish`].
    #[inline(always)]
    unsafe fn finish_rows(&mut self, finish: Finish<'_>, bias: *const f32, offset: impl Fn(usize) -> usize) {
        // SAFETY: the caller has the instructions and vouches for bias and offsets.
        unsafe {
            let bias: [V; N] = registers(bias);
            for (row, sums) in self.0.iter_mut().enumerate() {
                let at = offset(row);
                for register in 0..N {
                    sums[register] = finish.apply(sums[register], bias[register], at + register * V::LANES);
                }
            }
        }
    }

    /// Writes these rows to memory.
    ///
    /// # Safety
    /// As [`Tile::load`], for places that may be written to.
    #[inline(always)]
    pub(super) unsafe fn store(self, rows: Range<usize>, place: impl Fn(usize) -> *mut f32) {
        for (row, sums) in self.0.into_iter().enumerate() {
            if rows.contains(&row) {
                for register in 0..N {
                    // SAFETY: the caller has the instructions and vouches for the place.
                    unsafe { sums[register].store(place(row).add(register * V::LANES)) };
                }
            }
        }
    }
}

/// `N` registers, side by side.
///
/// # Safety
/// The machine has `V`'s instructions, and the floats are there.
#[inline(always)]
unsafe fn registers<V: Vector, const N: usize>(from: *const f32) -> [V; N] {
    // SAFETY: the same demands.
    unsafe {
        let mut registers = [V::zero(); N];
        for register in 0..N {
            registers[register] = V::load(from.add(register * V::LANES));
        }
        registers
    }
}
