//! Operators of constants only: comparisons, logic, and arithmetic that no network here has.

use crate::onnx::arithmetic::{binary, chosen, unary};
use crate::onnx::call::{Call, Computed, Value};
use crate::spec::{Function, Op};

pub(super) fn of_one(call: &mut Call) -> Result<Vec<Value>, String> {
    let tensor = call.tensor(0)?;
    let found = unary(call.node.operator, &tensor, call.budget)?;
    found.map(|found| vec![Value::known(found)]).ok_or_else(|| "a constant of another type".to_owned())
}

pub(super) fn of_two(call: &mut Call) -> Result<Vec<Value>, String> {
    // Whether a value of the network is above a number is kept for whoever chooses by it.
    if let (Value::Computed(x), "Greater" | "GreaterOrEqual") = (call.value(0)?, call.node.operator)
        && let Some(number) = call.tensor(1)?.uniform()
        && call.tensor(1)?.shape.len() <= x.shape.len()
    {
        return Ok(vec![Value::Above(x, number)]);
    }
    let (a, b) = (call.tensor(0)?, call.tensor(1)?);
    // The remainder with the sign of the dividend is another operator in all but name.
    let operator = if call.node.flag("fmod") { "Fmod" } else { call.node.operator };
    let found = binary(operator, [&a, &b], call.budget)?;
    found.map(|found| vec![Value::known(found)]).ok_or_else(|| "constants of other types".to_owned())
}

/// One value or the other. Where the condition is the same everywhere, either may depend on the image.
pub(super) fn choose(call: &mut Call) -> Result<Vec<Value>, String> {
    if let Value::Above(x, number) = call.value(0)? {
        return above(call, &x, number);
    }
    let condition = call.tensor(0)?;
    let (a, b) = (call.value(1)?, call.value(2)?);
    if let (Value::Known(a), Value::Known(b)) = (&a, &b) {
        return Ok(vec![Value::known(chosen([&condition, a, b], call.budget)?)]);
    }
    let chosen = match condition.uniform() {
        Some(0.0) => b.clone(),
        Some(_) => a.clone(),
        None => return Err("a choice between values that depend on the image, element by element".to_owned()),
    };
    if a.shape() != b.shape()
        && a.shape().len() + b.shape().len() > 0
        && chosen.shape().len() < a.shape().len().max(b.shape().len())
    {
        return Err(format!("a choice between shapes {:?} and {:?}", a.shape(), b.shape()));
    }
    Ok(vec![chosen])
}

/// `x` where it is above a number, else something of `x`: activations as exporters spell them out.
fn above(call: &mut Call, x: &Computed, number: f32) -> Result<Vec<Value>, String> {
    let refusal = || "a choice by values that depend on the image".to_owned();
    let (a, b) = (call.value(1)?, call.value(2)?);
    let Value::Computed(Computed { id, .. }) = a else { return Err(refusal()) };
    if id != x.id {
        return Err(refusal());
    }
    let function = match &b {
        Value::Known(floor) if floor.len() == 1 && floor.uniform() == Some(number) => {
            Function::Clip { low: number, high: f32::INFINITY }
        }
        Value::Computed(other) => match call.draft.op(other.id) {
            // From here on they are the same.
            Some((Op::Function(Function::Softplus), &[of])) if of == x.id && number >= 15.0 => Function::Softplus,
            Some((&Op::Function(Function::Affine { scale, shift: 0.0 }), &[of])) if of == x.id && number == 0.0 => {
                Function::LeakyRelu { slope: scale }
            }
            _ => return Err(refusal()),
        },
        _ => return Err(refusal()),
    };
    let id = call.add(Op::Function(function), &[x.id])?;
    call.finish(id, x.shape.clone())
}
