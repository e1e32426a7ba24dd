//! Windows by way of the points of [`super::transforms`]: down to the small map, and up to the large one. The geometry is that of
//! [`Windows`], the work up to four times less than that of plain windows.
//!
//! At each of the 36 points the channels meet in one matrix product over all tiles of a [`Band`]. The phases' channels lie side by
//! side.

use super::gather::to_points;
use super::gradient::TiledGradient;
use super::level::{Level, pitch};
use super::phases::Phases;
use super::scatter::{FromHere, from_points};
use super::tiles::{Axis, Band, Point};
use super::transforms::Inputs;
use super::weights::Weights;
use crate::kernels::gemm::{Buffer, Finish, Former, Matrix, multiply_all};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// Bytes of the values of both maps at the points: small enough to stay in the second cache beside the weights.
const BAND: usize = 800_000;

/// Scratch of one band: the large and the small maps at the points.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Scratch {
    pub(super) large: Buffer,
    pub(super) small: Buffer,
}

impl Scratch {
    /// Room for so many floats.
    pub(in crate::kernels) fn new([large, small]: [usize; 2]) -> Self {
        Self { large: Buffer::zeroed(large), small: Buffer::zeroed(small) }
    }
}

/// Where windows, tiles and points are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) isa: Isa,
    pub(super) phases: Phases,
    pub(super) axes: [Axis; 2],
    pub(super) large: Level,
    pub(super) small: Level,
    rows: usize,
}

impl Place {
    /// None where the windows are none that this algorithm knows, or channels do not fill registers.
    pub(super) fn of(isa: Isa, windows: &Windows, is_up: bool) -> Option<Self> {
        let Windows { large, small, stride, .. } = *windows;
        if [large, small].iter().any(|map| !map.pixel.is_multiple_of(isa.lanes())) {
            return None;
        }
        let (phases, axes) = Phases::of(windows, is_up)?;
        let bytes = Point::COUNT * (pitch(large, stride) + pitch(small, 1)) * size_of::<f32>();
        let rows = (BAND / bytes).max(axes[1].tiles());
        Some(Self {
            isa,
            phases,
            axes,
            large: Level::new(large, stride, rows),
            small: Level::new(small, 1, rows),
            rows,
        })
    }

    pub(super) fn bands(&self, images: usize) -> impl Iterator<Item = Band> + use<> {
        Band::all(self.axes, images, self.rows)
    }

    /// Large maps to the points. The last tiles of odd rows and columns reach a row and a pixel beyond the last map: the slice must
    /// go on, and what lies there is without effect, because odd parities have no value at infinity, the only point to see it.
    pub(super) fn gather(&self, band: &Band, maps: &[f32], scratch: &mut Scratch) {
        for phase in 0..self.phases.count() {
            let (level, origin) = (&self.large, self.phases.large_origin(phase));
            let points = &mut scratch.large[phase * level.map.pixel..];
            to_points::<Inputs, 6, 5>(self.isa, level, band, origin, maps, points);
        }
    }

    /// Floats of the scratch.
    pub(super) fn scratch(&self) -> [usize; 2] {
        [self.large.floats(), self.small.floats()]
    }

    /// Bytes that an image takes at the points, at most those of a band.
    fn bytes(&self) -> usize {
        let tiles = self.axes[0].tiles() * self.axes[1].tiles();
        let row = Point::COUNT * (self.large.pitch + self.small.pitch) * size_of::<f32>();
        (tiles * row).min(self.rows * row)
    }
}

/// A weight for the way down.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct TiledDown {
    place: Place,
    channels: [usize; 2],
    weights: Weights,
}

impl TiledDown {
    /// None where this algorithm does not know the windows.
    pub(in crate::kernels) fn new(isa: Isa, windows: &Windows) -> Option<Self> {
        let place = Place::of(isa, windows, false)?;
        let (large, small) = (place.large.map, place.small.map);
        let size = |phases| [phases * large.pixel, small.channels];
        let weights = Weights::new(isa, place.phases, small.pixel, size);
        Some(Self { place, channels: [large.channels, small.channels], weights })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(in crate::kernels) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.set_bias(bias);
        let (taps, pixel) = (self.place.phases.kernel().pow(2), self.place.large.map.pixel);
        let [large, small] = self.channels;
        for l in 0..large {
            self.weights.fill(&weight[l * taps..], large * taps, small, |phase| [phase * pixel + l, 0]);
        }
    }

