//! Functions of each element.

use crate::onnx::arithmetic::unary;
use crate::onnx::call::{Call, Value};
use crate::onnx::emit::scale_shift;
use crate::onnx::tensor::Tensor;
use crate::spec::{Function, Op, Pairwise};

const fn affine(scale: f32, shift: f32) -> Op {
    Op::Function(Function::Affine { scale, shift })
}

/// Operators that are a chain of functions.
pub(super) fn activation(call: &mut Call) -> Result<Vec<Value>, String> {
    let operator = call.node.operator;
    if let Value::Known(tensor) = call.value(0)?
        && let Some(tensor) = unary(operator, &tensor, call.budget)?
    {
        return Ok(vec![Value::known(tensor)]);
    }
    let alpha = |default: f32| call.node.float("alpha").unwrap_or(default);
    let function = |function: Function| vec![Op::Function(function)];
    let ops = match operator {
        "Abs" => function(Function::Absolute),
        "Celu" => {
            let alpha = alpha(1.0);
            vec![affine(1.0 / alpha, 0.0), Op::Function(Function::Elu { alpha: 1.0 }), affine(alpha, 0.0)]
        }
        "Elu" => function(Function::Elu { alpha: alpha(1.0) }),
        "Erf" => function(Function::Erf),
        "Exp" => function(Function::Exponential),
        "HardSigmoid" => {
            let shift = call.node.float("beta").unwrap_or(0.5);
            vec![affine(alpha(0.2), shift), Op::Function(Function::Clip { low: 0.0, high: 1.0 })]
        }
        "HardSwish" => function(Function::HardSwish),
        "LeakyRelu" => function(Function::LeakyRelu { slope: alpha(0.01) }),
        "Log" => function(Function::Logarithm),
        "Neg" => vec![affine(-1.0, 0.0)],
        "Reciprocal" => function(Function::Reciprocal),
        "Relu" => vec![Op::Relu],
        "Selu" => {
            let gamma = call.node.float("gamma").unwrap_or(1.050_701);
            vec![Op::Function(Function::Elu { alpha: alpha(1.673_263_2) }), affine(gamma, 0.0)]
        }
        "Sigmoid" => vec![Op::Sigmoid],
        "Softplus" => function(Function::Softplus),
        "Sqrt" => function(Function::SquareRoot),
        _ => function(Function::Tanh),
    };
    chain(call, ops)
}

fn chain(call: &mut Call, ops: Vec<Op>) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let id = ops.into_iter().try_fold(x.id, |id, op| call.add(op, &[id]))?;
    call.finish(id, x.shape)
}

/// The error function's Gelu, or that of `tanh`.
pub(super) fn gelu(call: &mut Call) -> Result<Vec<Value>, String> {
    let function = match call.node.text_or("approximate", "none") {
        "none" => Function::Gelu,
        "tanh" => Function::GeluTanh,
        other => return Err(format!("approximate {other:?}")),
    };
    chain(call, vec![Op::Function(function)])
}

/// Bounds are attributes up to version 6, and operands from 11 on.
pub(super) fn clip(call: &mut Call) -> Result<Vec<Value>, String> {
    let bound = |at: usize, name: &str, none: f32| match call.given_tensor(at)? {
        Some(tensor) => tensor.uniform().ok_or_else(|| format!("bounds of shape {:?}", tensor.shape)),
        None => Ok(call.node.float(name).unwrap_or(none)),
    };
    let (low, high) = (bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?);
    if let Value::Known(tensor) = call.value(0)? {
        let mut bounded = (*tensor).clone();
        for (operator, bound) in [("Max", low), ("Min", high)] {
            let bound = Tensor::same(&[], bound);
            bounded = crate::onnx::arithmetic::binary(operator, [&bounded, &bound], call.budget)?.unwrap_or(bounded);
        }
        return Ok(vec![Value::known(bounded)]);
    }
    chain(call, vec![Op::Function(Function::Clip { low, high })])
}

/// `x`, or a slope times `x` where that is negative. Slopes of channels are those of another negative part.
pub(super) fn prelu(call: &mut Call) -> Result<Vec<Value>, String> {
    let slopes = call.tensor(1)?;
    if let Some(slope) = slopes.uniform() {
        return chain(call, vec![Op::Function(Function::LeakyRelu { slope })]);
    }
    let x = call.computed(0)?;
    let channels = x.shape.get(1).copied().unwrap_or(0);
    if slopes.len() != channels || slopes.shape.iter().filter(|&&size| size != 1).count() != 1 || x.shape[0] != 1 {
        return Err(format!("slopes of shape {:?} for a value of shape {:?}", slopes.shape, x.shape));
    }
    let above = call.add(Op::Relu, &[x.id])?;
    let negated = call.add(affine(-1.0, 0.0), &[x.id])?;
    let below = call.add(Op::Relu, &[negated])?;
    let slopes = slopes.reshaped(&[channels]);
    let scaled = scale_shift(call.draft, below, slopes, Tensor::same(&[channels], 0.0))?;
    let id = call.add(Op::Pairwise(Pairwise::Subtract), &[above, scaled])?;
    call.finish(id, x.shape)
}

/// `x` times a function of `x`.
fn gated(call: &mut Call, ops: Vec<Op>) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let gate = ops.into_iter().try_fold(x.id, |id, op| call.add(op, &[id]))?;
    let id = call.add(Op::Pairwise(Pairwise::Multiply), &[x.id, gate])?;
    call.finish(id, x.shape)
}

/// `x` times the hyperbolic tangent of its softplus.
pub(super) fn mish(call: &mut Call) -> Result<Vec<Value>, String> {
    gated(call, vec![Op::Function(Function::Softplus), Op::Function(Function::Tanh)])
}

/// `x` times the logistic function of a multiple of `x`.
pub(super) fn swish(call: &mut Call) -> Result<Vec<Value>, String> {
    let alpha = call.node.float("alpha").unwrap_or(1.0);
    gated(call, vec![affine(alpha, 0.0), Op::Sigmoid])
}

/// `x` over one more than its size.
pub(super) fn softsign(call: &mut Call) -> Result<Vec<Value>, String> {
    gated(call, vec![Op::Function(Function::Absolute), affine(1.0, 1.0), Op::Function(Function::Reciprocal)])
}
