//! Linear layers, whose input or output may be a feature map: the weights of the flattened map are permuted from
//! PyTorch's `(channel, row, column)` order when they are packed, so that channels-last maps feed them directly.

use rayon::Scope;

use super::finish::Finish;
use super::isa::Isa;
use super::map::{Grid, INNER};
use super::outer::{self, Former, Side};
use super::pack::Packed;
use super::product::{Rows, multiply};
use super::runs::Runs;

/// How the features of one image lie in memory: `pieces` of `length` floats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Features {
    pieces: usize,
    length: usize,
    origin: usize,
    stride: usize,
    pitch: usize,
}

impl Features {
    /// A row of a matrix. Rows are an odd number of cache lines apart, lest a column of them fall into one cache set,
    /// and have room for whole panels.
    pub(super) const fn vector(length: usize) -> Self {
        Self { pieces: 1, length, origin: 0, stride: 0, pitch: length.next_multiple_of(32) + 16 }
    }

    /// The flattened [`INNER`] map.
    pub(super) const MAP: Self = Self {
        pieces: INNER.size,
        length: INNER.size * INNER.channels,
        origin: INNER.at(0, 0),
        stride: INNER.row(),
        pitch: INNER.floats(),
    };

    /// Floats from one image to the next.
    pub(super) const fn pitch(self) -> usize {
        self.pitch
    }

    const fn count(self) -> usize {
        self.pieces * self.length
    }

    /// PyTorch's index of each feature, in the order in which they lie here.
    fn order(self) -> Vec<usize> {
        match self.pieces {
            1 => (0..self.length).collect(),
            _ => (0..self.count()).map(|at| at % INNER.channels * INNER.pixels() + at / INNER.channels).collect(),
        }
    }
}

/// A packed weight (outputs, inputs) for both directions, and a bias.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    input: Features,
    output: Features,
    forward: Packed,
    backward: Packed,
}

impl Linear {
    pub(super) fn new(isa: Isa, input: Features, output: Features) -> Self {
        let columns = input.order();
        let rows: Vec<usize> = output.order().into_iter().map(|row| row * input.count()).collect();
        Self {
            input,
            output,
            forward: Packed::new(isa.panel(), columns.clone(), rows.clone(), output.order()),
            backward: Packed::new(isa.panel(), rows, columns, Vec::new()),
        }
    }

    /// Packs both directions, as tasks of their own.
    pub(super) fn fill<'a>(&'a mut self, scope: &Scope<'a>, (weight, bias): (&'a [f32], &'a [f32])) {
        let Self { forward, backward, .. } = self;
        scope.spawn(move |_| forward.fill(weight, bias));
        scope.spawn(move |_| backward.fill(weight, &[]));
    }

    pub(super) fn forward(&self, isa: Isa, images: usize, input: &[f32], output: &mut [f32], finish: Finish<'_>) {
        product(isa, images, &self.forward, (self.input, input), (self.output, output), finish);
    }

    pub(super) fn backward(&self, isa: Isa, images: usize, output: &[f32], input: &mut [f32], finish: Finish<'_>) {
        product(isa, images, &self.backward, (self.output, output), (self.input, input), finish);
    }
}

fn product(
    isa: Isa,
    images: usize,
    weights: &Packed,
    (from, input): (Features, &[f32]),
    (to, output): (Features, &mut [f32]),
    finish: Finish<'_>,
) {
    let runs = Runs { count: from.pieces, length: from.length, stride: from.stride };
    for piece in 0..to.pieces {
        let grid = |features: Features, piece: usize| Grid {
            origin: features.origin + piece * features.stride,
            strides: [features.pitch, 0, 0],
        };
        let rows = Rows { counts: [images, 1, 1], input: grid(from, 0), output: grid(to, piece) };
        let panels = weights.columns(piece * to.length..(piece + 1) * to.length);
        multiply(isa, rows, runs, input, panels, output, finish);
    }
}

/// A batch of plain vectors: floats, distance from one to the next, and length of each.
pub(super) type Batch<'a> = (&'a [f32], usize, usize);

/// Writes the weight gradient (outputs, inputs) and the bias gradient of `images` rows.
pub(super) fn weight_gradient(
    isa: Isa,
    images: usize,
    (d_output, output_pitch, outputs): Batch<'_>,
    (input, input_pitch, inputs): Batch<'_>,
    (weight, bias): (&mut [f32], &mut [f32]),
) {
    let left = Side { floats: d_output, strides: [0, output_pitch], length: outputs };
    let right = Side { floats: input, strides: [0, input_pitch], length: inputs };
    outer::accumulate(isa, [1, images], left, right, Former::Dropped, weight, inputs);
    bias.fill(0.0);
    for row in d_output.chunks(output_pitch).take(images) {
        bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}

/// Copies [`INNER`] maps to flat rows in PyTorch's `(channel, row, column)` order, `pitch` floats apart.
pub(super) fn flatten(images: usize, maps: &[f32], flat: &mut [f32], pitch: usize) {
    for (map, flat) in maps.chunks_exact(INNER.floats()).zip(flat.chunks_exact_mut(pitch)).take(images) {
        for y in 0..INNER.size {
            for x in 0..INNER.size {
                let pixel = &map[INNER.at(y as isize, x as isize)..][..INNER.channels];
                let flat = &mut flat[y * INNER.size + x..];
                for (channel, value) in pixel.iter().enumerate() {
                    flat[channel * INNER.pixels()] = *value;
                }
            }
        }
    }
}
