//! Feature maps to and from the points of [`super::winograd`].
//!
//! Every map is cut into 2x2 tiles per image, each for 4x4 positions (the 7 positions of the inner map, and one too
//! many). A value at a point lies at `[point][image, tile][channel]`, so that each point is a plain matrix.
#![expect(unsafe_code, reason = "vector loads and stores through raw pointers")]

use std::marker::PhantomData;

use super::isa::Isa;
use super::map::Map;
use super::product::Finish;
use super::vector::{Kernel, Vector, run};
use super::winograd::{POINTS, TILE, ToPoints, ZERO, outputs};

/// Tiles of an image in one direction.
const ACROSS: usize = 2;
/// Tiles of an image.
pub(super) const TILES: usize = ACROSS * ACROSS;

/// How the points' matrices lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrices {
    /// Floats from one tile to the next.
    pub(super) pitch: usize,
    /// Floats from one point to the next.
    pub(super) stride: usize,
}

/// Element `(r, s)` of tile `(ty, tx)` is the pixel `(y + step (4 ty + r), x + step (4 tx + s))`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) map: Map,
    pub(super) y: isize,
    pub(super) x: isize,
    pub(super) step: usize,
}

impl Place {
    /// Distances from one element to the next down and across.
    const fn steps(self) -> [usize; 2] {
        [self.step * self.map.row(), self.step * self.map.channels]
    }

    const fn tile(self, image: usize, tile: [usize; 2]) -> usize {
        let [down, across] = self.steps();
        image * self.map.floats() + self.map.at(self.y, self.x) + TILE * (tile[0] * down + tile[1] * across)
    }

    /// Floats up to behind element `(last, last)` of the last tile of the last image.
    const fn extent(self, images: usize, last: usize) -> usize {
        let [down, across] = self.steps();
        self.tile(images - 1, [ACROSS - 1; 2]) + last * (down + across) + self.map.channels
    }
}

/// Maps to points, `N` elements to a tile. `points` begins at the first channel's place. The last image's elements
/// reach a few rows beyond its map: the maps' slice must go on, and what lies there is read and is without effect.
///
/// # Panics
/// When a slice is too short.
pub(super) fn to_points<T: ToPoints<N>, const N: usize>(
    isa: Isa,
    images: usize,
    place: Place,
    maps: &[f32],
    points: &mut [f32],
    matrices: Matrices,
) {
    if images == 0 {
        return;
    }
    assert!(place.extent(images, N - 1) <= maps.len(), "maps too short for tiles");
    check(images, place.map.channels, points.len(), matrices);
    run(isa, Gather::<T, N> { images, place, maps, points, matrices, transform: PhantomData });
}

fn check(images: usize, channels: usize, len: usize, Matrices { pitch, stride }: Matrices) {
    assert_eq!(channels % 16, 0, "channels fill registers");
    assert!((POINTS * POINTS - 1) * stride + (images * TILES - 1) * pitch + channels <= len, "too few points");
}

struct Gather<'a, T, const N: usize> {
    images: usize,
    place: Place,
    maps: &'a [f32],
    points: &'a mut [f32],
    matrices: Matrices,
    transform: PhantomData<T>,
}

// SAFETY: made by `to_points` alone, after its checks: the last element of the last tile and the last value of the last
// point lie inside their slices, and channels are a multiple of every register.
unsafe impl<T: ToPoints<N>, const N: usize> Kernel for Gather<'_, T, N> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [down, across] = self.place.steps();
        for tile in 0..self.images * TILES {
            let (image, y, x) = (tile / TILES, tile % TILES / ACROSS, tile % ACROSS);
            for channel in (0..self.place.map.channels).step_by(V::LANES) {
                // SAFETY: see above.
                unsafe {
                    let from = self.maps.as_ptr().add(self.place.tile(image, [y, x]) + channel);
                    let to = self.points.as_mut_ptr().add(tile * self.matrices.pitch + channel);
                    let mut rows = [[V::zero(); POINTS]; N];
                    for (r, row) in rows.iter_mut().enumerate() {
                        let mut values = [V::zero(); N];
                        for (s, value) in values.iter_mut().enumerate() {
                            *value = V::load(from.add(r * down + s * across));
                        }
                        *row = T::points(values);
                    }
                    for v in 0..POINTS {
                        let mut values = [V::zero(); N];
                        for (value, row) in values.iter_mut().zip(&rows) {
                            *value = row[v];
                        }
                        for (u, value) in T::points(values).into_iter().enumerate() {
                            value.store(to.add((u * POINTS + v) * self.matrices.stride));
                        }
                    }
                }
            }
        }
    }
}

