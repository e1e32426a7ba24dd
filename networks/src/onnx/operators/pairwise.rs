//! Arithmetic on two values or more.

use crate::onnx::arithmetic::binary;
use crate::onnx::call::{Call, Computed, Value};
use crate::onnx::emit::scale_shift;
use crate::onnx::tensor::Tensor;
use crate::shapes::result;
use crate::spec::{Function, Op, Pairwise};

/// Addition, subtraction, multiplication, division of two.
pub(super) fn pairwise(call: &mut Call) -> Result<Vec<Value>, String> {
    if call.opset < 7 && call.node.integer("axis").is_some() {
        return Err("an axis to repeat along, which ended with opset 7".to_owned());
    }
    let (a, b) = (call.value(0)?, call.value(1)?);
    Ok(vec![of_two(call, call.node.operator, a, b)?])
}

/// Sum, mean, largest, smallest of any number.
pub(super) fn of_many(call: &mut Call) -> Result<Vec<Value>, String> {
    let operator = if call.node.operator == "Mean" { "Sum" } else { call.node.operator };
    let values = call.all()?;
    let count = values.len();
    let mut values = values.into_iter();
    let first = values.next().ok_or("it has no input")?;
    let mut all = values.try_fold(first, |a, b| of_two(call, operator, a, b))?;
    if call.node.operator == "Mean" {
        let share = Value::known(Tensor::same(&[], 1.0 / count as f32));
        all = of_two(call, "Mul", all, share)?;
    }
    Ok(vec![all])
}

/// To a power that is a constant.
pub(super) fn power(call: &mut Call) -> Result<Vec<Value>, String> {
    let (base, exponent) = (call.value(0)?, call.tensor(1)?);
    if let Value::Known(base) = base {
        let power = binary("Pow", [&base, &exponent], call.budget)?;
        return power.map(|power| vec![Value::known(power)]).ok_or_else(|| "a power that is no number".to_owned());
    }
    let uniform = exponent.uniform().filter(|_| exponent.len() == 1);
    let exponent = uniform.ok_or_else(|| format!("exponents of shape {:?}", exponent.shape))?;
    let x = call.computed(0)?;
    let id = call.add(Op::Function(Function::Power { exponent }), &[x.id])?;
    call.finish(id, x.shape)
}

pub(super) fn of_two(call: &mut Call, operator: &str, a: Value, b: Value) -> Result<Value, String> {
    let shape = result(&Op::Pairwise(Pairwise::Add), &[a.shape(), b.shape()])?;
    let id = match (&a, &b) {
        (Value::Known(a), Value::Known(b)) => {
            let tensor = binary(operator, [a, b], call.budget)?;
            return tensor.map(Value::known).ok_or_else(|| "numbers that are too large, or no numbers".to_owned());
        }
        (Value::Computed(x), Value::Known(tensor)) if x.shape == shape => {
            with_constant(call, operator, x, tensor, false)?
        }
        (Value::Known(tensor), Value::Computed(x)) if x.shape == shape => {
            with_constant(call, operator, x, tensor, true)?
        }
        _ => None,
    };
    let id = if let Some(id) = id {
        id
    } else {
        let by = match operator {
            "Add" | "Sum" => Pairwise::Add,
            "Sub" => Pairwise::Subtract,
            "Mul" => Pairwise::Multiply,
            "Div" => Pairwise::Divide,
            "Max" => Pairwise::Larger,
            _ => Pairwise::Smaller,
        };
        let (a, b) = (call.drafted(&a)?, call.drafted(&b)?);
        call.add(Op::Pairwise(by), &[a.id, b.id])?
    };
    match call.finish(id, shape)?.pop() {
        Some(value) => Ok(value),
        None => Err("no result".to_owned()),
    }
}

/// A value with a constant that is one number, or one for each channel; none for others. `is_first`: the constant is the first operand.
fn with_constant(
    call: &mut Call,
    operator: &str,
    x: &Computed,
    constant: &Tensor,
    is_first: bool,
) -> Result<Option<usize>, String> {
    if let Some(value) = constant.uniform() {
        let affine = |scale: f32, shift: f32| vec![Op::Function(Function::Affine { scale, shift })];
        let ops = match (operator, is_first) {
            ("Add" | "Sum", _) => affine(1.0, value),
            ("Sub", false) => affine(1.0, -value),
            ("Sub", true) => affine(-1.0, value),
            ("Mul", _) => affine(value, 0.0),
            ("Div", false) => affine(1.0 / value, 0.0),
            ("Div", true) => [vec![Op::Function(Function::Reciprocal)], affine(value, 0.0)].concat(),
            ("Max", _) => vec![Op::Function(Function::Clip { low: value, high: f32::INFINITY })],
            _ => vec![Op::Function(Function::Clip { low: f32::NEG_INFINITY, high: value })],
        };
        return ops.into_iter().try_fold(x.id, |id, op| call.add(op, &[id])).map(Some);
    }
    // The channel is the second of the value's dimensions, the first of one image's.
    let rank = x.shape.len();
    let [1, channels, ..] = x.shape[..] else { return Ok(None) };
    let at = |axis: usize| (axis + constant.shape.len()).checked_sub(rank).map_or(1, |axis| constant.shape[axis]);
    let is_of_channels = constant.shape.len() <= rank && constant.len() == channels && at(1) == channels;
    if !is_of_channels {
        return Ok(None);
    }
    call.budget.take(2 * channels)?;
    let changed = |change: fn(f32) -> f32| Tensor::floats(constant.each_float().map(change).collect());
    let (one, zero) = (Tensor::same(&[channels], 1.0), Tensor::same(&[channels], 0.0));
    let (scale, shift) = match (operator, is_first) {
        ("Add" | "Sum", _) => (one, changed(|value| value)),
        ("Sub", false) => (one, changed(|value| -value)),
        ("Sub", true) => (Tensor::same(&[channels], -1.0), changed(|value| value)),
        ("Mul", _) => (changed(|value| value), zero),
        ("Div", false) => (changed(|value| 1.0 / value), zero),
        _ => return Ok(None),
    };
    scale_shift(call.draft, x.id, scale, shift).map(Some)
}
