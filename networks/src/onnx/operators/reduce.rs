//! What becomes of all elements along some axes.

use crate::onnx::attributes::axes;
use crate::onnx::call::{Call, Value};
use crate::onnx::emit::is_inner;
use crate::onnx::tensor::{Data, Tensor};
use crate::spec::{Function, Op, Reduction};

pub(super) fn reduce(call: &mut Call) -> Result<Vec<Value>, String> {
    let shape = call.value(0)?.shape().to_vec();
    let said = call.integers(1, "axes")?.unwrap_or_default();
    if said.is_empty() && call.node.flag("noop_with_empty_axes") {
        return Ok(vec![call.value(0)?]);
    }
    let all: Vec<usize> = (0..shape.len()).collect();
    let axes = if said.is_empty() { all } else { axes(&said, shape.len())? };
    let keeps = call.node.integer("keepdims").unwrap_or(1) != 0;
    let kept = |(axis, &size): (usize, &usize)| match axes.contains(&axis) {
        true => keeps.then_some(1),
        false => Some(size),
    };
    let reduced: Vec<usize> = shape.iter().enumerate().filter_map(kept).collect();
    match call.value(0)? {
        Value::Known(tensor) => known(call, &tensor, &axes, reduced),
        _ => computed(call, &axes, reduced),
    }
}

/// Means, or the largest, of maps.
pub(super) fn global(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let ([1, _], map) = x.shape.split_at(x.shape.len().min(2)) else {
        return Err(format!("a value of shape {:?}", x.shape));
    };
    let axes: Vec<usize> = (1..=map.len()).collect();
    let by = if call.node.operator == "GlobalMaxPool" { Reduction::Largest } else { Reduction::Mean };
    let id = if axes.is_empty() { x.id } else { call.add(Op::Reduce { by, axes }, &[x.id])? };
    let shape = [&x.shape[..2], &vec![1; x.shape.len() - 2]].concat();
    call.finish(id, shape)
}

fn computed(call: &mut Call, axes: &[usize], reduced: Vec<usize>) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    // Along the batch, which is one image, there is nothing to do.
    let axes: Vec<usize> = match is_inner(&x.shape) {
        true => axes.iter().filter_map(|axis| axis.checked_sub(1)).collect(),
        false => axes.to_vec(),
    };
    let square = Op::Function(Function::Power { exponent: 2.0 });
    let minus = Op::Function(Function::Affine { scale: -1.0, shift: 0.0 });
    let (before, by, after) = match call.node.operator {
        "ReduceMean" => (None, Reduction::Mean, None),
        "ReduceSum" => (None, Reduction::Sum, None),
        "ReduceMax" => (None, Reduction::Largest, None),
        "ReduceMin" => (Some(minus.clone()), Reduction::Largest, Some(minus)),
        "ReduceSumSquare" => (Some(square), Reduction::Sum, None),
        "ReduceL2" => (Some(square), Reduction::Sum, Some(Op::Function(Function::SquareRoot))),
        _ => return Err("its operand depends on the image, and only constants are supported".to_owned()),
    };
    let reduce = (!axes.is_empty() && !call.draft.shape(x.id).is_empty()).then_some(Op::Reduce { by, axes });
    let ops = [before, reduce, after].into_iter().flatten();
    let id = ops.into_iter().try_fold(x.id, |id, op| call.add(op, &[id]))?;
    call.finish(id, reduced)
}

/// Of small tensors: sizes of shapes mostly.
fn known(call: &mut Call, tensor: &Tensor, axes: &[usize], reduced: Vec<usize>) -> Result<Vec<Value>, String> {
    let operator = call.node.operator;
    let order: Vec<usize> =
        (0..tensor.shape.len()).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
    let value = call.moved(Op::Transpose { order }, &[Value::known(tensor.clone())])?;
    let Value::Known(moved) = value else { return Err("a tensor that is not known".to_owned()) };
    let length: usize = axes.iter().map(|&axis| tensor.shape[axis]).product();
    if length == 0 {
        return Err(format!("a tensor of shape {:?}", tensor.shape));
    }
    let data = match &moved.data {
        Data::Integers(values) => {
            let parts = values.chunks(length).map(|part| match operator {
                "ReduceProd" => part.iter().try_fold(1_i64, |product, &value| product.checked_mul(value)),
                "ReduceSum" => part.iter().try_fold(0_i64, |sum, &value| sum.checked_add(value)),
                "ReduceMax" => part.iter().copied().max(),
                "ReduceMin" => part.iter().copied().min(),
                _ => None,
            });
            parts.collect::<Option<Vec<_>>>().map(Data::Integers)
        }
        _ => {
            let values = moved.to_floats(call.budget)?;
            let parts = values.chunks(length).map(|part| {
                Some(match operator {
                    "ReduceProd" => part.iter().product(),
                    "ReduceSum" => part.iter().sum(),
                    "ReduceMean" => part.iter().sum::<f32>() / length as f32,
                    "ReduceMax" => part.iter().copied().fold(f32::NEG_INFINITY, f32::max),
                    "ReduceMin" => part.iter().copied().fold(f32::INFINITY, f32::min),
                    "ReduceSumSquare" => part.iter().map(|value| value * value).sum(),
                    "ReduceL2" => part.iter().map(|value| value * value).sum::<f32>().sqrt(),
                    _ => return None,
                })
            });
            parts.collect::<Option<Vec<_>>>().map(Data::Floats)
        }
    };
    let data = data.ok_or("integers that are too large, or their mean")?;
    Ok(vec![Value::known(Tensor { shape: reduced, data })])
}
