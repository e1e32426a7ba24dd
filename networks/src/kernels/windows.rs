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
    pub(super) stride: usize,
    pub(super) dilation: usize,
    /// Rows above and columns left of the large map that the first window reaches.
    pub(super) padding: [usize; 2],
}

impl Windows {
    /// Taps of a window.
    pub(super) const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
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
        let last = (self.small.size[way] - 1) * self.stride + (self.kernel[way] - 1) * self.dilation;
        [self.padding[way], (last + 1).saturating_sub(self.padding[way] + self.large.size[way])]
    }

    /// Of the pixels `p + i stride` of the large map, where `p` is `phase`: how many there are, and the taps that reach each, with
    /// how far the small pixel that has the tap lies behind `i`. In the order of the small pixels.
    pub(super) fn phase(&self, way: usize, phase: usize) -> (usize, Vec<(usize, isize)>) {
        let stride = self.stride as isize;
        let reaching = |tap: usize| {
            let distance = (phase + self.padding[way]) as isize - (tap * self.dilation) as isize;
            (distance.rem_euclid(stride) == 0).then(|| (tap, distance.div_euclid(stride)))
        };
        let mut taps: Vec<_> = (0..self.kernel[way]).filter_map(reaching).collect();
        taps.sort_by_key(|&(_, behind)| behind);
        (self.large.size[way].saturating_sub(phase).div_ceil(self.stride), taps)
    }

    /// Rows or columns of zeros that the way up reaches, before and behind the small map.
    pub(super) fn reach_up(&self, way: usize) -> [usize; 2] {
        let mut reach = [0, 0];
        for phase in 0..self.stride.min(self.large.size[way]) {
            let (count, taps) = self.phase(way, phase);
            if let (Some(first), Some(last), true) = (taps.first(), taps.last(), count > 0) {
                let end = count as isize + last.1 - self.small.size[way] as isize;
                reach = [reach[0].max((-first.1).max(0) as usize), reach[1].max(end.max(0) as usize)];
            }
        }
        reach
    }
}
