//! [`Graph`]: the nodes of a [`Spec`] as candle operations: the reference on every device, differentiable in everything.
//!
//! `compute` says how each op is computed; the other files each have one family of them. The batch is the first dimension, so an op's
//! axis is the next one here. Where candle has no gradient of an operation, or one that is not exact, the op is composed of others.
//!
//! It is slow on a CPU, because candle's gradients of convolutions are; there the [`kernels`](crate::kernels) compute the network, and are
//! tested against this.

mod along;
mod compute;
mod elements;
mod products;
mod shapes;
mod taps;
mod windows;

use std::collections::HashMap;

use candle_core::{Error, Result, Tensor};

use crate::layout::Layout;
use crate::spec::{Op, Spec};
use compute::compute;

/// A network over a set of tensors.
pub struct Graph {
    inputs: usize,
    steps: Vec<Step>,
    /// Places among the values: those that are given, then one of each step.
    outputs: Vec<usize>,
}

struct Step {
    op: Op,
    /// Weight and bias, where the op has them.
    parameters: Vec<Tensor>,
    /// Places of the operands.
    operands: Vec<usize>,
    /// Those of them that nobody asks for any more.
    done: Vec<usize>,
}

impl Graph {
    /// The network of `spec` over `tensors`, those of its [`Layout`] in order, f32 or f64. They may be variables; gradients reach them.
    ///
    /// # Errors
    /// If the nodes do not fit together, or the tensors are not those of the layout.
    pub fn new(spec: &Spec, tensors: &[Tensor]) -> Result<Self> {
        spec.shapes().map_err(Error::wrap)?;
        let layout = Layout::of(&[spec]);
        if layout.tensors().len() != tensors.len() {
            candle_core::bail!("the network has {} tensors, not {}", layout.tensors().len(), tensors.len());
        }
        for (slot, tensor) in layout.tensors().iter().zip(tensors) {
            if tensor.dims() != slot.shape {
                candle_core::bail!("{} has shape {:?}, not {:?}", slot.name, tensor.dims(), slot.shape);
            }
        }
        let all: HashMap<&str, usize> = spec.names().zip(0..).collect();
        let places = |names: &[String]| names.iter().filter_map(|name| all.get(&name[..]).copied()).collect();
        let outputs: Vec<usize> = places(&spec.outputs);
        let mut tensors = tensors.iter().cloned();
        // The last step that asks for a value.
        let mut last = HashMap::new();
        let mut steps = Vec::with_capacity(spec.nodes.len());
        for (number, node) in spec.nodes.iter().enumerate() {
            let count = usize::from(node.op.weight().is_some()) + usize::from(node.op.bias().is_some());
            let (parameters, operands) = (tensors.by_ref().take(count).collect(), places(&node.operands));
            last.extend(operands.iter().map(|&place| (place, number)));
            steps.push(Step { op: node.op.clone(), parameters, operands, done: Vec::new() });
        }
        for (place, number) in last.into_iter().filter(|(place, _)| !outputs.contains(place)) {
            steps[number].done.push(place);
        }
        Ok(Self { inputs: spec.inputs.len(), steps, outputs })
    }

    /// The outputs for `inputs`, each with the batch as its first dimension.
    ///
    /// # Errors
    /// Whatever candle reports, usually a wrong shape.
    pub fn run(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>> {
        self.run_watched(inputs, &mut |_, _| Ok(()))
    }

    /// The same; `watch` sees every op with its operands before it is computed.
    ///
    /// # Errors
    /// Whatever candle or `watch` reports.
    pub fn run_watched(
        &self,
        inputs: &[&Tensor],
        watch: &mut dyn FnMut(&Op, &[Tensor]) -> Result<()>,
    ) -> Result<Vec<Tensor>> {
        if inputs.len() != self.inputs {
            candle_core::bail!("{} inputs, and the network has {}", inputs.len(), self.inputs);
        }
        let batch = inputs.first().map_or(Ok(1), |input| input.dim(0))?;
        let mut values: Vec<Option<Tensor>> = inputs.iter().map(|&input| Some(input.clone())).collect();
        for step in &self.steps {
            let operands: Vec<Tensor> = step.operands.iter().filter_map(|&place| values[place].clone()).collect();
            step.done.iter().for_each(|&place| values[place] = None);
            watch(&step.op, &operands)?;
            // Some of candle's operations take only what lies in one piece.
            values.push(Some(compute(&step.op, &step.parameters, &operands, batch)?.contiguous()?));
        }
        Ok(self.outputs.iter().filter_map(|&place| values[place].clone()).collect())
    }
}
