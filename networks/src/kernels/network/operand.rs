//! The share of a step in the gradient of one of its operands, and the way back through what was done to that operand in place.

use super::memory::Memory;
use super::packed::Network;
use super::plan::{Share, Step, StepOp, Then};
use super::{apply, blocks, pairwise};
use crate::kernels::elementwise;
use crate::kernels::gemm::{Finish, Former};
use crate::kernels::map::Map;
use crate::kernels::plain::{Batch, BatchMut};

/// An operand of a step on the way back of `count` images from `first` on.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a> {
    pub(super) step: &'a Step,
    /// Which of the step's operands.
    pub(super) at: usize,
    pub(super) share: Share,
    pub(super) first: usize,
    pub(super) count: usize,
    /// Whether the gradient of the weights is asked for.
    pub(super) with_weights: bool,
}

impl Network {
    /// Writes the step's share to the gradient of the operand, or adds it. `d` is the gradient of an output, for the step that gives it.
    pub(super) fn operand_back(&self, operand: Operand<'_>, d: Option<&[f32]>, memory: &mut Memory, to: &mut [f32]) {
        let Operand { step, at, share, first, count, with_weights } = operand;
        let place = self.plan.places[step.from[at]];
        let (map, to_map) = (self.plan.places[step.to].gradient, place.gradient);
        let d_at = memory.gradient_at(step.to, map, first);
        let Memory { values, gradients, scratch, sums, plain, .. } = &mut *memory;
        let values_in = |place: usize| {
            let map = self.plan.places[place].values;
            (map, &values[place][first * map.floats()..])
        };
        let values_of = |at: usize| values_in(step.from[at]);
        let values = values_of(at).1;
        let d_output = || (map, &gradients[step.to][d_at..]);
        let pair = |to: &mut f32, from: f32| if share.is_first { *to = from } else { *to += from };
        let is_finished = step.op.finishes() && at == 0;
        // What is summed in place begins with zeros.
        let adds = matches!(step.op, StepOp::Pool(_) | StepOp::Upsample(_) | StepOp::Select(_));
        if adds && share.is_first {
            to_map.clear(count, to);
        }
        match &step.op {
            &StepOp::Give(number) => match d {
                Some(d) => to_map.take_with(count, d, self.plan.outputs[number], to, pair),
                None if share.is_first => to_map.clear(count, to),
                None => {}
            },
            &StepOp::Linear(layer)
            | &StepOp::Rows { layer, .. }
            | &StepOp::Scale(layer)
            | &StepOp::Windowed { layer, .. }
                if at == 0 =>
            {
                let finish = match (share.is_first, is_finished && share.is_last && place.then == Then::Relu) {
                    (true, false) => Finish::Keep,
                    (true, true) => Finish::Gate(values),
                    (false, false) => Finish::Add,
                    (false, true) => Finish::AddGate(values),
                };
                let sums = with_weights.then(|| (Former::Dropped.of_part(first), &mut sums[layer][..]));
                self.layers[layer].backward(count, [values, d_output().1], Some((to, finish)), sums, scratch);
            }
            &StepOp::Plain(number) => {
                let batch = |(map, floats): (Map, _)| Batch { floats, pitch: map.floats() };
                let from: Vec<Batch<'_>> = (0..step.from.len()).map(|at| batch(values_of(at))).collect();
                let results = [batch(values_in(step.to)), batch(d_output())];
                let to = BatchMut { floats: to, pitch: to_map.floats() };
                self.plain[number].backward(self.isa, count, &from, results, at, to, share.is_first, plain);
            }
            StepOp::Concatenate => {
                let channel = step.from[..at].iter().map(|&place| self.plan.places[place].shape[0]).sum();
                elementwise::copy_channels(count, (map, d_output().1, channel), (to_map, to, 0), pair);
            }
            &StepOp::Function(function) => {
                apply::back(self.isa, function, count, values_of(0), d_output(), (to_map, to), pair);
            }
            &StepOp::Pairwise(function) => {
                let both = [values_of(at), values_of(1 - at)];
                pairwise::back((function, at == 1), count, both, d_output(), (to_map, to), share.is_first);
            }
            StepOp::Select(channels) => elementwise::add_selected(count, channels, d_output(), (to_map, to)),
            StepOp::View => elementwise::view(count, map, d_output().1, to_map, to, pair),
            &StepOp::AveragePool(size) => {
                let share = |pixels: usize| 1.0 / pixels as f32;
                blocks::spread(count, size, d_output(), (to_map, to), share, pair);
            }
            StepOp::Pool(pool) => pool.back(count, values_of(0), d_output(), (to_map, to)),
            StepOp::LocalResponse(response) => response.back(count, values_of(0), d_output(), (to_map, to), pair),
            &StepOp::Upsample(size) => blocks::sum(count, size, d_output(), (to_map, to)),
            _ => elementwise::copy(count, map, d_output().1, to_map, to, pair),
        }
        if !share.is_last {
            return;
        }
        match place.then {
            Then::Relu if !is_finished => elementwise::through_relu(count, place.values, values, to_map, to),
            Then::Sigmoid => elementwise::through_logistic(count, place.values, values, to_map, to),
            Then::Function(function) => {
                apply::through(self.isa, function, count, (place.values, values), (to_map, to));
            }
            _ => {}
        }
    }
}
