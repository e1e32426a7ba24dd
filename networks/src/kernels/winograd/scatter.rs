//! Values at the points of [`super::transforms`] to feature maps.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use super::level::Level;
use super::tiles::Band;
use super::transforms::{FromPoints, LONG, MINUS_TWO, Outputs, POINTS, SHORT, ZERO};
use crate::kernels::gemm::Finish;
use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// Points to maps: where, and what is known of the values.
#[derive(Clone, Copy, Debug)]
pub(super) struct FromHere<'a> {
    pub(super) level: &'a Level,
    pub(super) band: &'a Band,
    /// The first pixel of the first tile.
    pub(super) origin: [isize; 2],
    /// Where it holds (down, across), the filter has no first tap, and its values at point 0 are not there.
    pub(super) without_zero: [bool; 2],
    /// Of each channel.
    pub(super) bias: &'a [f32],
    pub(super) finish: Finish<'a>,
}

/// Points to maps. `points` begins at the first channel's place.
///
/// # Panics
/// When a slice is too short.
pub(super) fn from_points(isa: Isa, here: FromHere<'_>, points: &[f32], maps: &mut [f32]) {
    here.level.check(isa.lanes(), here.band, here.origin, [LONG, SHORT], maps.len(), points.len());
    assert!(here.bias.len() >= here.level.map.pixel, "a bias for each channel");
    here.finish.check(maps);
    run(isa, Scatter { here, points, maps });
}

struct Scatter<'a> {
    here: FromHere<'a>,
    points: &'a [f32],
    maps: &'a mut [f32],
}

// SAFETY: made by `from_points` alone, after its checks: the last value of the last point and the last element of the
// last tile lie inside their slices, and a map's channels are a multiple of every register.
unsafe impl Kernel for Scatter<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        // SAFETY: the checks hold, as above, and each side is as long as the tiles of the kind are.
        unsafe {
            if self.here.finish.adds() {
                self.all::<V, true>();
            } else {
                self.all::<V, false>();
            }
        }
    }
}

impl Scatter<'_> {
    /// All tiles; `ADDS` says whether the finish adds to what the maps hold.
    ///
    /// # Safety
    /// The checks of [`from_points`] hold, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn all<V: Vector, const ADDS: bool>(&mut self) {
        // SAFETY: the same demands, and each side is as long as the tiles of the kind are.
        unsafe {
            self.tiles::<V, LONG, SHORT, ADDS>(0);
            self.tiles::<V, LONG, LONG, ADDS>(1);
            self.tiles::<V, SHORT, LONG, ADDS>(2);
            self.tiles::<V, SHORT, SHORT, ADDS>(3);
        }
    }

    /// The tiles of a kind, `DOWN` by `ACROSS` positions, of every image.
    ///
    /// # Safety
    /// The checks of [`from_points`] hold, the sides are those of the kind, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tiles<V: Vector, const DOWN: usize, const ACROSS: usize, const ADDS: bool>(&mut self, kind: usize)
    where
        Outputs: FromPoints<DOWN> + FromPoints<ACROSS>,
    {
        let FromHere { level, band, origin, .. } = self.here;
        let ([down, across], mut row) = band.kind(kind);
        for y in down {
            for x in across.clone() {
                for image in band.images.clone() {
                    let to = level.tile(band, origin, image, [y, x]);
                    for channel in (0..level.map.pixel).step_by(V::LANES) {
                        // SAFETY: the tile and the row are of the band.
                        unsafe { self.tile::<V, DOWN, ACROSS, ADDS>(row * level.pitch, to, channel) };
                    }
                    row += 1;
                }
            }
        }
    }

    /// A register of channels, from `channel` on, of one tile.
    ///
    /// # Safety
    /// The checks of [`from_points`] hold, `from` is the row of a tile of the band, `to` its first element, and the machine has
    /// `V`'s instructions.
    #[inline(always)]
    unsafe fn tile<V: Vector, const DOWN: usize, const ACROSS: usize, const ADDS: bool>(
        &mut self,
        from: usize,
        to: usize,
        channel: usize,
    ) where
        Outputs: FromPoints<DOWN> + FromPoints<ACROSS>,
    {
        let FromHere { level, without_zero, bias, finish, .. } = self.here;
        let [down, across] = level.steps();
        // SAFETY: every row and every element lie before the last, which the checks have found inside.
        unsafe {
            let from = self.points.as_ptr().add(from + channel);
            let mut rows = [[V::zero(); ACROSS]; POINTS];
            let mut first = from;
            for (u, row) in rows.iter_mut().enumerate() {
                if has(u, DOWN, without_zero[0]) {
                    let mut values = [V::zero(); POINTS];
                    let mut place = first;
                    for (v, value) in values.iter_mut().enumerate() {
                        if has(v, ACROSS, without_zero[1]) {
                            *value = V::load(place);
                        }
                        place = place.wrapping_add(level.stride);
                    }
                    *row = <Outputs as FromPoints<ACROSS>>::outputs(values);
                }
                first = first.wrapping_add(POINTS * level.stride);
            }
            let bias = V::load(bias.as_ptr().add(channel));
            for s in 0..ACROSS {
                let mut values = [V::zero(); POINTS];
                for (value, row) in values.iter_mut().zip(&rows) {
                    *value = row[s];
                }
                let column = <Outputs as FromPoints<DOWN>>::outputs(values);
                let mut at = to + channel + s * across;
                for &value in &column {
                    let place = self.maps.as_mut_ptr().add(at);
                    let value = if ADDS { value.add(V::load(place)) } else { value };
                    finish.apply(value, bias, at).store(place);
                    at += down;
                }
            }
        }
    }
}

/// Whether there is a value at a point for a tile of this side.
#[inline(always)]
const fn has(point: usize, side: usize, without_zero: bool) -> bool {
    match point {
        ZERO => !without_zero,
        MINUS_TWO => side == LONG,
        _ => true,
    }
}
