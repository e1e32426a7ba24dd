//! The way forward.

use std::mem;
use std::ops::Range;

use super::memory::Memory;
use super::packed::Network;
use super::plan::{Step, StepOp, Then};
use super::{apply, blocks, pairwise};
use crate::kernels::elementwise;
use crate::kernels::functions::logistic;
use crate::kernels::gemm::Finish;
use crate::kernels::plain::{Batch, BatchMut};

impl Network {
    /// Computes the outputs of a batch: afterwards the memory holds them ([`Memory::output`]), and what [`Network::backward`] needs.
    /// Every input is `(B, elements)`, in PyTorch's order.
    ///
    /// # Panics
    /// When an input is not as many whole rows, or there are more than the memory holds.
    pub fn forward(&self, inputs: &[&[f32]], memory: &mut Memory) {
        let images = inputs.first().map_or(0, |input| input.len() / self.plan.inputs[0]);
        assert_eq!(inputs.len(), self.plan.inputs.len(), "inputs of the network");
        for (number, (input, elements)) in inputs.iter().zip(&self.plan.inputs).enumerate() {
            assert_eq!(input.len(), images * elements, "floats of input {number} of {images} images");
        }
        memory.check(self, images);
        memory.images = images;
        self.run(0..self.plan.steps.len(), inputs, memory);
    }

    /// Runs some steps.
    pub(super) fn run(&self, steps: Range<usize>, inputs: &[&[f32]], memory: &mut Memory) {
        for stretch in &self.stretches {
            for (first, count) in stretch.groups(memory.images) {
                for step in stretch.steps.clone().filter(|step| steps.contains(step)) {
                    self.step(&self.plan.steps[step], first, count, inputs, memory);
                }
            }
        }
    }

    /// Runs a step for `count` images from `first` on.
    fn step(&self, step: &Step, first: usize, count: usize, inputs: &[&[f32]], memory: &mut Memory) {
        let place = self.plan.places[step.to];
        let map = place.values;
        if let StepOp::Give(number) = step.op {
            let elements = self.plan.outputs[number];
            let output = &mut memory.outputs[number][first * elements..];
            map.give(count, &memory.values[step.to][first * map.floats()..], output, elements);
            return;
        }
        let mut to = mem::take(&mut memory.values[step.to]);
        let at = first * map.floats();
        let output = &mut to[at..at + map.extent(count)];
        let Memory { values, scratch, plain, .. } = &mut *memory;
        let maps = |at: usize| self.plan.places[step.from[at]].values;
        let from = |at: usize| &values[step.from[at]][first * maps(at).floats()..];
        match step.op {
            StepOp::Take(number) => {
                let elements = self.plan.inputs[number];
                map.take(count, &inputs[number][first * elements..], elements, output);
            }
            StepOp::Constant(layer) => self.layers[layer].forward(count, &[], output, Finish::Keep, scratch),
            StepOp::Scale(layer) => self.layers[layer].forward(count, from(0), output, Finish::Bias, scratch),
            StepOp::Linear(layer) | StepOp::Rows { layer, .. } | StepOp::Windowed { layer, .. } => {
                let finish = match (step.from.len(), place.then == Then::Relu && step.op.finishes()) {
                    (1, true) => Finish::BiasRelu,
                    (1, false) => Finish::Bias,
                    (_, true) => Finish::BiasPlusRelu(from(1)),
                    (_, false) => Finish::BiasPlus(from(1)),
                };
                self.layers[layer].forward(count, from(0), output, finish, scratch);
            }
            StepOp::Plain(number) => {
                let batch = |at: usize| Batch { floats: from(at), pitch: maps(at).floats() };
                let from: Vec<Batch<'_>> = (0..step.from.len()).map(batch).collect();
                let to = BatchMut { floats: output, pitch: map.floats() };
                self.plain[number].forward(self.isa, count, &from, to, plain);
            }
            StepOp::Copy => elementwise::copy(count, maps(0), from(0), map, output, |to, from| *to = from),
            StepOp::Function(function) => {
                elementwise::copy(count, maps(0), from(0), map, output, |to, from| *to = from);
                apply::apply(self.isa, function, count, map, output);
            }
            StepOp::Pairwise(function) => {
                pairwise::apply(function, count, (maps(0), from(0)), (maps(1), from(1)), (map, output));
            }
            StepOp::Concatenate => {
                let mut channel = 0;
                for at in 0..step.from.len() {
                    let (from, to) = ((maps(at), from(at), 0), (map, &mut *output, channel));
                    elementwise::copy_channels(count, from, to, |to, from| *to = from);
                    channel += maps(at).channels;
                }
            }
            StepOp::Select(ref channels) => {
                elementwise::select(count, channels, (maps(0), from(0)), (map, output));
            }
            StepOp::View => elementwise::view(count, maps(0), from(0), map, output, |to, from| *to = from),
            StepOp::AveragePool(size) => blocks::average(count, size, (maps(0), from(0)), (map, output)),
            StepOp::Pool(pool) => pool.apply(count, (maps(0), from(0)), (map, output)),
            StepOp::LocalResponse(response) => response.apply(count, (maps(0), from(0)), (map, output)),
            StepOp::Upsample(size) => {
                blocks::spread(count, size, (maps(0), from(0)), (map, output), |_| 1.0, |to, from| *to = from);
            }
            StepOp::Give(_) => {}
        }
        match place.then {
            Then::Relu if !step.op.finishes() => {
                map.rows_mut(count, output)
                    .flatten()
                    .for_each(|value| *value = if *value <= 0.0 { 0.0 } else { *value });
            }
            Then::Sigmoid if map.is_plain() => logistic(self.isa, &mut output[..count * map.floats()]),
            Then::Sigmoid => map.rows_mut(count, output).for_each(|row| logistic(self.isa, row)),
            Then::Function(function) => apply::apply(self.isa, function, count, map, output),
            _ => {}
        }
        memory.values[step.to] = to;
    }
}
