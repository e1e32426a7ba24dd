//! Feature maps to their values at the points of [`super::transforms`].
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use std::marker::PhantomData;

use super::level::Level;
use super::tiles::Band;
use super::transforms::{MINUS_TWO, POINTS, ToPoints};
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Maps to points, `L` elements to a long tile and `S` to a short one; `origin` is the first pixel of the first tile.
/// `points` begins at the first channel's place.
///
/// # Panics
/// When a slice is too short.
pub(super) fn to_points<T: ToPoints<L> + ToPoints<S>, const L: usize, const S: usize>(
    isa: Isa,
    level: &Level,
    band: &Band,
    origin: [isize; 2],
    maps: &[f32],
    points: &mut [f32],
) {
    level.check(isa.lanes(), band, origin, [L, S], maps.len(), points.len());
    run(isa, Gather::<T, L, S> { level, band, origin, maps, points, of: PhantomData });
}

struct Gather<'a, T, const L: usize, const S: usize> {
    level: &'a Level,
    band: &'a Band,
    origin: [isize; 2],
    maps: &'a [f32],
    points: &'a mut [f32],
    of: PhantomData<T>,
}

// SAFETY: made by `to_points` alone, after its checks: the last element of the last tile and the last value of the last
// point lie inside their slices, and a map's channels are a multiple of every register.
unsafe impl<T: ToPoints<L> + ToPoints<S>, const L: usize, const S: usize> Kernel for Gather<'_, T, L, S> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        // SAFETY: the checks hold, as above, and each side is as long as the tiles of the kind are.
        unsafe {
            self.tiles::<V, L, S>(0);
            self.tiles::<V, L, L>(1);
            self.tiles::<V, S, L>(2);
            self.tiles::<V, S, S>(3);
        }
    }
}

impl<T, const L: usize, const S: usize> Gather<'_, T, L, S> {
    /// The tiles of a kind, `DOWN` by `ACROSS` elements, of every image.
    ///
    /// # Safety
    /// The checks of [`to_points`] hold, the sides are those of the kind, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tiles<V: Vector, const DOWN: usize, const ACROSS: usize>(&mut self, kind: usize)
    where
        T: ToPoints<DOWN> + ToPoints<ACROSS>,
    {
        let &mut Self { level, band, .. } = self;
        let ([down, across], mut row) = band.kind(kind);
        for y in down {
            for x in across.clone() {
                for image in band.images.clone() {
                    let from = level.tile(band, self.origin, image, [y, x]);
                    for channel in (0..level.map.pixel).step_by(V::LANES) {
                        // SAFETY: the tile and the row are of the band.
                        unsafe { self.tile::<V, DOWN, ACROSS>(from + channel, row * level.pitch + channel) };
                    }
                    row += 1;
                }
            }
        }
    }

    /// A register of channels of one tile.
    ///
    /// # Safety
    /// The checks of [`to_points`] hold, `from` is the first element of a tile of the band, `to` its row, and the machine has `V`'s
    /// instructions.
    #[inline(always)]
    unsafe fn tile<V: Vector, const DOWN: usize, const ACROSS: usize>(&mut self, from: usize, to: usize)
    where
        T: ToPoints<DOWN> + ToPoints<ACROSS>,
    {
        let [down, across] = self.level.steps();
        let stride = self.level.stride;
        let is_short = [<T as ToPoints<DOWN>>::IS_SHORT, <T as ToPoints<ACROSS>>::IS_SHORT];
        // SAFETY: every element and every row lie before the last, which the checks have found inside.
        unsafe {
            let (from, to) = (self.maps.as_ptr().add(from), self.points.as_mut_ptr().add(to));
            let mut rows = [[V::zero(); POINTS]; DOWN];
            let mut first = from;
            for row in &mut rows {
                let mut values = [V::zero(); ACROSS];
                let mut place = first;
                for value in &mut values {
                    *value = V::load(place);
                    place = place.wrapping_add(across);
                }
                *row = T::points(values);
                first = first.wrapping_add(down);
            }
            for v in 0..POINTS {
                if is_short[1] && v == MINUS_TWO {
                    continue;
                }
                let mut values = [V::zero(); DOWN];
                for (value, row) in values.iter_mut().zip(&rows) {
                    *value = row[v];
                }
                let points = T::points(values);
                let mut place = to.wrapping_add(v * stride);
                for (u, value) in points.iter().enumerate() {
                    if !(is_short[0] && u == MINUS_TWO) {
                        value.store(place);
                    }
                    place = place.wrapping_add(POINTS * stride);
                }
            }
        }
    }
}
