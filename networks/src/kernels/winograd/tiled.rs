//! Windows by way of the points of [`super::transforms`]: down to the small map, and up to the large one. The geometry is that of
//! [`Windows`], the work up to four times less than that of plain windows.
//!
//! At each of the 36 points the channels meet in one matrix product over all tiles of a [`Band`](super::tiles::Band). The phases' channels lie side by
//! side.

use super::gather::to_points;
use super::gradient::TiledGradient;
use super::place::{Place, Scratch};
use super::scatter::{FromHere, from_points};
use super::transforms::Inputs;
use super::weights::Weights;
use crate::kernels::gemm::{Finish, Former, Matrix, multiply_all};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

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
