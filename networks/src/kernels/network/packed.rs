//! [`Network`]: a plan with its layers, packed for one instruction set.

use rayon::Scope;

use super::layer::Layer;
use super::plan::{Plan, PlanError, StepOp};
use super::stretches::{Stretch, stretches};
use crate::kernels::layers::{Linear, Task, Windowed};
use crate::kernels::simd::Isa;
use crate::layout::{Layout, Slot};
use crate::spec::Spec;

/// Bytes of all values of a batch that makes good use of the caches: not many more than the second one holds.
const BATCH: usize = 5 << 20;
/// The most images of such a batch: enough to make good use of the linear layers' weights.
const MOST: usize = 64;

/// Any network whose ops the kernels know, with its weights packed for one instruction set: every layer for its way forward and for
/// its way back. Immutable in use and `Sync`: threads share it, each with a [`Memory`](super::Memory) of its own.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) isa: Isa,
    pub(super) plan: Plan,
    pub(super) layers: Vec<Layer>,
    pub(super) stretches: Vec<Stretch>,
    /// Weight and bias of each layer in the network's flat buffer.
    slots: Vec<[Slot; 2]>,
    floats: usize,
}

impl Network {
    /// Plans a network for an instruction set, its weights all zero.
    ///
    /// # Errors
    /// [`PlanError`] of the first value that cannot be, or that the kernels do not compute.
    pub fn new(isa: Isa, spec: &Spec) -> Result<Self, PlanError> {
        let plan = Plan::of(isa, spec)?;
        let mut layers = Vec::with_capacity(plan.layers.len());
        for step in &plan.steps {
            let (Some(&input), output) = (step.from.first(), step.to) else { continue };
            let [input, output] = [plan.places[input], plan.places[output]];
            match step.op {
                StepOp::Linear(_) => {
                    let sides = [input, output].map(|place| [place.values, place.gradient]);
                    layers.push(Layer::Linear(Box::new(Linear::new(isa, sides[0], sides[1]))));
                }
                StepOp::Windowed { layer, is_up, .. } => {
                    let forward = step.op.windows(input.values, output.values);
                    let back = step.op.windows(input.gradient, output.gradient);
                    if let (Some(forward), Some(back)) = (forward, back) {
                        let layer = Windowed::new(isa, layer, is_up, forward, back, plan.by_shares[layer]);
                        layers.push(Layer::Windowed(Box::new(layer)));
                    }
                }
                _ => {}
            }
        }
        let layout = Layout::of(&[spec]);
        let slots = plan.layers.iter().filter_map(|name| layout.layer(name)).map(|slots| slots.map(Slot::clone));
        let stretches = stretches(&plan, &layers);
        Ok(Self { isa, slots: slots.collect(), floats: layout.len(), stretches, plan, layers })
    }

    /// Takes new weights, those of the spec's [`Layout`] in one flat buffer: every direction of every layer is a task of its own on
    /// rayon's threads.
    ///
    /// # Panics
    /// When they are not as many.
    pub fn fill<'a>(&'a mut self, scope: &Scope<'a>, flat: &'a [f32]) {
        self.hand_out(flat, |task| scope.spawn(move |_| task()));
    }

    /// The same on this thread.
    ///
    /// # Panics
    /// When they are not as many.
    pub fn take(&mut self, flat: &[f32]) {
        self.hand_out(flat, |task| task());
    }

    /// The same of a network that has none.
    ///
    /// # Panics
    /// When they are not as many.
    pub fn filled(mut self, flat: &[f32]) -> Self {
        self.take(flat);
        self
    }

    fn hand_out<'a>(&'a mut self, flat: &'a [f32], mut hand_out: impl FnMut(Task<'a>)) {
        assert_eq!(flat.len(), self.floats, "weights of another network");
        for (layer, [weight, bias]) in self.layers.iter_mut().zip(&self.slots) {
            let (weight, bias) = (&flat[weight.range()], &flat[bias.range()]);
            match layer {
                Layer::Linear(layer) => layer.fill(weight, bias, &mut hand_out),
                Layer::Windowed(layer) => layer.fill(weight, bias, &mut hand_out),
            }
        }
    }

    /// Floats of all weights and biases.
    pub fn floats(&self) -> usize {
        self.floats
    }

    /// Weight and bias of a layer in the flat buffer of gradients.
    pub(super) fn layer_gradient<'a>(&self, layer: usize, flat: &'a mut [f32]) -> (&'a mut [f32], &'a mut [f32]) {
        let [weight, bias] = &self.slots[layer];
        flat[weight.offset..bias.range().end].split_at_mut(bias.offset - weight.offset)
    }

    /// Elements of each input.
    pub fn inputs(&self) -> &[usize] {
        &self.plan.inputs
    }

    /// Elements of each output.
    pub fn outputs(&self) -> &[usize] {
        &self.plan.outputs
    }

    /// Images of a batch that makes good use of the caches.
    pub fn batch(&self) -> usize {
        let floats: usize = self.plan.places.iter().map(|place| place.values.floats()).sum();
        (BATCH / (floats * size_of::<f32>()).max(1)).clamp(1, MOST)
    }

    /// The algorithm of each layer, with its name.
    pub fn algorithms(&self) -> Vec<(&str, String)> {
        let algorithm =
            |layer: &Layer| layer.windowed().map_or("product, back product".to_owned(), Windowed::to_string);
        self.plan.layers.iter().map(String::as_str).zip(self.layers.iter().map(algorithm)).collect()
    }
}
