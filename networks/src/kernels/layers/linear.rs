//! Linear layers, whose input or output may be a feature map: the weights of the flattened map are permuted from
//! PyTorch's `(channel, row, column)` order when they are packed, so that channels-last maps feed them directly.

use super::task::Task;
use crate::kernels::gemm::{Buffer, Finish, Former, Grid, PAD, Packed, Rows, Runs, Side, accumulate, multiply};
use crate::kernels::map::Map;
use crate::kernels::simd::Isa;

/// A packed weight (outputs, inputs) for both directions, and a bias.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Linear {
    isa: Isa,
    forward: Product,
    backward: Product,
    /// As a weight gradient sees them: input and gradient of the output.
    sides: [Map; 2],
}

/// One direction: a packed matrix for every row of the map that is written.
#[derive(Clone, Debug)]
struct Product {
    from: Map,
    runs: Vec<usize>,
    to: Map,
    weights: Vec<Packed>,
}

impl Product {
    /// `index` takes features of both maps, in PyTorch's order, to the places of their weights.
    fn new(isa: Isa, from: Map, to: Map, [deep, wide]: [usize; 2], has_bias: bool) -> Self {
        let scaled = |map: Map, y: usize, by: usize| -> Vec<usize> {
            map.order(y).map(|feature| feature.map_or(PAD, |feature| feature * by)).collect()
        };
        let depth: Vec<usize> = (0..from.size[0]).flat_map(|y| scaled(from, y, deep)).collect();
        let packed = |y: usize| {
            let biases = if has_bias { scaled(to, y, 1) } else { Vec::new() };
            Packed::new(isa.panel(), depth.clone(), scaled(to, y, wide), biases)
        };
        let runs = (0..from.size[0]).map(|y| y * from.row()).collect();
        Self { from, runs, to, weights: (0..to.size[0]).map(packed).collect() }
    }

    fn fill(&mut self, weight: &[f32], bias: &[f32]) {
        self.weights.iter_mut().for_each(|packed| packed.fill(weight, bias));
    }

    fn run(&self, isa: Isa, images: usize, input: &[f32], output: &mut [f32], finish: Finish<'_>) {
        let grid = |map: Map, y: usize| Grid { origin: map.at(y as isize, 0), strides: [0, 0, map.floats()] };
        for (y, weights) in self.weights.iter().enumerate() {
            let rows = Rows { counts: [1, 1, images], input: grid(self.from, 0), output: grid(self.to, y) };
            let runs = Runs { offsets: &self.runs, length: self.from.length() };
            multiply(isa, rows, runs, input, weights.all(), output, finish);
        }
    }
}

impl Linear {
    /// From `input` to `output`, and back from the gradient of the output to that of the input.
    pub(in crate::kernels) fn new(isa: Isa, [input, d_input]: [Map; 2], [output, d_output]: [Map; 2]) -> Self {
        let inputs = input.content();
        Self {
            isa,
            forward: Product::new(isa, input, output, [1, inputs], true),
            backward: Product::new(isa, d_output, d_input, [inputs, 1], false),
            sides: [input, d_output],
        }
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

    pub(in crate::kernels) fn forward(&self, images: usize, input: &[f32], output: &mut [f32], finish: Finish<'_>) {
        self.forward.run(self.isa, images, input, output, finish);
    }

    pub(in crate::kernels) fn backward(
        &self,
        images: usize,
        d_output: &[f32],
        d_input: &mut [f32],
        finish: Finish<'_>,
    ) {
        self.backward.run(self.isa, images, d_output, d_input, finish);
    }

    /// Floats of an image on both sides where they are maps, which have to be flattened for a weight gradient.
    pub(in crate::kernels) fn flat(&self) -> usize {
        self.sides.iter().filter(|map| !is_flat(map)).map(|map| Map::vector(map.content()).floats()).sum()
    }

    /// Writes the weight gradient (outputs, inputs) and the bias gradient of `images` rows, or adds to them.
    pub(in crate::kernels) fn weight_gradient(
        &self,
        images: usize,
        sides: [&[f32]; 2],
        flat: &mut Buffer,
        former: Former,
        (weight, bias): (&mut [f32], &mut [f32]),
    ) {
        let mut scratch = &mut flat[..];
        let [input, d_output] = [0, 1].map(|at| {
            let (map, floats) = (self.sides[at], sides[at]);
            if is_flat(&map) {
                return Side { floats, strides: [0, map.floats()], length: map.content() };
            }
            let pitch = Map::vector(map.content()).floats();
            let (now, later) = std::mem::take(&mut scratch).split_at_mut(images * pitch);
            scratch = later;
            map.give(images, floats, now, pitch);
            Side { floats: now, strides: [0, pitch], length: map.content() }
        });
        accumulate(self.isa, [1, images], d_output, input, former, weight, input.length);
        former.clear(bias);
        for row in d_output.floats.chunks(d_output.strides[1]).take(images) {
            bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
    }
}

/// Whether the features lie one behind the other, in PyTorch's order.
fn is_flat(map: &Map) -> bool {
    map.pixels() == 1 && map.at(0, 0) == 0
}
