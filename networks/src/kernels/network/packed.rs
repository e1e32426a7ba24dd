//! [`Network`]: a plan with its layers, packed for one instruction set.

use std::collections::HashMap;
use std::ops::Range;

use rayon::Scope;

use super::layer::Layer;
use super::plan::{Kind, Place, PlainOp, Plan, PlanError, StepOp};
use super::stretches::{Stretch, stretches};
use crate::kernels::layers::{Constant, Depthwise, Grouped, Linear, RowLinear, Scale, Task, Windowed};
use crate::kernels::plain::{Plain, Side};
use crate::kernels::simd::Isa;
use crate::layout::Layout;
use crate::spec::Spec;

/// Bytes of all values of a batch that makes good use of the caches: not many more than the second one holds.
const BATCH: usize = 5 << 20;
/// Bytes that a batch may take there and back, where weights decide how many images make one.
const HELD: usize = 1 << 30;
/// The most images of a batch: enough to make good use of the weights.
const MOST: usize = 64;

/// Any network whose ops the kernels know, with its weights packed for one instruction set: every layer for its way forward and for
/// its way back. Immutable in use and `Sync`: threads share it, each with a [`Memory`](super::Memory) of its own.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) isa: Isa,
    pub(super) plan: Plan,
    pub(super) layers: Vec<Layer>,
    pub(super) plain: Vec<Plain>,
    pub(super) stretches: Vec<Stretch>,
    /// Weight and bias of each layer in the network's flat buffer. They lie one behind the other; a constant has no bias.
    slots: Vec<[Range<usize>; 2]>,
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
            let output = plan.places[step.to];
            let input = step.from.first().map_or(output, |&place| plan.places[place]);
            let [from, to] = [input, output].map(|place| [place.values, place.gradient]);
            match step.op {
                StepOp::Constant(_) => layers.push(Layer::Constant(Box::new(Constant::new(to)))),
                StepOp::Linear(_) => layers.push(Layer::Linear(Box::new(Linear::new(isa, from, to)))),
                StepOp::Rows { rows, .. } => layers.push(Layer::Rows(Box::new(RowLinear::new(isa, rows, from, to)))),
                StepOp::Scale(_) => layers.push(Layer::Scale(Box::new(Scale::new(isa, from, to)))),
                StepOp::Windowed { layer, kind, .. } => {
                    let forward = step.op.windows(input.values, output.values);
                    let back = step.op.windows(input.gradient, output.gradient);
                    let (Some(forward), Some(back)) = (forward, back) else { continue };
                    let by_shares = plan.by_shares[layer];
                    let windowed = |is_up| Box::new(Windowed::new(isa, layer, is_up, forward, back, by_shares));
                    layers.push(match kind {
                        Kind::Down => Layer::Windowed(windowed(false)),
                        Kind::Up => Layer::Windowed(windowed(true)),
                        Kind::Depthwise => Layer::Depthwise(Box::new(Depthwise::new(isa, forward, back))),
                        Kind::Grouped(groups) => {
                            Layer::Grouped(Box::new(Grouped::new(isa, layer, groups, forward, back)))
                        }
                    });
                }
                _ => {}
            }
        }
        let (slots, floats) = slots(&plan.layers, spec);
        let stretches = stretches(&plan, &layers);
        let plain = plain_ops(&plan)?;
        Ok(Self { isa, slots, floats, stretches, plan, layers, plain })
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
            layer.fill(&flat[weight.clone()], &flat[bias.clone()], &mut hand_out);
        }
    }

    /// Floats of all weights and biases.
    pub fn floats(&self) -> usize {
        self.floats
    }

    /// Weight and bias of a layer in the flat buffer of gradients.
    pub(super) fn layer_gradient<'a>(&self, layer: usize, flat: &'a mut [f32]) -> (&'a mut [f32], &'a mut [f32]) {
        let [weight, bias] = &self.slots[layer];
        flat[weight.start..bias.end].split_at_mut(weight.len())
    }

    /// Elements of each input.
    pub fn inputs(&self) -> &[usize] {
        &self.plan.inputs
    }

    /// Elements of each output.
    pub fn outputs(&self) -> &[usize] {
        &self.plan.outputs
    }

    /// Images of a batch that makes good use of the caches: as many as have their values there on the way back, unless that is none, or the weights,
    /// which every batch reads, are more than these values. Then the more images share them the better.
    pub fn batch(&self) -> usize {
        let values: usize = self.plan.places.iter().map(|place| place.values.floats()).sum();
        let few = BATCH / (values * size_of::<f32>()).max(1);
        let suits = few > 0 && self.floats <= few * values;
        let images = if suits { few } else { HELD / self.bytes_per_image().max(1) };
        images.clamp(1, MOST)
    }

    /// The algorithm of each layer, with its name.
    pub fn algorithms(&self) -> Vec<(&str, String)> {
        self.plan.layers.iter().map(String::as_str).zip(self.layers.iter().map(Layer::algorithms)).collect()
    }

    /// Bytes that one more image takes in a [`Memory`](super::Memory), there and back, at most: values and their gradients, in what a
    /// batch has of them. The weights, and what a thread needs whatever the batch, are not counted.
    pub fn bytes_per_image(&self) -> usize {
        let places = self.plan.places.iter().map(|place| place.values.floats() + place.gradient.floats());
        let flat = self.layers.iter().filter_map(Layer::linear).map(Linear::flat).max();
        let floats: usize = places.chain(self.plan.outputs.iter().copied()).chain(flat).sum();
        floats * size_of::<f32>()
    }
}

