//! The way back: gradients to the inputs and to the weights.

use std::mem;

use super::layer::Layer;
use super::memory::Memory;
use super::packed::Network;
use super::plan::{Share, Step, StepOp, Then};
use super::{blocks, elementwise};
use crate::kernels::gemm::{Finish, Former};
use crate::kernels::layers::bias_gradient;

/// What is asked of a way back.
struct Asked<'a, 'b> {
    /// The gradients of a loss to the outputs, each `(B, elements)`; none is zeros.
    d_outputs: &'a [Option<&'a [f32]>],
    /// Where those to the inputs go.
    d_inputs: &'a mut [Option<&'b mut [f32]>],
    /// Where those to the weights go, in the order of the network's [`Layout`](crate::Layout).
    gradients: Option<&'a mut [f32]>,
    /// Whether the gradient of a place leads to anything that is asked for.
    wanted: Vec<bool>,
}

impl Network {
    /// The way back of the last [`Network::forward`]. `d_outputs` are the gradients of a loss to the outputs, each `(B, elements)`;
    /// none is zeros. Those to the inputs are written to `d_inputs`, those to all weights to `gradients`, in the order and the shapes
    /// of the network's [`Layout`](crate::Layout).
    ///
    /// # Panics
    /// When a length does not fit the last batch.
    pub fn backward(
        &self,
        d_outputs: &[Option<&[f32]>],
        memory: &mut Memory,
        d_inputs: &mut [Option<&mut [f32]>],
        gradients: Option<&mut [f32]>,
    ) {
        let images = memory.images;
        memory.check(self, images);
        let fits = |what: &str, number: usize, len: usize, elements: usize| {
            assert_eq!(len, images * elements, "floats of the gradient of {what} {number}");
        };
        assert_eq!((d_outputs.len(), d_inputs.len()), (self.plan.outputs.len(), self.plan.inputs.len()), "gradients");
        for (number, (d, &elements)) in d_outputs.iter().zip(&self.plan.outputs).enumerate() {
            d.iter().for_each(|d| fits("output", number, d.len(), elements));
        }
        for (number, (d, &elements)) in d_inputs.iter().zip(&self.plan.inputs).enumerate() {
            d.iter().for_each(|d| fits("input", number, d.len(), elements));
        }
        if let Some(gradients) = &gradients {
            assert_eq!(gradients.len(), self.floats(), "floats of the weights' gradients");
        }
        let mut wanted = vec![false; self.plan.places.len()];
        for step in self.plan.steps.iter().filter(|step| !matches!(step.op, StepOp::Give(_))) {
            wanted[step.to] = match step.op {
                StepOp::Take(number) => d_inputs[number].is_some(),
                _ => step.op.has_weights() && gradients.is_some() || step.from.iter().any(|&place| wanted[place]),
            };
        }
        let mut asked = Asked { d_outputs, d_inputs, gradients, wanted };
        for stretch in self.stretches.iter().rev() {
            for (first, count) in stretch.groups(images) {
                for (step, shares) in self.plan.back.iter().filter(|(step, _)| stretch.steps.contains(step)) {
                    self.step_back(&self.plan.steps[*step], shares, first, count, &mut asked, memory);
                }
            }
        }
        if let Some(gradients) = asked.gradients {
            for (number, layer) in self.layers.iter().enumerate() {
                if let Layer::Windowed(layer) = layer {
                    layer.write_gradient(&memory.sums[number], self.layer_gradient(number, gradients).0);
                }
            }
        }
    }

