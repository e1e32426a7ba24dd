//! From a node of a [`Spec`](crate::Spec) to the steps that compute it.
//!
//! An activation is computed in place where nobody else asks for its operand; `Flatten` and `Reshape` are other names of a place; a
//! sum is part of the layer before it where that layer gives one of its operands and nothing else.

use super::builder::{Builder, Planned, Value};
use super::map_ops::{of_map, of_two_maps};
use super::plain_ops::{alike, all_flat, are_maps, keeps_order, of_rows};
use super::plan::{PlanError, StepOp, Then};
use super::wishes::{flat, in_three, is_map};
use crate::kernels::functions::follows_from_result;
use crate::spec::{Op, Pairwise};

/// Where a node's value lies, with the steps that lead there.
///
/// # Errors
/// [`PlanError`] where the kernels do not know its op.
pub(super) fn plan_node(builder: &mut Builder<'_>, number: usize) -> Result<Value, PlanError> {
    let spec = builder.spec;
    let node = &spec.nodes[number];
    let value = spec.inputs.len() + number;
    let (operands, is_sole) = (builder.operands(node), builder.is_sole(value));
    let shape = in_three(&builder.shapes[value]);
    let planned = match (&node.op, &operands[..]) {
        (op, &[operand]) if keeps_order(op, &builder.shapes[operand]) => {
            let shape = builder.shape_of(value);
            return Ok(renamed(builder, operand, shape, is_sole));
        }
        (Op::Relu, &[operand]) => return Ok(activated(builder, operand, Then::Relu, is_sole)),
        (Op::Sigmoid, &[operand]) => return Ok(activated(builder, operand, Then::Sigmoid, is_sole)),
        (&Op::Function(function), &[operand]) => {
            return Ok(activated(builder, operand, Then::Function(function), is_sole));
        }
        (Op::Constant { .. }, []) => {
            Some((StepOp::Constant(builder.new_layer(&node.name)), Vec::new(), builder.shape_of(value)))
        }
        (&Op::Pairwise(function), &[a, b]) => {
            if let Some(place) = even_sum(builder, function, [a, b], value) {
                return Ok(Value { place, is_sole });
            }
            pair(builder, function, [a, b], value)
        }
        (&Op::Linear { in_features, .. }, &[operand]) => {
            let rows = builder.shapes[operand].iter().product::<usize>() / in_features;
            let layer = builder.new_layer(&node.name);
            Some(match rows {
                1 => (StepOp::Linear(layer), vec![builder.values[operand].place], shape),
                _ => (StepOp::Rows { layer, rows }, all_flat(builder, &operands), flat(&builder.shapes[value])),
            })
        }
        (Op::Concatenate { axis: 0 }, _) => Some(match are_maps(builder, &operands, value) {
            true => (StepOp::Concatenate, builder.exact(&operands), shape),
            false => (StepOp::Concatenate, all_flat(builder, &operands), flat(&builder.shapes[value])),
        }),
        (Op::Reduce { .. } | Op::Select { .. }, &[operand])
            if is_map(in_three(&builder.shapes[operand])) && !are_maps(builder, &operands, value) =>
        {
            of_rows(builder, &node.op, &operands, value)
        }
        (op, &[operand]) => of_map(builder, node, operand, value).or_else(|| of_rows(builder, op, &operands, value)),
        (op, _) => of_rows(builder, op, &operands, value),
    };
    let Some((op, from, shape)) = planned else {
        return Err(PlanError { value: node.name.clone(), reason: format!("{:?} is not known here", node.op) });
    };
    Ok(Value { place: builder.push(op, from, shape), is_sole })
}

/// The same elements in another shape: the same place, or a map that is written at once where what writes features in any order may
/// write them so. Who asks for the value as a map may need a view of it ([`Builder::viewed`]).
fn renamed(builder: &mut Builder<'_>, operand: usize, shape: [usize; 3], is_sole: bool) -> Value {
    let Value { place, is_sole: is_free } = builder.values[operand];
    let in_any_order = matches!(builder.writer(place), StepOp::Linear(_) | StepOp::Take(_) | StepOp::Constant(_));
    if is_free && in_any_order && !is_map(builder.places[place].shape) {
        builder.places[place].shape = shape;
    }
    Value { place, is_sole: is_free && is_sole }
}

/// A function of each element, in place if it can be.
fn activated(builder: &mut Builder<'_>, operand: usize, then: Then, is_sole: bool) -> Value {
    let Value { place, is_sole: is_free } = builder.values[operand];
    let is_given = builder.is_asked_for(place);
    let (in_place, op) = match then {
        Then::Function(function) => (follows_from_result(function), StepOp::Function(function)),
        _ => (true, StepOp::Copy),
    };
    if in_place && is_free && !is_given && builder.places[place].then == Then::Nothing {
        builder.places[place].then = then;
        return Value { place, is_sole };
    }
    let is_copy = op == StepOp::Copy;
    let to = builder.push(op, vec![place], builder.places[place].shape);
    if is_copy {
        builder.places[to].then = then;
    }
    Value { place: to, is_sole }
}

/// Whether neither operand is repeated.
fn is_even(builder: &Builder<'_>, operands: [usize; 2], value: usize) -> bool {
    let elements = |value: usize| builder.shapes[value].iter().product::<usize>();
    operands.iter().all(|&operand| elements(operand) == elements(value))
}

/// The place of a sum that has become part of a layer.
fn even_sum(builder: &mut Builder<'_>, function: Pairwise, operands: [usize; 2], value: usize) -> Option<usize> {
    (function == Pairwise::Add && is_even(builder, operands, value)).then(|| builder.add_to_layer(&operands)).flatten()
}

/// A function of two operands: of as many elements as they lie, of others as maps or flat.
fn pair(builder: &mut Builder<'_>, function: Pairwise, operands: [usize; 2], value: usize) -> Option<Planned> {
    if is_even(builder, operands, value) {
        return Some(alike(builder, function, operands, value));
    }
    let is_vector = builder.shapes[value].len() == 1;
    if is_vector || builder.shapes[value].len() == 3 && are_maps(builder, &operands, value) {
        return of_two_maps(builder, function, operands, value);
    }
    of_rows(builder, &Op::Pairwise(function), &operands, value)
}
