//! The weights of [`super::tiled`]: their values at the points of [`super::transforms`], a packed matrix for each.

use super::phases::Phases;
use super::taps::filter_to_points;
use super::tiles::Point;
use crate::kernels::gemm::{Buffer, Matrix, Packed, Panels};
use crate::kernels::simd::Isa;

/// Filters that are transformed side by side: half a cache line.
const TOGETHER: usize = 8;

/// A weight for one direction, and a bias.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    phases: Phases,
    points: Vec<Packed>,
    bias: Buffer,
}

impl Weights {
    /// Zeros: a bias of so many channels, and at each point a matrix of a `size` (depth and columns) that depends on how
    /// many phases have a value there.
    pub(super) fn new(isa: Isa, phases: Phases, channels: usize, size: impl Fn(usize) -> [usize; 2]) -> Self {
        let packed = |point: Point| {
            let [depth, columns] = size(phases.at(point).len());
            Packed::zeroed(isa.panel(), depth, columns)
        };
        Self { phases, points: Point::all().map(packed).collect(), bias: Buffer::zeroed(channels) }
    }

    /// The product at each point.
    pub(super) fn at_points<'a>(
        &'a self,
        product: impl Fn(Point, Panels<'a>) -> Matrix<'a>,
    ) -> [Matrix<'a>; Point::COUNT] {
        std::array::from_fn(|index| product(Point::of_index(index), self.points[index].all()))
    }

    /// The bias of each channel.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Takes a bias; none is a bias of zeros.
    pub(super) fn set_bias(&mut self, bias: &[f32]) {
        self.bias[..bias.len()].copy_from_slice(bias);
    }

    /// Takes the taps of `filters` filters, the first of `weight` and those `stride` floats apart, to the points. `place` is the row
    /// of the values and the column of the first filter's, given the place of a phase among those that have a value.
    pub(super) fn fill(&mut self, weight: &[f32], stride: usize, filters: usize, place: impl Fn(usize) -> [usize; 2]) {
        let taps = self.phases.kernel() * self.phases.kernel();
        for first in (0..filters).step_by(TOGETHER) {
            let count = TOGETHER.min(filters - first);
            let mut lanes = [[0.0; TOGETHER]; Phases::TAPS];
            for (lane, filter) in weight[first * stride..].chunks(stride).take(count).enumerate() {
                lanes.iter_mut().zip(&filter[..taps]).for_each(|(tap, weight)| tap[lane] = *weight);
            }
            for phase in 0..self.phases.count() {
                let mut filter = [[[0.0; TOGETHER]; 3]; 3];
                for (y, row) in filter.iter_mut().enumerate() {
                    for (x, value) in row.iter_mut().enumerate() {
                        if let Some(tap) = self.phases.tap(phase, [y, x]) {
                            *value = lanes[tap];
                        }
                    }
                }
                let values = filter_to_points(&filter);
                for (point, packed) in Point::all().zip(&mut self.points) {
                    let phases = self.phases.at(point);
                    if phases.contains(&phase) {
                        let [row, column] = place(phase - phases.start);
                        packed.set(row, column + first, &point.of(&values), count);
                    }
                }
            }
        }
    }
}
