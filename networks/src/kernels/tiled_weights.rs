//! The weights of [`super::tiled`]: their values at the points of [`super::winograd`], a packed matrix for each.

use super::buffer::Buffer;
use super::conv::{SIDE, TAPS};
use super::isa::Isa;
use super::pack::Packed;
use super::points::Point;
use super::quarters::ORDER;
use super::taps::filter_to_points;

/// Filters that are transformed side by side: half a cache line, which no panel is narrower than.
pub(super) const TOGETHER: usize = 8;

/// A weight for one direction, and a bias.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    points: Vec<Packed>,
    bias: Buffer,
    /// Where odd parities have no value.
    zero: usize,
}

impl Weights {
    /// Zeros: a bias of so many channels, and at each point a matrix of a `size` (depth and columns) that depends on how
    /// many parities have a value there.
    pub(super) fn new(isa: Isa, zero: usize, channels: usize, size: impl Fn(usize) -> [usize; 2]) -> Self {
        let packed = |point: Point| {
            let [depth, columns] = size(point.parities(zero).len());
            Packed::zeroed(isa.panel(), depth, columns)
        };
        Self { points: Point::all().map(packed).collect(), bias: Buffer::zeroed(channels), zero }
    }

    /// The matrix of each point.
    pub(super) fn at_points(&self) -> impl Iterator<Item = (Point, &Packed)> {
        Point::all().zip(&self.points)
    }

    /// The bias of each channel.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Takes a bias; none is a bias of zeros.
    pub(super) fn set_bias(&mut self, bias: &[f32]) {
        if !bias.is_empty() {
            self.bias.copy_from_slice(bias);
        }
    }

    /// Takes the 5x5 taps of [`TOGETHER`] filters, the first of `weight` and those `stride` apart, to the points. `tap`
    /// names the tap of five that is one of a parity's three, if it has that one; `place` is the row and the first column
    /// of the values, given the place of a parity among those that have a value.
    pub(super) fn fill(
        &mut self,
        weight: &[f32],
        stride: usize,
        tap: impl Fn(usize, usize) -> Option<usize>,
        place: impl Fn(usize) -> [usize; 2],
    ) {
        let mut taps = [[0.0; TOGETHER]; TAPS];
        for (lane, filter) in weight.chunks(stride).take(TOGETHER).enumerate() {
            taps.iter_mut().zip(filter).for_each(|(tap, weight)| tap[lane] = *weight);
        }
        for (parity, [down, across]) in ORDER.into_iter().enumerate() {
            let mut filter = [[[0.0; TOGETHER]; 3]; 3];
            for (y, row) in filter.iter_mut().enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    if let (Some(ky), Some(kx)) = (tap(down, y), tap(across, x)) {
                        *value = taps[ky * SIDE + kx];
                    }
                }
            }
            let values = filter_to_points(&filter);
            for (point, packed) in Point::all().zip(&mut self.points) {
                let parities = point.parities(self.zero);
                if parities.contains(&parity) {
                    let [row, column] = place(parity - parities.start);
                    packed.row_mut(row, column)[..TOGETHER].copy_from_slice(&point.of(&values));
                }
            }
        }
    }
}
