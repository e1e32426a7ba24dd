//! Values at the points of [`super::winograd`] to feature maps.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use std::marker::PhantomData;

use super::finish::Finish;
use super::isa::Isa;
use super::kernel::{Kernel, run};
use super::points::Level;
use super::quarters::ORDER;
use super::vector::Vector;
use super::winograd::{FromPoints, LONG, MINUS_TWO, Outputs, POINTS, SHORT, ZERO};

/// Points to maps; `origin` is the first pixel of the first tile. `points` begins at the first channel's place. Where
/// `without_zero` holds (down, across), the filter has no first tap, and its values at point 0 are not there. The bias
/// has a value for each channel.
///
/// # Panics
/// When a slice is too short.
#[expect(clippy::too_many_arguments, reason = "one call in two places")]
pub(super) fn from_points<At: Level>(
    isa: Isa,
    images: usize,
    points: &[f32],
    without_zero: [bool; 2],
    origin: [isize; 2],
    maps: &mut [f32],
    bias: &[f32],
    finish: Finish<'_>,
) {
    At::check(images, origin, [LONG, SHORT], maps.len(), points.len());
    assert!(bias.len() >= At::MAP.channels, "a bias for each channel");
    finish.check(maps);
    run(isa, Scatter::<At> { images, points, without_zero, origin, maps, bias, finish, of: PhantomData });
}

struct Scatter<'a, At> {
    images: usize,
    points: &'a [f32],
    without_zero: [bool; 2],
    origin: [isize; 2],
    maps: &'a mut [f32],
    bias: &'a [f32],
    finish: Finish<'a>,
    of: PhantomData<At>,
}

// SAFETY: made by `from_points` alone, after its checks: the last value of the last point and the last element of the
// last tile lie inside their slices, and a map's channels are a multiple of every register.
unsafe impl<At: Level> Kernel for Scatter<'_, At> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(mut self) {
        for (quarter, tile) in ORDER.into_iter().enumerate() {
            // SAFETY: the checks hold, as above, and each side is as long as the tile is.
            unsafe {
                match tile {
                    [0, 0] => self.tiles::<V, LONG, LONG>(quarter, tile),
                    [0, _] => self.tiles::<V, LONG, SHORT>(quarter, tile),
                    [_, 0] => self.tiles::<V, SHORT, LONG>(quarter, tile),
                    [_, _] => self.tiles::<V, SHORT, SHORT>(quarter, tile),
                }
            }
        }
    }
}

impl<At: Level> Scatter<'_, At> {
    /// One tile, `DOWN` by `ACROSS` positions, of every image.
    ///
    /// # Safety
    /// The checks of [`from_points`] hold, the sides are those of the tile, and the machine has `V`'s instructions.
    #[inline(always)]
    unsafe fn tiles<V: Vector, const DOWN: usize, const ACROSS: usize>(&mut self, quarter: usize, tile: [usize; 2])
    where
        Outputs: FromPoints<DOWN> + FromPoints<ACROSS>,
    {
        let [down, across] = At::STEPS;
        for image in 0..self.images {
            for channel in (0..At::MAP.channels).step_by(V::LANES) {
                // SAFETY: every row and every element lie before the last, which the checks have found inside.
                unsafe {
                    let row = quarter * self.images + image;
                    let from = self.points.as_ptr().add(row * At::PITCH + channel);
                    let place = At::tile(self.origin, image, tile) + channel;
                    let mut rows = [[V::zero(); ACROSS]; POINTS];
                    for (u, row) in rows.iter_mut().enumerate() {
                        if !has(u, DOWN, self.without_zero[0]) {
                            continue;
                        }
                        let mut values = [V::zero(); POINTS];
                        for (v, value) in values.iter_mut().enumerate() {
                            if has(v, ACROSS, self.without_zero[1]) {
                                *value = V::load(from.add((u * POINTS + v) * At::STRIDE));
                            }
                        }
                        *row = <Outputs as FromPoints<ACROSS>>::outputs(values);
                    }
                    let bias = V::load(self.bias.as_ptr().add(channel));
                    for s in 0..ACROSS {
                        let mut values = [V::zero(); POINTS];
                        for (value, row) in values.iter_mut().zip(&rows) {
                            *value = row[s];
                        }
                        let column = <Outputs as FromPoints<DOWN>>::outputs(values);
                        for (r, value) in column.into_iter().enumerate() {
                            let at = place + r * down + s * across;
                            self.finish.apply(value, bias, at).store(self.maps.as_mut_ptr().add(at));
                        }
                    }
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