/// Points to maps. Positions beyond the inner map are dropped. Where `without_zero` holds (down, across), the filter has
/// no first tap, and its values at point 0 are not there. The bias has a value for each channel.
///
/// # Panics
/// When a slice is too short.
#[expect(clippy::too_many_arguments, reason = "one call in two places")]
pub(super) fn from_points(
    isa: Isa,
    images: usize,
    points: &[f32],
    matrices: Matrices,
    without_zero: [bool; 2],
    place: Place,
    maps: &mut [f32],
    bias: &[f32],
    finish: Finish<'_>,
) {
    if images == 0 {
        return;
    }
    check(images, place.map.channels, points.len(), matrices);
    assert!(place.extent(images, POSITIONS - 1 - TILE) <= maps.len(), "maps too short for tiles");
    assert!(bias.len() >= place.map.channels, "a bias for each channel");
    if let Finish::Gate(gate) = finish {
        assert_eq!(gate.len(), maps.len(), "the gate is laid out like the output");
    }
    run(isa, Scatter { images, points, matrices, without_zero, place, maps, bias, finish });
}

/// Positions in one direction.
const POSITIONS: usize = 7;

struct Scatter<'a> {
    images: usize,
    points: &'a [f32],
    matrices: Matrices,
    without_zero: [bool; 2],
    place: Place,
    maps: &'a mut [f32],
    bias: &'a [f32],
    finish: Finish<'a>,
}

// SAFETY: made by `from_points` alone, after its checks; as for `Gather`.
unsafe impl Kernel for Scatter<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [down, across] = self.place.steps();
        let first = self.without_zero.map(|without| if without { ZERO + 1 } else { ZERO });
        for tile in 0..self.images * TILES {
            let (image, y, x) = (tile / TILES, tile % TILES / ACROSS, tile % ACROSS);
            let valid = [TILE.min(POSITIONS - TILE * y), TILE.min(POSITIONS - TILE * x)];
            for channel in (0..self.place.map.channels).step_by(V::LANES) {
                let place = self.place.tile(image, [y, x]) + channel;
                // SAFETY: see above.
                unsafe {
                    let from = self.points.as_ptr().add(tile * self.matrices.pitch + channel);
                    let mut rows = [[V::zero(); TILE]; POINTS];
                    for (u, row) in rows.iter_mut().enumerate().skip(first[0]) {
                        let mut values = [V::zero(); POINTS];
                        for (v, value) in values.iter_mut().enumerate().skip(first[1]) {
                            *value = V::load(from.add((u * POINTS + v) * self.matrices.stride));
                        }
                        *row = outputs(values);
                    }
                    let bias = V::load(self.bias.as_ptr().add(channel));
                    for s in 0..valid[1] {
                        let mut values = [V::zero(); POINTS];
                        for (value, row) in values.iter_mut().zip(&rows) {
                            *value = row[s];
                        }
                        let column = outputs(values);
                        for (r, value) in column.into_iter().enumerate().take(valid[0]) {
                            let at = place + r * down + s * across;
                            let value = match self.finish {
                                Finish::Keep => value,
                                Finish::Bias => value.add(bias),
                                Finish::BiasRelu => value.add(bias).relu(),
                                Finish::Gate(gate) => value.gated_by(V::load(gate.as_ptr().add(at))),
                            };
                            value.store(self.maps.as_mut_ptr().add(at));
                        }
                    }
                }
            }
        }
    }
}
