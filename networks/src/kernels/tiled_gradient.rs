//! The weight gradient of the windows between the middle and the inner map, summed at the points of [`super::winograd`]
//! over all images, and then taken to the taps.

use super::conv::{SIDE, TAPS};
use super::gather::to_points;
use super::isa::Isa;
use super::outer::{self, Former, Side};
use super::points::{Large, Level, Point, Small};
use super::quarters::ORDER;
use super::taps::points_to_filter;
use super::tiled::{Gathered, LARGE, PARITIES, SMALL, tap_down};
use super::winograd::{INFINITY, LONG, Outputs, POINTS, SHORT};

/// Floats from the sums `[parity, l][s]` of one point to those of the next: an odd number of cache lines.
const STRIDE: usize = PARITIES * SMALL + 16;
/// Floats of the sums.
pub(super) const SUMS: usize = Point::COUNT * STRIDE;
/// Filters that are taken to their taps side by side: one cache line of sums.
const TOGETHER: usize = 16;

impl Gathered<'_> {
    /// Sums the weight gradient of these maps and as many inner ones at the points.
    pub(super) fn weight_gradient(&mut self, isa: Isa, small: &[f32], former: Former, sums: &mut [f32]) {
        let images = self.images;
        to_points::<Small, Outputs, LONG, SHORT>(isa, images, [0, 0], small, self.small);
        for (point, sums) in Point::all().zip(sums.chunks_exact_mut(STRIDE)) {
            let parities = point.parities(INFINITY);
            let left = Side {
                floats: &self.large[point.at::<Large>(images) + parities.start * LARGE..],
                strides: [0, Large::PITCH],
                length: parities.len() * LARGE,
            };
            let right =
                Side { floats: &self.small[point.at::<Small>(images)..], strides: [0, Small::PITCH], length: SMALL };
            let sums = &mut sums[parities.start * LARGE * SMALL..];
            outer::accumulate(isa, [1, point.rows(images)], left, right, former, sums, SMALL);
        }
    }
}

/// Writes the sums at the points to a gradient `[s][l][ky][kx]`.
pub(super) fn write_gradient(sums: &[f32], gradient: &mut [f32]) {
    for l in 0..LARGE {
        for s in (0..SMALL).step_by(TOGETHER) {
            for (parity, [down, across]) in ORDER.into_iter().enumerate() {
                let mut values = [[[0.0; TOGETHER]; POINTS]; POINTS];
                for (value, sums) in values.as_flattened_mut().iter_mut().zip(sums.chunks_exact(STRIDE)) {
                    value.copy_from_slice(&sums[(parity * LARGE + l) * SMALL + s..][..TOGETHER]);
                }
                for (y, row) in points_to_filter(&values).iter().enumerate() {
                    for (x, lanes) in row.iter().enumerate() {
                        let (Some(ky), Some(kx)) = (tap_down(down, y), tap_down(across, x)) else { continue };
                        for (lane, value) in lanes.iter().enumerate() {
                            gradient[((s + lane) * LARGE + l) * TAPS + ky * SIDE + kx] = *value;
                        }
                    }
                }
            }
        }
    }
}