    /// Large maps to small ones, and where it is asked for the weight gradient of the large maps and of others.
    pub(in crate::kernels) fn run(
        &self,
        images: usize,
        large: &[f32],
        (small, finish): (&mut [f32], Finish<'_>),
        scratch: &mut Scratch,
        mut gradient: Option<(&TiledGradient, &[f32], Former, &mut [f32])>,
    ) {
        let place = &self.place;
        for (band, number) in place.bands(images).zip(0..) {
            place.gather(&band, large, scratch);
            let matrices = self.weights.at_points(|point, weights| {
                let rows = band.rows(point);
                let start = place.phases.at(point).start * place.large.map.pixel;
                Matrix {
                    rows: rows.len(),
                    input: place.large.at(point, rows.start) + start,
                    output: place.small.at(point, rows.start),
                    weights,
                }
            });
            let pitches = [place.large.pitch, place.small.pitch];
            multiply_all(place.isa, &matrices, pitches, &scratch.large, &mut scratch.small);
            let (origin, bias) = (place.phases.small_origin(), self.weights.bias());
            let here = FromHere { level: &place.small, band: &band, origin, without_zero: [false; 2], bias, finish };
            from_points(place.isa, here, &scratch.small, small);
            if let Some((gradient, small, former, sums)) = &mut gradient {
                gradient.of_gathered(&band, small, scratch, former.of_part(number), sums);
            }
        }
    }
}

/// A weight for the way up.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct TiledUp {
    place: Place,
    channels: [usize; 2],
    weights: Weights,
}

impl TiledUp {
    /// None where this algorithm does not know the windows.
    pub(in crate::kernels) fn new(isa: Isa, windows: &Windows) -> Option<Self> {
        let place = Place::of(isa, windows, true)?;
        let (large, small) = (place.large.map, place.small.map);
        let size = |phases| [small.pixel, (phases - 1) * large.pixel + large.channels];
        let weights = Weights::new(isa, place.phases, large.pixel, size);
        Some(Self { place, channels: [large.channels, small.channels], weights })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(in crate::kernels) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.set_bias(bias);
        let (taps, pixel) = (self.place.phases.kernel().pow(2), self.place.large.map.pixel);
        let [large, small] = self.channels;
        for s in 0..small {
            self.weights.fill(&weight[s * large * taps..], taps, large, |phase| [s, phase * pixel]);
        }
    }

    /// Small maps to large ones.
    pub(in crate::kernels) fn run(
        &self,
        images: usize,
        small: &[f32],
        large: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        let place = &self.place;
        for band in place.bands(images) {
            let origin = place.phases.small_origin();
            to_points::<Inputs, 6, 5>(place.isa, &place.small, &band, origin, small, &mut scratch.small);
            let matrices = self.weights.at_points(|point, weights| {
                let rows = band.rows(point);
                let start = place.phases.at(point).start * place.large.map.pixel;
                Matrix {
                    rows: rows.len(),
                    input: place.small.at(point, rows.start),
                    output: place.large.at(point, rows.start) + start,
                    weights,
                }
            });
            let pitches = [place.small.pitch, place.large.pitch];
            multiply_all(place.isa, &matrices, pitches, &scratch.small, &mut scratch.large);
            for phase in 0..place.phases.count() {
                let here = FromHere {
                    level: &place.large,
                    band: &band,
                    origin: place.phases.large_origin(phase),
                    without_zero: place.phases.parity(phase).map(|parity| parity == 1),
                    bias: self.weights.bias(),
                    finish,
                };
                from_points(place.isa, here, &scratch.large[phase * place.large.map.pixel..], large);
            }
        }
    }
}

/// What a plan asks of both ways.
macro_rules! asked {
    ($($way:ident),*) => {$(
        impl $way {
            /// Floats of the scratch.
            pub(in crate::kernels) fn scratch(&self) -> [usize; 2] {
                self.place.scratch()
            }

            /// Bytes that an image takes at the points.
            pub(in crate::kernels) fn bytes(&self) -> usize {
                self.place.bytes()
            }
        }
    )*};
}
asked!(TiledDown, TiledUp);

/// Rows and columns of zeros that the tiles of the way down, or up, reach before and behind the map that is read, if there are
/// such tiles where maps have so many floats to a pixel.
pub(in crate::kernels) fn reach(windows: &Windows, is_up: bool) -> Option<[[usize; 2]; 2]> {
    let (phases, _) = Phases::of(windows, is_up)?;
    Some([0, 1].map(|way| phases.reach(windows, way)))
}
