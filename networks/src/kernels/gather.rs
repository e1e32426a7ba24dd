//! Feature maps to their values at the points of [`super::winograd`].
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use std::marker::PhantomData;

use super::isa::Isa;
use super::kernel::{Kernel, run};
use super::points::Level;
use super::quarters::ORDER;
use super::vector::Vector;
use super::winograd::{MINUS_TWO, POINTS, ToPoints};

/// Maps to points, `L` elements to a long tile and `S` to a short one; `origin` is the first pixel of the first tile.
/// `points` begins at the first channel's place.
///
/// # Panics
/// When a slice is too short.
pub(super) fn to_points<At: Level, T: ToPoints<L> + ToPoints<S>, const L: usize, const S: usize>(
    isa: Isa,
    images: usize,
    origin: [isize; 2],
    maps: &[f32],
    points: &mut [f32],
) {
    At::check(images, origin, [L, S], maps.len(), points.len());
    run(isa, Gather::<At, T, L, S> { images, origin, maps, points, of: PhantomData });
}

struct Gather<'a, At, T, const L: usize, const S: usize> {
    images: usize,
    origin: [isize; 2],
    maps: &'a [f32],
    points: &'a mut [f32],
    of: PhantomData<(At, T)>,
}

// SAFETY: made by `to_points` alone, after its checks: the last element of the last tile and the last value of the last
// point lie inside their slices, and a map's channels are a multiple of every register.
unsafe impl<At: Level, T: ToPoints<L> + ToPoints<S>, const L: usize, const S: usize> Kernel
    for Gather<'_, At, T, L, S>
{
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        for (quarter, tile) in ORDER.into_iter().enumerate() {
            // SAFETY: the checks hold, as above, and each side is as long as the tile is.
            unsafe {
                match tile {
                    [0, 0] => self.tiles::<V, L, L>(quarter, tile),
                    [0, _] => self.tiles::<V, L, S>(quarter, tile),
                    [_, 0] => self.tiles::<V, S, L>(quarter, tile),
                    [_, _] => self.tiles::<V, S, S>(quarter, tile),
                }
            }
        }
    }
}

impl<At: Level, T, const L: usize, const S: usize> Gather<'_, At, T, L, S> {
    /// One tile, `DOWN` by `ACROSS` elements, of every image.
    ///
    /// # Safety
    /// The checks of [`to_points`] hold, the sides are those of the tile, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tiles<V: Vector, const DOWN: usize, const ACROSS: usize>(&mut self, quarter: usize, tile: [usize; 2])
    where
        T: ToPoints<DOWN> + ToPoints<ACROSS>,
    {
        let [down, across] = At::STEPS;
        let is_short = [<T as ToPoints<DOWN>>::IS_SHORT, <T as ToPoints<ACROSS>>::IS_SHORT];
        for image in 0..self.images {
            for channel in (0..At::MAP.channels).step_by(V::LANES) {
                // SAFETY: every element and every row lie before the last, which the checks have found inside.
                unsafe {
                    let from = self.maps.as_ptr().add(At::tile(self.origin, image, tile) + channel);
                    let row = quarter * self.images + image;
                    let to = self.points.as_mut_ptr().add(row * At::PITCH + channel);
                    let mut rows = [[V::zero(); POINTS]; DOWN];
                    for (r, row) in rows.iter_mut().enumerate() {
                        let mut values = [V::zero(); ACROSS];
                        for (s, value) in values.iter_mut().enumerate() {
                            *value = V::load(from.add(r * down + s * across));
                        }
                        *row = T::points(values);
                    }
                    for v in 0..POINTS {
                        if is_short[1] && v == MINUS_TWO {
                            continue;
                        }
                        let mut values = [V::zero(); DOWN];
                        for (value, row) in values.iter_mut().zip(&rows) {
                            *value = row[v];
                        }
                        for (u, value) in T::points(values).into_iter().enumerate() {
                            if !(is_short[0] && u == MINUS_TWO) {
                                value.store(to.add((u * POINTS + v) * At::STRIDE));
                            }
                        }
                    }
                }
            }
        }
    }
}
