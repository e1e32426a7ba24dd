//! [`Tiled`]: windows by way of the points of [`super::transforms`], down to the small map or up to the large one. The geometry is
//! that of [`Windows`], the work up to four times less than that of plain windows.
//!
//! At each of the 36 points the channels meet in one matrix product over all tiles of a [`Band`]. The phases' channels lie side by
//! side.

use super::gather::to_points;
use super::gradient::TiledGradient;
use super::level::Level;
use super::place::{Place, Scratch};
use super::scatter::{FromHere, from_points};
use super::tiles::Band;
use super::transforms::Inputs;
use super::weights::Weights;
use crate::kernels::gemm::{Buffer, Finish, Former, Matrix, multiply_all};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// A weight for one way.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Tiled {
    place: Place,
    weights: Weights,
}

impl Tiled {
    /// For the way down, or up; none where this algorithm does not know the windows.
    pub(in crate::kernels) fn new(isa: Isa, windows: &Windows, is_up: bool) -> Option<Self> {
        let place = Place::of(isa, windows, is_up)?;
        let (large, small) = (place.large.map, place.small.map);
        let weights = match is_up {
            false => Weights::new(isa, place.phases, small.pixel, |phases| [phases * large.pixel, small.channels]),
            true => {
                let columns = |phases| (phases - 1) * large.pixel + large.channels;
                Weights::new(isa, place.phases, large.pixel, |phases| [small.pixel, columns(phases)])
            }
        };
        Some(Self { place, weights })
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(in crate::kernels) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.set_bias(bias);
        let (large, small) = (self.place.large.map, self.place.small.map);
        let (taps, channels) = (self.place.phases.kernel().pow(2), large.channels);
        if self.place.phases.is_up {
            for s in 0..small.channels {
                let weight = &weight[s * channels * taps..];
                self.weights.fill(weight, taps, channels, |phase| [s, phase * large.pixel]);
            }
            return;
        }
        for l in 0..channels {
            let weight = &weight[l * taps..];
            self.weights.fill(weight, channels * taps, small.channels, |phase| [phase * large.pixel + l, 0]);
        }
    }

    /// Large maps to small ones, and where it is asked for the weight gradient of the large maps and of others.
    pub(in crate::kernels) fn down(
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
            self.multiply(&band, [&place.large, &place.small], &scratch.large, &mut scratch.small);
            let (origin, bias) = (place.phases.small_origin(), self.weights.bias());
            let here = FromHere { level: &place.small, band: &band, origin, without_zero: [false; 2], bias, finish };
            from_points(place.isa, here, &scratch.small, small);
            if let Some((gradient, small, former, sums)) = &mut gradient {
                gradient.of_gathered(&band, small, scratch, former.of_part(number), sums);
            }
        }
    }

    /// Small maps to large ones.
    pub(in crate::kernels) fn up(
        &self,
        images: usize,
        small: &[f32],
        (large, finish): (&mut [f32], Finish<'_>),
        scratch: &mut Scratch,
    ) {
        let place = &self.place;
        for band in place.bands(images) {
            let origin = place.phases.small_origin();
            to_points::<Inputs, 6, 5>(place.isa, &place.small, &band, origin, small, &mut scratch.small);
            self.multiply(&band, [&place.small, &place.large], &scratch.small, &mut scratch.large);
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

    /// The products at all points, from one level to the other. Of the large one a point has some phases only.
    fn multiply(&self, band: &Band, [from, to]: [&Level; 2], input: &Buffer, output: &mut Buffer) {
        let place = &self.place;
        let matrices = self.weights.at_points(|point, weights| {
            let rows = band.rows(point);
            let start = place.phases.at(point).start * place.large.map.pixel;
            let [skipped, left_out] = if place.phases.is_up { [0, start] } else { [start, 0] };
            Matrix {
                rows: rows.len(),
                input: from.at(point, rows.start) + skipped,
                output: to.at(point, rows.start) + left_out,
                weights,
            }
        });
        multiply_all(place.isa, &matrices, [from.pitch, to.pitch], input, output);
    }

    /// Floats of the scratch.
    pub(in crate::kernels) fn scratch(&self) -> [usize; 2] {
        self.place.scratch()
    }

    /// Bytes that an image takes at the points.
    pub(in crate::kernels) fn bytes(&self) -> usize {
        self.place.bytes()
    }
}