/// The plain ops of a plan, made for the places of their values.
fn plain_ops(plan: &Plan) -> Result<Vec<Plain>, PlanError> {
    let mut matrices = 0;
    let mut plain = Vec::with_capacity(plan.plain.len());
    for step in &plan.steps {
        let StepOp::Plain(number) = step.op else { continue };
        let PlainOp { op, operands, result } = &plan.plain[number];
        let side = |place: usize, shape: &[usize]| {
            let Place { values, gradient, .. } = plan.places[place];
            Side { shape: shape.to_vec(), values, gradient }
        };
        let operands: Vec<Side> = step.from.iter().zip(operands).map(|(&place, shape)| side(place, shape)).collect();
        let made = Plain::new(op, &operands, &side(step.to, result), &mut matrices);
        plain.push(made.ok_or_else(|| PlanError { value: format!("{op:?}"), reason: "is not known here".to_owned() })?);
    }
    Ok(plain)
}

/// Weight and bias of each of these layers in a network's flat buffer, and that buffer's floats.
fn slots(layers: &[String], spec: &Spec) -> (Vec<[Range<usize>; 2]>, usize) {
    let layout = Layout::of(&[spec]);
    let ranges: HashMap<&str, Range<usize>> =
        layout.tensors().iter().map(|slot| (&slot.name[..], slot.range())).collect();
    let range = |layer: &str, of: &str| ranges.get(&format!("{layer}.{of}")[..]).cloned();
    let slots = layers.iter().map(|layer| {
        let weight = range(layer, "weight").unwrap_or_default();
        let bias = range(layer, "bias").unwrap_or(weight.end..weight.end);
        [weight, bias]
    });
    (slots.collect(), layout.len())
}

#[cfg(test)]
mod tests {
    use super::{Isa, MOST, Network, Spec};
    use crate::spec::Op;

    #[test]
    fn a_batch_is_of_what_the_cache_holds_unless_weights_or_single_images_are_more() {
        for (side, features, fewest, most) in
            [(64, 0, 2, 10), (64, 64, MOST, MOST), (8, 0, MOST, MOST), (768, 0, 2, 30)]
        {
            let mut spec = Spec::new(&[("image", &[3, side, side])]);
            let maps = spec.add("maps", Op::convolution([3, 32], 3, 1, 1), &["image"]);
            let linear = Op::Linear { in_features: 32 * side * side, out_features: features };
            spec.outputs = vec![if features == 0 {
                maps
            } else {
                let flat = spec.add("flat", Op::Flatten, &[&maps]);
                spec.add("features", linear, &[&flat])
            }];
            let network = Network::new(Isa::PORTABLE, &spec).unwrap();
            let found = network.batch();
            assert!(
                (fewest..=most).contains(&found),
                "{side}, {features}: {found} images of {}",
                network.bytes_per_image()
            );
        }
    }
}
