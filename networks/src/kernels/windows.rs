//! [`Windows`]: the geometry between a large map and a small one that convolutions and transposed convolutions share.
//!
//! With a weight `w[s][l][ky][kx]` (small channel, large channel, tap), which is PyTorch's layout of both, a pixel `(i, j)` of the
//! small map meets the pixels `(i stride - padding + ky dilation, ...)` of the large one:
//! - down: `small[i][j][s] = sum over l, ky, kx of w * large[..][..][l]`: a convolution, or the input gradient of a transposed one;
//! - up, its adjoint: a transposed convolution, or the input gradient of a convolution;
//! - the weight gradient, the same for both: `sum over i, j of large[..][..][l] * small[i][j][s]`.

use super::map::Map;

/// The two maps, and how the windows lie on the large one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) large: Map,
    pub(super) small: Map,
    /// Height and width of a window, in taps.
    pub(super) kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub(super) stride: [usize; 2],
    /// Pixels from one tap to the next.
    pub(super) dilation: [usize; 2],
    /// Rows above and columns left of the large map that the first window reaches. How far the last one reaches follows from the maps.
    pub(super) padding: [usize; 2],
}

/// Every `stride`-th pixel of the large map from a first one on, as the way up sees them: all are met by the same taps.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// Rows and columns of such pixels.
    pub(super) counts: [usize; 2],
    /// The first small pixel that the first of them meets.
    pub(super) origin: [isize; 2],
    /// The taps, each with how many floats behind `origin` the small pixel lies that has it.
    pub(super) taps: Vec<([usize; 2], usize)>,
}

impl Windows {
    /// Taps of a window.
    pub(super) const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Floats from the first tap of a window to another one.
    pub(super) const fn tap(&self, ky: usize, kx: usize) -> usize {
        ky * self.dilation[0] * self.large.row() + kx * self.dilation[1] * self.large.pixel
    }

    /// Offset of a weight.
    pub(super) const fn weight(&self, s: usize, l: usize, ky: usize, kx: usize) -> usize {
        (s * self.large.channels + l) * self.taps() + ky * self.kernel[1] + kx
    }

    /// The first pixel of the first window.
    pub(super) fn origin(&self) -> [isize; 2] {
        self.padding.map(|padding| -(padding as isize))
    }

    /// Rows (`way` 0) or columns of zeros that windows reach, before and behind the large map.
    pub(super) fn reach(&self, way: usize) -> [usize; 2] {
        let last = (self.small.size[way] - 1) * self.stride[way] + (self.kernel[way] - 1) * self.dilation[way];
        [self.padding[way], (last + 1).saturating_sub(self.padding[way] + self.large.size[way])]
    }

    /// The first pixel of each phase: those of the large map that lie a stride apart.
    pub(super) fn phases(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let [rows, columns] = [0, 1].map(|way| self.large.size[way].min(self.stride[way]));
        (0..rows).flat_map(move |y| (0..columns).map(move |x| [y, x]))
    }

    /// The pixels of the phase of `first`, and what reaches them.
    pub(super) fn reached(&self, first: [usize; 2]) -> Reached {
        let [(rows, down), (columns, across)] = [0, 1].map(|way| self.phase(way, first[way]));
        let origin = [&down, &across].map(|taps| taps.first().map_or(0, |&(_, behind)| behind));
        let mut taps = Vec::with_capacity(down.len() * across.len());
        for &(ky, y) in &down {
            for &(kx, x) in &across {
                let run = (y - origin[0]) as usize * self.small.row() + (x - origin[1]) as usize * self.small.pixel;
                taps.push(([ky, kx], run));
            }
        }
        Reached { counts: [rows, columns], origin, taps }
    }

    /// Of the pixels `p + i stride` of the large map, where `p` is `phase`: how many there are, and the taps that reach each, with
    /// how far the small pixel that has the tap lies behind `i`. In the order of the small pixels.
    pub(super) fn phase(&self, way: usize, phase: usize) -> (usize, Vec<(usize, isize)>) {
        let stride = self.stride[way] as isize;
        let reaching = |tap: usize| {
            let distance = (phase + self.padding[way]) as isize - (tap * self.dilation[way]) as isize;
            (distance.rem_euclid(stride) == 0).then(|| (tap, distance.div_euclid(stride)))
        };
        let mut taps: Vec<_> = (0..self.kernel[way]).filter_map(reaching).collect();
        taps.sort_by_key(|&(_, behind)| behind);
        (self.large.size[way].saturating_sub(phase).div_ceil(self.stride[way]), taps)
    }

    /// Rows or columns of zeros that the way up reaches, before and behind the small map.
    pub(super) fn reach_up(&self, way: usize) -> [usize; 2] {
        let mut reach = [0, 0];
        for phase in 0..self.stride[way].min(self.large.size[way]) {
            let (count, taps) = self.phase(way, phase);
            if let (Some(first), Some(last), true) = (taps.first(), taps.last(), count > 0) {
                let end = count as isize + last.1 - self.small.size[way] as isize;
                reach = [reach[0].max((-first.1).max(0) as usize), reach[1].max(end.max(0) as usize)];
            }
        }
        reach
    }
}
