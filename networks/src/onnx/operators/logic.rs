//! Operators of constants only: comparisons, logic, and arithmetic that no network here has.

use crate::onnx::arithmetic::{binary, chosen, unary};
use crate::onnx::call::{Call, Value};

pub(super) fn of_one(call: &mut Call) -> Result<Vec<Value>, String> {
    let tensor = call.tensor(0)?;
    let found = unary(call.node.operator, &tensor, call.budget)?;
    found.map(|found| vec![Value::known(found)]).ok_or_else(|| "a constant of another type".to_owned())
}

pub(super) fn of_two(call: &mut Call) -> Result<Vec<Value>, String> {
    let (a, b) = (call.tensor(0)?, call.tensor(1)?);
    let found = binary(call.node.operator, [&a, &b], call.budget)?;
    found.map(|found| vec![Value::known(found)]).ok_or_else(|| "constants of other types".to_owned())
}

/// One value or the other. Where the condition is the same everywhere, either may depend on the image.
pub(super) fn choose(call: &mut Call) -> Result<Vec<Value>, String> {
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
