//! [`Place`]: where the windows, the tiles and the points of one direction are.

use super::gather::to_points;
use super::level::{Level, pitch};
use super::phases::Phases;
use super::tiles::{Axis, Band, Point};
use super::transforms::Inputs;
use crate::kernels::gemm::Buffer;
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
        let Windows { large, small, .. } = *windows;
        if [large, small].iter().any(|map| !map.pixel.is_multiple_of(isa.lanes())) {
            return None;
        }
        let (phases, axes) = Phases::of(windows, is_up)?;
        let stride = phases.stride;
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
    pub(super) fn bytes(&self) -> usize {
        let tiles = self.axes[0].tiles() * self.axes[1].tiles();
        let row = Point::COUNT * (self.large.pitch + self.small.pitch) * size_of::<f32>();
        (tiles * row).min(self.rows * row)
    }
}
