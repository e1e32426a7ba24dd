//! The plain ops: their operands are asked for flat, or, where they only move elements, as they lie.

use super::builder::{Builder, Planned};
use super::plan::{PlainOp, StepOp};
use super::wishes::{Wish, flat, in_three, is_map, only_moves};
use crate::kernels::plain::is_aligned;
use crate::spec::{Op, Pairwise};

/// An op on values of any rank; none where it is no plain one.
pub(super) fn of_rows(builder: &mut Builder<'_>, op: &Op, operands: &[usize], value: usize) -> Option<Planned> {
    let result = builder.shapes[value].clone();
    let (from, shape) = match op {
        op if only_moves(op) => {
            let from = operands.iter().map(|&operand| aligned(builder, operand)).collect();
            match builder.wishes[value] {
                Some(Wish::Map(shape)) if is_aligned(&result, shape) => (from, shape),
                _ => (from, flat(&result)),
            }
        }
        Op::Pairwise(_) | Op::MatMul | Op::Softmax { .. } | Op::Normalize { .. } | Op::Reduce { .. } => {
            (all_flat(builder, operands), flat(&result))
        }
        _ => return None,
    };
    let shapes = operands.iter().map(|&operand| builder.shapes[operand].clone()).collect();
    builder.plain.push(PlainOp { op: op.clone(), operands: shapes, result });
    Some((StepOp::Plain(builder.plain.len() - 1), from, shape))
}

/// The places of values that lie flat.
pub(super) fn all_flat(builder: &mut Builder<'_>, values: &[usize]) -> Vec<usize> {
    values.iter().map(|&value| builder.viewed(value, flat(&builder.shapes[value]))).collect()
}

/// The place of a value in a map of which its axes are axes.
fn aligned(builder: &mut Builder<'_>, value: usize) -> usize {
    let place = builder.values[value].place;
    if is_aligned(&builder.shapes[value], builder.places[place].shape) {
        return place;
    }
    builder.viewed(value, flat(&builder.shapes[value]))
}

/// Whether an op that can be computed on maps as well as plainly is best computed on maps: its result is wanted as one, or an operand of
/// all elements lies as one.
pub(super) fn are_maps(builder: &Builder<'_>, operands: &[usize], value: usize) -> bool {
    let is_own = |value: usize, shape: [usize; 3]| is_map(shape) && shape == in_three(&builder.shapes[value]);
    let lies = |&operand: &usize| is_own(operand, builder.places[builder.values[operand].place].shape);
    let is_wanted = matches!(builder.wishes[value], Some(Wish::Map(shape)) if is_own(value, shape));
    is_wanted || operands.iter().any(lies)
}

/// A function of two values of as many elements, none repeated, in one map: that in which the result is wanted, or one of both lies.
pub(super) fn alike(builder: &mut Builder<'_>, function: Pairwise, operands: [usize; 2], value: usize) -> Planned {
    let shapes = operands.map(|operand| builder.places[builder.values[operand].place].shape);
    let either = if is_map(shapes[0]) { shapes[0] } else { shapes[1] };
    let shape = match builder.wishes[value] {
        _ if shapes[0] == shapes[1] => shapes[0],
        Some(Wish::Map(shape)) => shape,
        Some(Wish::Flat) => flat(&builder.shapes[value]),
        Some(Wish::Moved) | None => either,
    };
    let from = operands.map(|operand| builder.viewed(operand, shape));
    (StepOp::Pairwise(function), from.to_vec(), shape)
}

/// Whether an op leaves all elements of an operand of this shape in their order: another name of it.
pub(super) fn keeps_order(op: &Op, shape: &[usize]) -> bool {
    match op {
        Op::Flatten | Op::Reshape { .. } | Op::Concatenate { .. } => true,
        Op::Transpose { order } => order.iter().filter(|&&axis| shape[axis] > 1).is_sorted(),
        Op::Broadcast { shape: to } => to.iter().product::<usize>() == shape.iter().product::<usize>(),
        Op::Select { axis, indices } => indices.iter().copied().eq(0..shape[*axis]),
        Op::Pad { before, behind, .. } => before.iter().chain(behind).all(|&more| more == 0),
        Op::Reduce { axes, .. } => axes.iter().all(|&axis| shape[axis] == 1),
        _ => false,
    }
}
