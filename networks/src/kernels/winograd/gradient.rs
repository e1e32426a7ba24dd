//! The weight gradient of windows, summed at the points of [`super::transforms`] over all images, and then taken to the taps.

use super::gather::to_points;
use super::level::{Level, odd_lines};
use super::place::{Place, Scratch};
use super::taps::points_to_filter;
use super::tiles::{Band, Point};
use super::transforms::{LONG, Outputs, POINTS, SHORT};
use crate::kernels::gemm::{Former, Side, accumulate};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// Filters that are taken to their taps side by side: one cache line of sums.
const TOGETHER: usize = 16;

/// The weight gradient of windows.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct TiledGradient {
    place: Place,
    /// Floats from the sums `[phase, l][s]` of one point to those of the next: an odd number of cache lines.
    stride: usize,
}

impl TiledGradient {
    /// None where this algorithm does not know the windows.
    pub(in crate::kernels) fn new(isa: Isa, windows: &Windows) -> Option<Self> {
        let place = Place::of(isa, windows, false)?;
        let sums = place.phases.count() * windows.large.pixel * windows.small.pixel;
        Some(Self { place, stride: odd_lines(sums) })
    }

    /// Floats of the sums.
    pub(in crate::kernels) fn sums(&self) -> usize {
        Point::COUNT * self.stride
    }

    /// Floats of the scratch.
    pub(in crate::kernels) fn scratch(&self) -> [usize; 2] {
        self.place.scratch()
    }

    /// Sums the gradient of `images` pairs of maps.
    pub(in crate::kernels) fn run(
        &self,
        images: usize,
        large: &[f32],
        small: &[f32],
        scratch: &mut Scratch,
        former: Former,
        sums: &mut [f32],
    ) {
        for (band, number) in self.place.bands(images).zip(0..) {
            self.place.gather(&band, large, scratch);
            self.of_gathered(&band, small, scratch, former.of_part(number), sums);
        }
    }

    /// Sums the gradient of a band of large maps that are at the points already, and of as many small ones.
    pub(super) fn of_gathered(
        &self,
        band: &Band,
        small: &[f32],
        scratch: &mut Scratch,
        former: Former,
        sums: &mut [f32],
    ) {
        let Place { isa, phases, small: level, large, .. } = &self.place;
        // Whole registers: what is more than the channels nobody reads.
        let columns = level.map.pixel;
        to_points::<Outputs, LONG, SHORT>(*isa, level, band, [0, 0], small, &mut scratch.small);
        for (point, sums) in Point::all().zip(sums.chunks_exact_mut(self.stride)) {
            let (those, rows) = (phases.at(point), band.rows(point));
            let side = |level: &Level, floats, length| Side { floats, strides: [0, level.pitch], length };
            let left = &scratch.large[large.at(point, rows.start) + those.start * large.map.pixel..];
            let left = side(large, left, those.len() * large.map.pixel);
            let right = side(level, &scratch.small[level.at(point, rows.start)..], columns);
            let sums = &mut sums[those.start * large.map.pixel * columns..];
            accumulate(*isa, [1, rows.len()], left, right, former, sums, columns);
        }
    }

    /// Writes the sums at the points to a gradient `[s][l][ky][kx]`.
    pub(in crate::kernels) fn write(&self, sums: &[f32], gradient: &mut [f32]) {
        let (large, small) = (self.place.large.map.channels, self.place.small.map.channels);
        let (phases, pixel, columns) = (self.place.phases, self.place.large.map.pixel, self.place.small.map.pixel);
        let taps = phases.kernel() * phases.kernel();
        for l in 0..large {
            for s in (0..small).step_by(TOGETHER) {
                let lanes = TOGETHER.min(small - s);
                for phase in 0..phases.count() {
                    let mut values = [[[0.0; TOGETHER]; POINTS]; POINTS];
                    for (value, sums) in values.as_flattened_mut().iter_mut().zip(sums.chunks_exact(self.stride)) {
                        value[..lanes].copy_from_slice(&sums[(phase * pixel + l) * columns + s..][..lanes]);
                    }
                    for (y, row) in points_to_filter(&values).iter().enumerate() {
                        for (x, values) in row.iter().enumerate() {
                            let Some(tap) = phases.tap(phase, [y, x]) else { continue };
                            for (lane, value) in values[..lanes].iter().enumerate() {
                                gradient[((s + lane) * large + l) * taps + tap] = *value;
                            }
                        }
                    }
                }
            }
        }
    }
}
