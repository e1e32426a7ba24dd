//! [`RowLinear`]: a linear layer of the last dimension of a value of many rows, which lies flat. One product has the rows of all images.

use super::exact::Exact;
use super::task::Task;
use crate::kernels::gemm::{Buffer, Finish, Former, Packed, Side, accumulate};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;

/// A packed weight (outputs, inputs) for both directions, and a bias.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct RowLinear {
    isa: Isa,
    there: Exact,
    back: Exact,
    forward: Packed,
    backward: Packed,
    /// As a weight gradient sees them, floats from one image to the next: of the input and of the gradient of the output.
    pitches: [usize; 2],
}

impl RowLinear {
    /// Of so many rows, from `input` to `output`, and back from the gradient of the output to that of the input.
    pub(in crate::kernels) fn new(
        isa: Isa,
        rows: usize,
        [input, d_input]: [Map; 2],
        [output, d_output]: [Map; 2],
    ) -> Self {
        let [inputs, outputs] = [input, output].map(|map| map.content() / rows);
        let scaled = |count: usize, by: usize| (0..count).map(|at| at * by).collect::<Vec<_>>();
        let forward = Packed::new(isa.panel(), scaled(inputs, 1), scaled(outputs, inputs), scaled(outputs, 1));
        let backward = Packed::new(isa.panel(), scaled(outputs, inputs), scaled(inputs, 1), Vec::new());
        let exact = |depth: usize, columns: usize, sides: [Map; 2]| Exact {
            rows,
            depth,
            columns,
            pitches: sides.map(Map::floats),
        };
        let there = exact(inputs, outputs, [input, output]);
        let back = exact(outputs, inputs, [d_output, d_input]);
        Self { isa, there, back, forward, backward, pitches: [input, d_output].map(Map::floats) }
    }

    /// Hands out the packing of both directions.
    pub(in crate::kernels) fn fill<'a>(
        &'a mut self,
        weight: &'a [f32],
        bias: &'a [f32],
        mut hand_out: impl FnMut(Task<'a>),
    ) {
        let Self { forward, backward, .. } = self;
        hand_out(Box::new(move || forward.fill(weight, bias)));
        hand_out(Box::new(move || backward.fill(weight, &[])));
    }

    pub(in crate::kernels) fn forward(
        &self,
        images: usize,
        input: &[f32],
        output: &mut [f32],
        finish: Finish<'_>,
        wide: &mut Buffer,
    ) {
        self.there.multiply(self.isa, images, input, &self.forward, output, finish, wide);
    }

    pub(in crate::kernels) fn backward(
        &self,
        images: usize,
        d_output: &[f32],
        d_input: &mut [f32],
        finish: Finish<'_>,
        wide: &mut Buffer,
    ) {
        self.back.multiply(self.isa, images, d_output, &self.backward, d_input, finish, wide);
    }

    /// Writes the weight gradient (outputs, inputs) and the bias gradient of `images` images, or adds to them.
    pub(in crate::kernels) fn weight_gradient(
        &self,
        images: usize,
        [input, d_output]: [&[f32]; 2],
        former: Former,
        (weight, bias): (&mut [f32], &mut [f32]),
    ) {
        let Exact { rows, depth: inputs, columns: outputs, .. } = self.there;
        let left = Side { floats: d_output, strides: [self.pitches[1], outputs], length: outputs };
        let right = Side { floats: input, strides: [self.pitches[0], inputs], length: inputs };
        accumulate(self.isa, [images, rows], left, right, former, weight, inputs);
        former.clear(bias);
        for image in d_output.chunks(self.pitches[1]).take(images) {
            for row in image.chunks_exact(outputs).take(rows) {
                bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
    }

    /// Floats of scratch.
    pub(in crate::kernels) fn wide(&self) -> usize {
        self.there.wide(self.isa).max(self.back.wide(self.isa))
    }
}