    /// The way back of a step for `count` images from `first` on.
    fn step_back(
        &self,
        step: &Step,
        shares: &[Share],
        first: usize,
        count: usize,
        asked: &mut Asked<'_, '_>,
        memory: &mut Memory,
    ) {
        if !asked.wanted[step.to] {
            return;
        }
        let map = self.plan.places[step.to].gradient;
        if let StepOp::Take(number) = step.op {
            if let Some(d_input) = &mut asked.d_inputs[number] {
                let (at, elements) = (memory.gradient_at(step.to, map, first), self.plan.inputs[number]);
                map.give(count, &memory.gradients[step.to][at..], &mut d_input[first * elements..], elements);
            }
            return;
        }
        let with_input = step.from.first().is_some_and(|&place| asked.wanted[place]);
        self.sum_weights(step, (first, count), with_input, asked, memory);
        let mut channel = 0;
        for (at, (&place, share)) in step.from.iter().zip(shares).enumerate() {
            let to = self.plan.places[place];
            if !asked.wanted[place] {
                channel += to.gradient.channels;
                continue;
            }
            let mut gradient = mem::take(&mut memory.gradients[place]);
            let begin = memory.gradient_at(place, to.gradient, first);
            let d_input = &mut gradient[begin..begin + to.gradient.extent(count)];
            let Memory { values, gradients, scratch, sums, of_a_group, .. } = &mut *memory;
            let values = &values[place][first * to.values.floats()..];
            let d_output = || {
                let at = if of_a_group[step.to] { 0 } else { first * map.floats() };
                &gradients[step.to][at..]
            };
            let pair = |to: &mut f32, from: f32| if share.is_first { *to = from } else { *to += from };
            match step.op {
                StepOp::Give(number) => {
                    let elements = self.plan.outputs[number];
                    match asked.d_outputs[number] {
                        Some(d) => to.gradient.take_with(count, &d[first * elements..], elements, d_input, pair),
                        None if share.is_first => to.gradient.rows_mut(count, d_input).for_each(|row| row.fill(0.0)),
                        None => {}
                    }
                }
                StepOp::Linear(number) | StepOp::Windowed { layer: number, .. } if at == 0 => {
                    let finish = match (share.is_first, share.is_last && to.then == Then::Relu) {
                        (true, false) => Finish::Keep,
                        (true, true) => Finish::Gate(values),
                        (false, false) => Finish::Add,
                        (false, true) => Finish::AddGate(values),
                    };
                    match &self.layers[number] {
                        Layer::Linear(layer) => layer.backward(count, d_output(), d_input, finish),
                        Layer::Windowed(layer) => {
                            let sums = &mut sums[number][..];
                            let sums = asked.gradients.is_some().then_some((Former::Dropped.of_part(first), sums));
                            layer.backward(count, [values, d_output()], Some((d_input, finish)), sums, scratch);
                        }
                    }
                }
                StepOp::Concatenate => {
                    let from = (map, d_output(), channel);
                    elementwise::copy_channels(count, from, (to.gradient, d_input, 0), pair);
                    channel += to.gradient.channels;
                }
                StepOp::View => elementwise::view(count, map, d_output(), to.gradient, d_input, pair),
                StepOp::AveragePool(size) => {
                    let share = |pixels: usize| 1.0 / pixels as f32;
                    blocks::spread(count, size, (map, d_output()), (to.gradient, d_input), share, pair);
                }
                StepOp::Upsample(size) => {
                    if share.is_first {
                        to.gradient.rows_mut(count, d_input).for_each(|row| row.fill(0.0));
                    }
                    blocks::sum(count, size, (map, d_output()), (to.gradient, d_input));
                }
                _ => elementwise::copy(count, map, d_output(), to.gradient, d_input, pair),
            }
            let d_input = &mut gradient[begin..];
            match to.then {
                Then::Relu if share.is_last && !(step.op.has_weights() && at == 0) => {
                    elementwise::through_relu(count, to.values, values, to.gradient, d_input);
                }
                Then::Sigmoid if share.is_last => {
                    elementwise::through_logistic(count, to.values, values, to.gradient, d_input);
                }
                _ => {}
            }
            memory.gradients[place] = gradient;
        }
    }

    /// Adds a group's share of a layer's weight and bias gradients; where windows are asked for the gradient of their input too, the
    /// bias only.
    fn sum_weights(
        &self,
        step: &Step,
        (first, count): (usize, usize),
        with_input: bool,
        asked: &mut Asked<'_, '_>,
        memory: &mut Memory,
    ) {
        let (Some(gradients), StepOp::Linear(layer) | StepOp::Windowed { layer, .. }) =
            (&mut asked.gradients, &step.op)
        else {
            return;
        };
        let former = Former::Dropped.of_part(first);
        let [input, output] = [self.plan.places[step.from[0]].values, self.plan.places[step.to].gradient];
        let at = memory.gradient_at(step.to, output, first);
        let Memory { values, gradients: sums_of_places, sums, scratch, .. } = &mut *memory;
        let sides = [&values[step.from[0]][first * input.floats()..], &sums_of_places[step.to][at..]];
        let (weight, bias) = self.layer_gradient(*layer, gradients);
        match &self.layers[*layer] {
            Layer::Linear(linear) => linear.weight_gradient(count, sides, &mut scratch.flat, former, (weight, bias)),
            Layer::Windowed(windowed) => {
                if !with_input {
                    windowed.backward(count, sides, None, Some((former, &mut sums[*layer])), scratch);
                }
                bias_gradient(output, count, sides[1], former, bias);
            }
        }
    }
}
