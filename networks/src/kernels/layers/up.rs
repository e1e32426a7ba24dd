//! Windows up, of any kind: a transposed convolution, or the input gradient of a convolution. The pixels of the large map that lie
//! `stride` apart are met by the same taps: each such phase is a product of its own, whose rows are gathered from the small map.

use crate::kernels::gemm::{Finish, PAD, Packed, Rows, Runs, multiply};
use crate::kernels::simd::Isa;
use crate::kernels::windows::{Reached, Windows};

/// A packed weight for the way up.
#[derive(Clone, Debug)]
pub(super) struct Up {
    windows: Windows,
    phases: Vec<Phase>,
}

/// Every `stride`-th pixel of the large map.
#[derive(Clone, Debug)]
struct Phase {
    /// The first of them.
    first: [usize; 2],
    counts: [usize; 2],
    /// Pixel of the small map where the runs of the first begin.
    origin: [isize; 2],
    runs: Vec<usize>,
    /// Floats of a run.
    length: usize,
    weights: Packed,
}

impl Up {
    pub(super) fn new(isa: Isa, windows: Windows) -> Self {
        let phases = windows.phases().map(|phase| Phase::new(isa, &windows, phase));
        Self { phases: phases.collect(), windows }
    }

    /// Takes a weight `[s][l][ky][kx]`; no bias is a bias of zeros.
    pub(super) fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.phases.iter_mut().for_each(|phase| phase.weights.fill(weight, bias));
    }

    /// `images` small maps to large ones.
    pub(super) fn run(&self, isa: Isa, images: usize, small: &[f32], large: &mut [f32], finish: Finish<'_>) {
        let Windows { large: to, small: from, stride, .. } = self.windows;
        for Phase { first, counts, origin, runs, length, weights } in &self.phases {
            let rows = Rows {
                counts: [images, counts[0], counts[1]],
                input: from.grid(*origin, [1, 1]),
                output: to.grid(first.map(|first| first as isize), stride),
            };
            let runs = Runs { offsets: runs, length: *length };
            multiply(isa, rows, runs, small, weights.all(), large, finish);
        }
    }
}

impl Phase {
    fn new(isa: Isa, windows: &Windows, first: [usize; 2]) -> Self {
        let Windows { large, small, .. } = *windows;
        let Reached { counts, origin, taps } = windows.reached(first);
        let mut runs: Vec<usize> = taps.iter().map(|&(_, run)| run).collect();
        let depth = taps.iter().flat_map(|&([ky, kx], _)| {
            (0..small.pixel).map(move |s| if s < small.channels { windows.weight(s, 0, ky, kx) } else { PAD })
        });
        let mut depth: Vec<usize> = depth.collect();
        let mut length = small.pixel;
        if runs.is_empty() {
            // No tap reaches these pixels: a zero is summed.
            (runs, depth, length) = (vec![0], vec![PAD], 1);
        }
        let outputs = (0..large.channels).map(|l| windows.weight(0, l, 0, 0)).collect();
        let weights = Packed::new(isa.panel(), depth, outputs, (0..large.channels).collect());
        Self { first, counts, origin, runs, length, weights }
    }
}
