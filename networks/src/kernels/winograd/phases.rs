//! [`Phases`]: windows of a stride as windows of stride 1, one for each parity of the large map's rows and columns.
//!
//! A 5x5 window of stride 2 and padding 2 is a sum of four windows: 3 taps where the parity is even, 2 where it is odd. Written as
//! 3 taps, an odd filter lacks its last tap on the way down, and its first on the way up: there its values at one point are zero, and
//! are left out. A 3x3 window of stride 1 has one phase, with all its taps.

use std::ops::Range;

use super::tiles::{Axis, ORDER, Point, range};
use super::transforms::{INFINITY, ZERO};
use crate::kernels::windows::Windows;

/// The windows of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phases {
    pub(super) is_up: bool,
    /// 1 or 2.
    pub(super) stride: usize,
    padding: [usize; 2],
}

impl Phases {
    /// The most taps of a window.
    pub(super) const TAPS: usize = 25;

    /// The way down (to the small map), or up, of windows, and the tiles of the map that it leads to; none where the windows are
    /// others, or a map is too small for tiles.
    pub(super) fn of(windows: &Windows, is_up: bool) -> Option<(Self, [Axis; 2])> {
        let Windows { large, small, kernel, stride, dilation, padding } = *windows;
        let known = match (kernel, stride, dilation) {
            ([3, 3], [1, 1], [1, 1]) => padding[0] <= 2 && padding[1] <= 2,
            ([5, 5], [2, 2], [1, 1]) => padding == [2, 2] && large.size == small.size.map(|size| 2 * size),
            _ => false,
        };
        let stride = stride[0];
        let to = if is_up && stride == 1 { large } else { small };
        let [Some(down), Some(across)] = to.size.map(Axis::of) else { return None };
        known.then_some((Self { is_up, stride, padding }, [down, across]))
    }

    pub(super) fn count(self) -> usize {
        self.stride * self.stride
    }

    /// Height and width of the window.
    pub(super) fn kernel(self) -> usize {
        if self.stride == 1 { 3 } else { 5 }
    }

    /// The phases that have a value at a point.
    pub(super) fn at(self, point: Point) -> Range<usize> {
        let zero = if self.is_up { ZERO } else { INFINITY };
        if self.stride == 1 { 0..1 } else { range([point.0[0] == zero, point.0[1] == zero]) }
    }

    /// Parity of the rows and columns of a phase.
    pub(super) fn parity(self, phase: usize) -> [usize; 2] {
        if self.stride == 1 { [0, 0] } else { ORDER[phase] }
    }

    /// The first pixel of the first tile, for each phase: on the way down of the large map that is read, on the way up of the one
    /// that is written.
    pub(super) fn large_origin(self, phase: usize) -> [isize; 2] {
        let parity = self.parity(phase);
        [0, 1].map(|way| parity[way] as isize - if self.is_up { 0 } else { self.padding[way] as isize })
    }

    /// The same of the small map.
    pub(super) fn small_origin(self) -> [isize; 2] {
        match (self.is_up, self.stride) {
            (false, _) => [0, 0],
            (true, 1) => self.padding.map(|padding| padding as isize - 2),
            (true, _) => [-1, -1],
        }
    }

    /// Which tap of the window is one of the three by three of a phase, if there is one.
    pub(super) fn tap(self, phase: usize, three: [usize; 2]) -> Option<usize> {
        let parity = self.parity(phase);
        // Down, rows `2i - 2, 2i, 2i + 2` meet taps 0, 2, 4; rows `2i - 1, 2i + 1` taps 1, 3. Up, row `2i` meets rows
        // `i - 1, i, i + 1` through taps 4, 2, 0; row `2i + 1` meets `i, i + 1` through 3, 1.
        let tap = |way: usize| match self.is_up {
            false => self.stride * three[way] + parity[way],
            true => (2 * self.stride + parity[way]) - self.stride * three[way],
        };
        let side = self.kernel();
        (tap(0) < side && tap(1) < side).then(|| tap(0) * side + tap(1))
    }
}
