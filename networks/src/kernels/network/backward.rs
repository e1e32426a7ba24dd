//! The way back: gradients to the inputs and to the weights.

use std::mem;

use super::layer::Layer;
use super::memory::Memory;
use super::operand::Operand;
use super::packed::Network;
use super::plan::{Share, Step, StepOp};
use crate::kernels::gemm::Former;
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
        memory.prepare(self, gradients.is_some());
        let mut wanted = vec![false; self.plan.places.len()];
        for step in self.plan.steps.iter().filter(|step| !matches!(step.op, StepOp::Give(_))) {
            wanted[step.to] = match step.op {
                StepOp::Take(number) => d_inputs[number].is_some(),
                _ => step.op.layer().is_some() && gradients.is_some() || step.from.iter().any(|&place| wanted[place]),
            };
        }
        let mut asked = Asked { d_outputs, d_inputs, gradients, wanted };
        for stretch in self.stretches.iter().rev() {
            for (first, count) in stretch.groups(images) {
                for (step, shares) in &self.plan.back[stretch.back.clone()] {
                    self.step_back(&self.plan.steps[*step], shares, first, count, &mut asked, memory);
                }
            }
        }
        if let Some(gradients) = asked.gradients {
            for (number, layer) in self.layers.iter().enumerate() {
                layer.write_gradient(&memory.sums[number], self.layer_gradient(number, gradients).0);
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
        for (at, (&place, &share)) in step.from.iter().zip(shares).enumerate() {
            if !asked.wanted[place] {
                continue;
            }
            let to = self.plan.places[place].gradient;
            let begin = memory.gradient_at(place, to, first);
            let mut gradient = mem::take(&mut memory.gradients[place]);
            let d = match step.op {
                StepOp::Give(number) => asked.d_outputs[number].map(|d| &d[first * self.plan.outputs[number]..]),
                _ => None,
            };
            let operand = Operand { step, at, share, first, count, with_weights: asked.gradients.is_some() };
            self.operand_back(operand, d, memory, &mut gradient[begin..begin + to.extent(count)]);
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
        let (Some(gradients), Some(layer)) = (&mut asked.gradients, step.op.layer()) else { return };
        let former = Former::Dropped.of_part(first);
        let output = self.plan.places[step.to].gradient;
        let at = memory.gradient_at(step.to, output, first);
        let Memory { values, gradients: sums_of_places, sums, scratch, .. } = &mut *memory;
        let d_output = &sums_of_places[step.to][at..];
        let input = step
            .from
            .first()
            .map_or(&[][..], |&place| &values[place][first * self.plan.places[place].values.floats()..]);
        let (weight, bias) = self.layer_gradient(layer, gradients);
        match &self.layers[layer] {
            Layer::Constant(constant) => constant.gradient(count, d_output, former, weight),
            Layer::Linear(linear) => {
                linear.weight_gradient(count, [input, d_output], &mut scratch.flat, former, (weight, bias));
            }
            Layer::Scale(scale) => {
                scale.weight_gradient(count, [input, d_output], former, weight);
                bias_gradient(output, count, d_output, former, bias);
            }
            Layer::Rows(rows) => rows.weight_gradient(count, [input, d_output], former, (weight, bias)),
            windows => {
                if !with_input {
                    windows.backward(count, [input, d_output], None, Some((former, &mut sums[layer])), scratch);
                }
                bias_gradient(output, count, d_output, former, bias);
            }
        }
    }
}
