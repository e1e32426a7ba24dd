//! Steps that become part of the one before them, which nobody else reads: a scale and shift of a convolution or a linear layer,
//! a padding with zeros of the convolution behind it. What leads nowhere is left out.
//!
//! This copies weights, and so comes when the file is known to be a network.

use std::rc::Rc;

use super::draft::{Id, Step};
use super::tensor::Tensor;
use crate::spec::{Fill, Function, Op, Pairwise};

/// The steps that are left, with the output's place among them. Places count from 1; 0 is the image.
pub(super) fn fuse(shapes: &[Vec<usize>], steps: Vec<Step>, output: Id) -> (Vec<Step>, Id) {
    let mut readers = readers(&steps, output);
    let mut places: Vec<Id> = (0..=steps.len()).collect();
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    for at in 0..steps.len() {
        let id = at + 1;
        let Some(mut step) = (readers[id] > 0).then(|| steps[at].take()).flatten() else {
            steps[at] = None;
            continue;
        };
        step.operands.iter_mut().for_each(|operand| *operand = places[*operand]);
        let alone = |&operand: &Id| operand > 0 && readers[operand] == 1;
        let before = step.operands.iter().copied().find(alone).and_then(|id| Some((id, steps[id - 1].take()?)));
        let Some((before_id, mut before)) = before else {
            steps[at] = Some(step);
            continue;
        };
        if into_earlier(&step, &mut before, &steps, &shapes[before_id], &shapes[id]) {
            readers[before_id] = readers[id];
            places[id] = before_id;
            steps[before_id - 1] = Some(before);
        } else {
            if takes_in(&mut step, &before) {
                readers[before_id] = 0;
            } else {
                steps[before_id - 1] = Some(before);
            }
            steps[at] = Some(step);
        }
    }
    compact(steps, places[output])
}

/// How often each value is read by what the output needs.
fn readers(steps: &[Step], output: Id) -> Vec<usize> {
    let mut readers = vec![0; steps.len() + 1];
    readers[output] = 1;
    for (at, step) in steps.iter().enumerate().rev() {
        if readers[at + 1] > 0 {
            step.operands.iter().for_each(|&operand| readers[operand] += 1);
        }
    }
    readers
}

/// The steps that the output needs, close together.
fn compact(steps: Vec<Option<Step>>, output: Id) -> (Vec<Step>, Id) {
    let mut needed = vec![false; steps.len() + 1];
    needed[output] = true;
    for (at, step) in steps.iter().enumerate().rev() {
        if let (true, Some(step)) = (needed[at + 1], step) {
            step.operands.iter().for_each(|&operand| needed[operand] = true);
        }
    }
    let (mut places, mut kept) = (vec![0; needed.len()], Vec::new());
    for (at, step) in steps.into_iter().enumerate() {
        if let (true, Some(mut step)) = (needed[at + 1], step) {
            step.operands.iter_mut().for_each(|operand| *operand = places[*operand]);
            kept.push(step);
            places[at + 1] = kept.len();
        }
    }
    (kept, places[output])
}

/// Makes the step part of the one before it, if that is a layer.
fn into_earlier(step: &Step, before: &mut Step, all: &[Option<Step>], shape: &[usize], result: &[usize]) -> bool {
    let (channels, is_first) = match before.op {
        Op::Convolution { out_channels, .. } | Op::TransposedConvolution { out_channels, .. } => (out_channels, true),
        Op::Linear { out_features, .. } => (out_features, shape.len() == 1),
        Op::ScaleShift { channels } => (channels, true),
        _ => return false,
    };
    let each = |scale: f32, shift: f32| (vec![scale; channels], vec![shift; channels]);
    let (scale, shift) = match step.op {
        Op::Function(Function::Affine { scale, shift }) => each(scale, shift),
        Op::ScaleShift { .. } if is_first => (floats(&step.parameters[0]), floats(&step.parameters[1])),
        Op::Pairwise(by) if shape == result && matches!(before.op, Op::Linear { .. }) => {
            let Some((constant, is_first)) = constant_operand(step, all, channels) else { return false };
            let ones = vec![1.0; channels];
            match (by, is_first) {
                (Pairwise::Add, _) => (ones, constant),
                (Pairwise::Subtract, false) => (ones, constant.iter().map(|value| -value).collect()),
                (Pairwise::Multiply, _) => (constant, vec![0.0; channels]),
                (Pairwise::Divide, false) => {
                    (constant.iter().map(|value| value.recip()).collect(), vec![0.0; channels])
                }
                _ => return false,
            }
        }
        _ => return false,
    };
    scale_rows(before, &scale, &shift, channels);
    true
}

/// The constant along the last dimension that the step has beside its other operand, and whether it comes first.
fn constant_operand(step: &Step, all: &[Option<Step>], features: usize) -> Option<(Vec<f32>, bool)> {
    let constant = |&id: &Id| match all.get(id.checked_sub(1)?)?.as_ref()? {
        Step { op: Op::Constant { shape }, parameters, .. } => {
            let is_row = shape.last() == Some(&features) && parameters[0].len() == features;
            is_row.then(|| floats(&parameters[0]))
        }
        _ => None,
    };
    let [a, b] = &step.operands[..] else { return None };
    constant(b).map(|values| (values, false)).or_else(|| constant(a).map(|values| (values, true)))
}

/// Each output of a layer times its scale, plus its shift.
fn scale_rows(layer: &mut Step, scale: &[f32], shift: &[f32], channels: usize) {
    if scale.iter().any(|&scale| scale.to_bits() != 1.0_f32.to_bits()) {
        let mut weight = floats(&layer.parameters[0]);
        let (outer, inner) = match layer.op {
            Op::TransposedConvolution { in_channels, .. } => {
                (in_channels, weight.len() / (in_channels * channels).max(1))
            }
            _ => (1, weight.len() / channels.max(1)),
        };
        let places = (0..outer).flat_map(|_| (0..channels).flat_map(|channel| std::iter::repeat_n(channel, inner)));
        weight.iter_mut().zip(places).for_each(|(weight, channel)| *weight *= scale[channel]);
        layer.parameters[0] = Rc::new(Tensor::floats(weight));
    }
    let bias = floats(&layer.parameters[1]);
    let bias = bias.iter().zip(scale).zip(shift).map(|((bias, scale), shift)| bias * scale + shift).collect();
    layer.parameters[1] = Rc::new(Tensor::floats(bias));
}

/// Makes the step before part of the step: a multiple before a scale, zeros around what is convolved.
fn takes_in(step: &mut Step, before: &Step) -> bool {
    match (&mut step.op, &before.op) {
        (Op::ScaleShift { .. }, &Op::Function(Function::Affine { scale: by, shift: more })) => {
            let (scale, shift) = (floats(&step.parameters[0]), floats(&step.parameters[1]));
            let shift = scale.iter().zip(&shift).map(|(scale, shift)| scale * more + shift).collect();
            let scale = scale.iter().map(|scale| scale * by).collect();
            step.parameters = vec![Rc::new(Tensor::floats(scale)), Rc::new(Tensor::floats(shift))];
        }
        (Op::Convolution { window, .. }, Op::Pad { before: ahead, behind, fill: Fill::Value(0.0) }) => {
            let ([0, above, left], [0, below, right]) = (&ahead[..], &behind[..]) else { return false };
            window.padding[0][0] += above;
            window.padding[0][1] += below;
            window.padding[1][0] += left;
            window.padding[1][1] += right;
        }
        _ => return false,
    }
    step.operands.clone_from(&before.operands);
    true
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.each_float().collect()
}
