//! A way forward that begins behind the first layer, for many inputs that share a part of it.

use super::layer::Layer;
use super::memory::Memory;
use super::packed::Network;
use super::plan::StepOp;
use crate::kernels::gemm::Finish;

impl Network {
    /// What the first layer, a linear one, makes of a batch, before its activation: `(B, pitch)`, written to `sums`.
    ///
    /// # Panics
    /// When the first layer is none, or `sums` are too short.
    pub(in crate::kernels) fn first_layer(&self, inputs: &[&[f32]], memory: &mut Memory, sums: &mut [f32]) {
        let (at, layer) = self.first();
        let Layer::Linear(layer) = &self.layers[layer] else { unreachable!("the first layer is linear") };
        let images = inputs.first().map_or(0, |input| input.len() / self.plan.inputs[0]);
        memory.check(self, images);
        memory.images = images;
        self.run(0..at, inputs, memory);
        layer.forward(memory.images, &memory.values[self.plan.steps[at].from[0]], sums, Finish::Bias);
    }

    /// The way forward of `images` images from the values behind the first layer and its activation on, which `fill` writes: it is
    /// given the number of an image and its row.
    pub(in crate::kernels) fn behind_first_layer(
        &self,
        images: usize,
        memory: &mut Memory,
        mut fill: impl FnMut(usize, &mut [f32]),
    ) {
        memory.check(self, images);
        memory.images = images;
        let at = self.first().0;
        let place = self.plan.steps[at].to;
        let rows = self.plan.places[place].values.rows_mut(images, &mut memory.values[place]);
        rows.enumerate().for_each(|(image, row)| fill(image, row));
        self.run(at + 1..self.plan.steps.len(), &[], memory);
    }

    /// Floats from one row of what the first layer gives to the next.
    pub(in crate::kernels) fn first_pitch(&self) -> usize {
        self.plan.places[self.plan.steps[self.first().0].to].values.floats()
    }

    /// The step of the first layer, and its number.
    fn first(&self) -> (usize, usize) {
        let layer = self.plan.steps.iter().enumerate().find_map(|(at, step)| match step.op {
            StepOp::Linear(layer) | StepOp::Windowed { layer, .. } => Some((at, layer)),
            _ => None,
        });
        layer.unwrap_or_default()
    }
}
