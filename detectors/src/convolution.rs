//! [`Convolution`]: 3x3 windows over the planes of one image, each output through a logistic function; there and back.
//!
//! Single precision, one image, no allocation: what a small autoencoder needs to be trained on a CPU in seconds. Not a general
//! convolution: no strides, no other sizes, no other activations.

/// Taps of a window.
const TAPS: usize = 9;

/// The size of a plane. It is stored with a border of zeros, one pixel wide, row by row, so that a window is three runs of three
/// pixels wherever it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plane {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Plane {
    /// From one row to the next.
    pub(crate) fn stride(self) -> usize {
        self.width + 2
    }

    /// Floats of a plane.
    pub(crate) fn len(self) -> usize {
        (self.height + 2) * self.stride()
    }

    /// Where the pixels of a row begin.
    pub(crate) fn row(self, y: usize) -> usize {
        (y + 1) * self.stride() + 1
    }

    /// Floats from the first pixel to the last: the pixels and, between two rows, two floats of the border.
    fn run(self) -> usize {
        self.height * self.stride() - 2
    }

    /// Zeros in what a run has of the border.
    fn clear_border(self, run: &mut [f32]) {
        let width = self.width;
        run.chunks_mut(self.stride()).for_each(|row| row.iter_mut().skip(width).for_each(|pixel| *pixel = 0.0));
    }
}

/// A layer: how many planes come in and go out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Convolution {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

impl Convolution {
    /// Weights `(outputs, inputs, 3, 3)`.
    pub(crate) fn weights(self) -> usize {
        self.outputs * self.inputs * TAPS
    }

    /// Weights, and after them a bias for each output.
    pub(crate) fn parameters(self) -> usize {
        self.weights() + self.outputs
    }

    /// Planes to planes.
    pub(crate) fn forward(self, plane: Plane, parameters: &[f32], input: &[f32], output: &mut [f32]) {
        let (weights, biases) = parameters.split_at(self.weights());
        let filters = weights.chunks_exact(self.inputs * TAPS).zip(biases);
        for (output, (filter, &bias)) in output.chunks_exact_mut(plane.len()).zip(filters) {
            let run = &mut output[plane.row(0)..][..plane.run()];
            run.fill(bias);
            for (input, window) in input.chunks_exact(plane.len()).zip(filter.chunks_exact(TAPS)) {
                add_windows(plane, input, window, run);
            }
            run.iter_mut().for_each(|pixel| *pixel = 1.0 / (1.0 + (-*pixel).exp()));
            plane.clear_border(run);
        }
    }

    /// Adds the gradient to the parameters to `d_parameters`, if asked for, and leaves that to the input in `d_input`. On the way in
    /// `d_output` is the gradient to the output; it becomes that before the logistic function.
    pub(crate) fn backward(
        self,
        plane: Plane,
        parameters: &[f32],
        (input, output): (&[f32], &[f32]),
        d_output: &mut [f32],
        d_parameters: Option<&mut [f32]>,
        d_input: &mut [f32],
    ) {
        // Zero in the border, where the output is.
        d_output.iter_mut().zip(output).for_each(|(slope, y)| *slope *= y * (1.0 - y));
        if let Some(d_parameters) = d_parameters {
            let (d_weights, d_biases) = d_parameters.split_at_mut(self.weights());
            let filters = d_weights.chunks_exact_mut(self.inputs * TAPS).zip(d_biases);
            for (d_output, (d_filter, d_bias)) in d_output.chunks_exact(plane.len()).zip(filters) {
                let run = &d_output[plane.row(0)..][..plane.run()];
                *d_bias += run.iter().sum::<f32>();
                for (input, d_window) in input.chunks_exact(plane.len()).zip(d_filter.chunks_exact_mut(TAPS)) {
                    add_products(plane, input, run, d_window);
                }
            }
        }
        d_input.fill(0.0);
        for (d_output, filter) in d_output.chunks_exact(plane.len()).zip(parameters.chunks_exact(self.inputs * TAPS)) {
            for (d_input, window) in d_input.chunks_exact_mut(plane.len()).zip(filter.chunks_exact(TAPS)) {
                let turned: Vec<f32> = window.iter().rev().copied().collect();
                let run = &mut d_input[plane.row(0)..][..plane.run()];
                add_windows(plane, d_output, &turned, run);
                plane.clear_border(run);
            }
        }
    }
}

/// The three rows of taps around a run of pixels, each as its three runs of pixels, from left to right.
fn rows(plane: Plane, input: &[f32]) -> impl Iterator<Item = [&[f32]; 3]> {
    let corner = plane.row(0) - plane.stride() - 1;
    (0..3).map(move |y| [0, 1, 2].map(|x| &input[corner + y * plane.stride() + x..][..plane.run()]))
}

/// Adds the weighted sum of each pixel's window.
fn add_windows(plane: Plane, input: &[f32], window: &[f32], run: &mut [f32]) {
    for (row, weights) in rows(plane, input).zip(window.chunks_exact(3)) {
        let pixels = row[0].iter().zip(row[1]).zip(row[2]);
        for (sum, ((left, middle), right)) in run.iter_mut().zip(pixels) {
            *sum += weights[0] * left + weights[1] * middle + weights[2] * right;
        }
    }
}

/// Adds to each weight of a window the product of its pixels with the gradient.
fn add_products(plane: Plane, input: &[f32], run: &[f32], d_window: &mut [f32]) {
    for (pixels, d_weight) in rows(plane, input).flatten().zip(d_window) {
        *d_weight += dot(pixels, run);
    }
}

/// In eight sums, which fit vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f32>() + rest
}
