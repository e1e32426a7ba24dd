//! Windows down, of any kind: a convolution, or the input gradient of a transposed one, as one product whose rows are gathered
//! window by window (implicit GEMM).

use crate::kernels::gemm::{Finish, PAD, Packed, Rows, Runs, multiply};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;

/// A packed weight for the way down.
#[derive(Clone, Debug)]
pub(super) struct Down {
    windows: Windows,
    weights: Packed,
    /// Where the runs of a window begin, and their length.
    runs: (Vec<usize>, usize),
}

impl Down {
    pub(super) fn new(isa: Isa, windows: Windows) -> Self {
        let Windows { large, small, kernel, .. } = windows;
        let rows = taps(&windows).flat_map(|(ky, kx)| {
            (0..large.pixel).map(move |l| if l < large.channels { windows.weight(0, l, ky, kx) } else { PAD })
        });
        let columns = (0..small.channels).map(|s| windows.weight(s, 0, 0, 0));
        let biases = (0..small.channels).collect();
        let weights = Packed::new(isa.panel(), rows.collect(), columns.collect(), biases);
        // Without gaps a row of a window is one run.
        let runs = match windows.dilation[1] {
            1 => ((0..kernel[0]).map(|ky| windows.tap(ky, 0)).collect(), kernel[1] * large.pixel),
            _ => (taps(&windows).map(|(ky, kx)| windows.tap(ky, kx)).collect(), large.pixel),
        };
        Self { windows, weights, runs }
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.fill(weight, bias);
    }

    /// `images` large maps to small ones.
    pub(super) fn run(&self, isa: Isa, images: usize, large: &[f32], small: &mut [f32], finish: Finish<'_>) {
        let Windows { large: from, small: to, stride, .. } = self.windows;
        let rows = Rows {
            counts: [images, to.size[0], to.size[1]],
            input: from.grid(self.windows.origin(), stride),
            output: to.grid([0, 0], [1, 1]),
        };
        let runs = Runs { offsets: &self.runs.0, length: self.runs.1 };
        multiply(isa, rows, runs, large, self.weights.all(), small, finish);
    }
}

/// All taps, row by row.
fn taps(windows: &Windows) -> impl Iterator<Item = (usize, usize)> + use<> {
    let [height, width] = windows.kernel;
    (0..height).flat_map(move |ky| (0..width).map(move |kx| (ky, kx)))
}
