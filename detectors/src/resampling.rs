//! Halving a plane by the mean of its 2x2 blocks, doubling it by repetition, and both ways back.
//!
//! A plane of odd height or width has smaller blocks at its end, so that halving and doubling fit any image.

use crate::convolution::Plane;

impl Plane {
    /// The plane of as many blocks.
    pub(crate) fn halved(self) -> Self {
        Self { height: self.height.div_ceil(2), width: self.width.div_ceil(2) }
    }

    /// Every pixel with its block: their places in the plane and in the halved one.
    fn blocks(self) -> impl Iterator<Item = (usize, usize)> {
        let coarse = self.halved();
        (0..self.height).flat_map(move |y| (0..self.width).map(move |x| (self.row(y) + x, coarse.row(y / 2) + x / 2)))
    }
}

/// The mean of every block of `fine`.
pub(crate) fn halve(fine: Plane, input: &[f32], output: &mut [f32]) {
    sum_blocks(fine, input, output);
    divide(fine, output);
}

/// The gradient to what was halved.
pub(crate) fn halve_backward(fine: Plane, d_output: &mut [f32], d_input: &mut [f32]) {
    divide(fine, d_output);
    double(fine, d_output, d_input);
}

/// Every block of `fine` from one pixel.
pub(crate) fn double(fine: Plane, input: &[f32], output: &mut [f32]) {
    for (input, output) in input.chunks_exact(fine.halved().len()).zip(output.chunks_exact_mut(fine.len())) {
        fine.blocks().for_each(|(pixel, block)| output[pixel] = input[block]);
    }
}

/// The sum of every block: also the gradient to what was doubled.
pub(crate) fn sum_blocks(fine: Plane, input: &[f32], output: &mut [f32]) {
    output.fill(0.0);
    for (input, output) in input.chunks_exact(fine.len()).zip(output.chunks_exact_mut(fine.halved().len())) {
        fine.blocks().for_each(|(pixel, block)| output[block] += input[pixel]);
    }
}

/// By the pixels of each block.
fn divide(fine: Plane, sums: &mut [f32]) {
    let coarse = fine.halved();
    for sums in sums.chunks_exact_mut(coarse.len()) {
        for y in 0..coarse.height {
            for x in 0..coarse.width {
                let pixels = (fine.height - 2 * y).min(2) * (fine.width - 2 * x).min(2);
                sums[coarse.row(y) + x] /= pixels as f32;
            }
        }
    }
}
