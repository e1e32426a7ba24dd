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
        let Some(mut step) = steps[at].take().filter(|_| readers[id] > 0) else { continue };
        step.operands.iter_mut().for_each(|operand| *operand = places[*operand]);
        if let Some(earlier) = earlier(&step, &readers, &mut steps, shapes, &shapes[id]) {
            readers[earlier] = readers[id];
            places[id] = earlier;
            continue;
        }
        while let Some(before) = taken_in(&mut step, &readers, &steps) {
            readers[before] = 0;
        }
        steps[at] = Some(step);
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

/// Makes the step part of a layer before it that nobody else reads, if there is one: which.
fn earlier(
    step: &Step,
    readers: &[usize],
    all: &mut [Option<Step>],
    shapes: &[Vec<usize>],
    result: &[usize],
) -> Option<Id> {
    let is_alone = |id: Id| id > 0 && readers[id] == 1;
    step.operands.iter().copied().filter(|&id| is_alone(id)).find(|&id| {
        let rows = all[id - 1].as_ref().and_then(|layer| rows(step, layer, all, &shapes[id], result));
        if let (Some((scale, shift)), Some(layer)) = (&rows, &mut all[id - 1]) {
            scale_rows(layer, scale, shift);
        }
        rows.is_some()
    })
}

/// The scale and shift of each output of a layer that the step is.
fn rows(
    step: &Step,
    layer: &Step,
    all: &[Option<Step>],
    shape: &[usize],
    result: &[usize],
) -> Option<(Vec<f32>, Vec<f32>)> {
    let (channels, is_first) = match layer.op {
        Op::Convolution { out_channels, .. } | Op::TransposedConvolution { out_channels, .. } => (out_channels, true),
        Op::Linear { out_features, .. } => (out_features, shape.len() == 1),
        Op::ScaleShift { channels } => (channels, true),
        _ => return None,
    };
    match step.op {
        Op::Function(Function::Affine { scale, shift }) => Some((vec![scale; channels], vec![shift; channels])),
        Op::ScaleShift { .. } if is_first => Some((floats(&step.parameters[0]), floats(&step.parameters[1]))),
        Op::Pairwise(by) if shape == result && matches!(layer.op, Op::Linear { .. }) => row_of(by, step, all, channels),
        _ => None,
    }
}

/// The scale and shift along the last dimension that a step with a constant is.
fn row_of(by: Pairwise, step: &Step, all: &[Option<Step>], features: usize) -> Option<(Vec<f32>, Vec<f32>)> {
    let (constant, is_first) = constant_operand(step, all, features)?;
    let (ones, zeros) = (vec![1.0; features], vec![0.0; features]);
    match (by, is_first) {
        (Pairwise::Add, _) => Some((ones, constant)),
        (Pairwise::Subtract, false) => Some((ones, constant.iter().map(|value| -value).collect())),
        (Pairwise::Multiply, _) => Some((constant, zeros)),
        (Pairwise::Divide, false) => Some((constant.iter().map(|value| value.recip()).collect(), zeros)),
        _ => None,
    }
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
fn scale_rows(layer: &mut Step, scale: &[f32], shift: &[f32]) {
    let channels = scale.len();
    if scale.iter().any(|&scale| scale.to_bits() != 1.0_f32.to_bits()) {
        let mut weight = floats(&layer.parameters[0]);
        let outer = if let Op::TransposedConvolution { in_channels, .. } = layer.op { in_channels } else { 1 };
        let inner = weight.len() / (outer * channels).max(1);
        let places = (0..outer).flat_map(|_| (0..channels).flat_map(|channel| std::iter::repeat_n(channel, inner)));
        weight.iter_mut().zip(places).for_each(|(weight, channel)| *weight *= scale[channel]);
        layer.parameters[0] = Rc::new(Tensor::floats(weight));
    }
    let bias = floats(&layer.parameters[1]);
    let bias = bias.iter().zip(scale).zip(shift).map(|((bias, scale), shift)| bias * scale + shift).collect();
    layer.parameters[1] = Rc::new(Tensor::floats(bias));
}

/// Makes a step before, which nobody else reads, part of the step: a multiple before a scale, a row of factors or summands before a
/// linear layer, zeros around what is convolved. Which step that was.
fn taken_in(step: &mut Step, readers: &[usize], all: &[Option<Step>]) -> Option<Id> {
    let &[id] = &step.operands[..] else { return None };
    let before = all[id.checked_sub(1)?].as_ref().filter(|_| readers[id] == 1)?;
    let mut operand = before.operands.first().copied();
    match (&mut step.op, &before.op) {
        (Op::ScaleShift { .. }, &Op::Function(Function::Affine { scale, shift })) => {
            let (weight, bias) = (floats(&step.parameters[0]), floats(&step.parameters[1]));
            let bias = weight.iter().zip(&bias).map(|(weight, bias)| weight * shift + bias).collect();
            let weight = weight.iter().map(|weight| weight * scale).collect();
            step.parameters = vec![Rc::new(Tensor::floats(weight)), Rc::new(Tensor::floats(bias))];
        }
        (&mut Op::Linear { in_features, .. }, &Op::Pairwise(by)) => {
            let (scale, shift) = row_of(by, before, all, in_features)?;
            let is_constant = |id: usize| matches!(all[id - 1], Some(Step { op: Op::Constant { .. }, .. }));
            operand = before.operands.iter().copied().find(|&id| id == 0 || !is_constant(id));
            scale_columns(step, &scale, &shift);
        }
        (Op::Convolution { window, .. }, Op::Pad { before: ahead, behind, fill: Fill::Value(0.0) }) => {
            let ([0, above, left], [0, below, right]) = (&ahead[..], &behind[..]) else { return None };
            window.padding[0][0] += above;
            window.padding[0][1] += below;
            window.padding[1][0] += left;
            window.padding[1][1] += right;
        }
        _ => return None,
    }
    step.operands = vec![operand?];
    Some(id)
}

/// A linear layer of what its operand is before it is scaled and shifted.
fn scale_columns(layer: &mut Step, scale: &[f32], shift: &[f32]) {
    let mut weight = floats(&layer.parameters[0]);
    let mut bias = floats(&layer.parameters[1]);
    for (row, bias) in weight.chunks_exact_mut(scale.len()).zip(&mut bias) {
        let sum: f64 = row.iter().zip(shift).map(|(&weight, &shift)| f64::from(weight) * f64::from(shift)).sum();
        let more = sum as f32;
        *bias += more;
        row.iter_mut().zip(scale).for_each(|(weight, scale)| *weight *= scale);
    }
    layer.parameters = vec![Rc::new(Tensor::floats(weight)), Rc::new(Tensor::floats(bias))];
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.each_float().collect()
}
