//! Matrix products. One with a constant is a linear layer.

use super::pairwise::of_two;
use crate::onnx::call::{Call, Computed, Value};
use crate::onnx::emit::viewed;
use crate::onnx::tensor::Tensor;
use crate::shapes::result;
use crate::spec::Op;

/// `alpha A B + beta C`, of which `A` and `B` may be transposed.
pub(super) fn gemm(call: &mut Call) -> Result<Vec<Value>, String> {
    let alpha = call.node.float("alpha").unwrap_or(1.0);
    let beta = call.node.float("beta").unwrap_or(1.0);
    let mut factors = [call.value(0)?, call.value(1)?];
    for (factor, flag) in factors.iter_mut().zip(["transA", "transB"]) {
        if factor.shape().len() != 2 {
            return Err(format!("a factor of shape {:?}", factor.shape()));
        }
        // The second factor is wanted as its transpose.
        if call.node.flag(flag) != (flag == "transB") {
            *factor = call.moved(Op::Transpose { order: vec![1, 0] }, std::slice::from_ref(factor))?;
        }
    }
    let [a, b] = factors;
    let scaled = |call: &mut Call, value: Value, by: f32| {
        if (by - 1.0).abs() < f32::EPSILON {
            Ok(value)
        } else {
            of_two(call, "Mul", value, Value::known(Tensor::same(&[], by)))
        }
    };
    let b = scaled(call, b, alpha)?;
    let product = product(call, &a, &b, true)?;
    match call.given(2) {
        Some(summand) => {
            let summand = scaled(call, summand, beta)?;
            Ok(vec![of_two(call, "Add", product, summand)?])
        }
        None => Ok(vec![product]),
    }
}

/// NumPy's `matmul`.
pub(super) fn matmul(call: &mut Call) -> Result<Vec<Value>, String> {
    let (mut a, mut b) = (call.value(0)?, call.value(1)?);
    let [is_row, is_column] = [a.shape().len() == 1, b.shape().len() == 1];
    if is_row {
        let shape = vec![1, a.shape()[0]];
        a = call.moved(Op::Reshape { shape }, &[a])?;
    }
    if is_column {
        let shape = vec![b.shape()[0], 1];
        b = call.moved(Op::Reshape { shape }, &[b])?;
    }
    let value = product(call, &a, &b, false)?;
    let mut shape = value.shape().to_vec();
    if is_column {
        shape.pop();
    }
    if is_row {
        shape.remove(shape.len() - usize::from(!is_column) - 1);
    }
    Ok(vec![if is_row || is_column { call.moved(Op::Reshape { shape }, &[value])? } else { value }])
}

/// The product of the last two dimensions of values that have both; of the transpose of `b` if that is what it is.
pub(super) fn product(call: &mut Call, a: &Value, b: &Value, is_turned: bool) -> Result<Value, String> {
    let turn = |rank: usize| Op::Transpose { order: [(0..rank - 2).collect(), vec![rank - 1, rank - 2]].concat() };
    let (rank, mut right) = (b.shape().len(), b.shape().to_vec());
    if is_turned {
        right.swap(rank - 2, rank - 1);
    }
    let shape = result(&Op::MatMul, &[a.shape(), &right])?;
    if let (Value::Computed(x), Value::Known(weight)) = (a, b)
        && weight.shape.len() == 2
    {
        let transposed = if is_turned { b.clone() } else { call.moved(turn(rank), std::slice::from_ref(b))? };
        return linear(call, x, &transposed, shape);
    }
    if let (Value::Known(weight), Value::Computed(_)) = (a, b)
        && weight.shape.len() == 2
    {
        // The transpose of a product is that of the transposes, the other way round.
        let turned = if is_turned { b.clone() } else { call.moved(turn(rank), std::slice::from_ref(b))? };
        let turned = call.drafted(&turned)?;
        let mut between = shape.clone();
        between.swap(rank - 2, rank - 1);
        let value = linear(call, &turned, a, between)?;
        return call.moved(turn(rank), &[value]);
    }
    let b = &if is_turned { call.moved(turn(rank), std::slice::from_ref(b))? } else { b.clone() };
    let (a, b) = (call.drafted(a)?, call.drafted(b)?);
    let [left, right] = [&a, &b].map(|factor| as_matrix(call, factor));
    let id = call.add(Op::MatMul, &[left?, right?])?;
    one(call.finish(id, shape)?)
}

/// Each row of the last dimension times a weight of (outputs, inputs).
fn linear(call: &mut Call, x: &Computed, weight: &Value, shape: Vec<usize>) -> Result<Value, String> {
    let Value::Known(weight) = weight else { return Err("a weight that depends on the image".to_owned()) };
    let &[out_features, in_features] = &weight.shape[..] else {
        return Err(format!("a weight of shape {:?}", weight.shape));
    };
    let op = Op::Linear { in_features, out_features };
    let bias = Tensor::same(&[out_features], 0.0);
    let id = call.draft.push(op, &[x.id], vec![weight.clone(), bias.into()])?;
    one(call.finish(id, shape)?)
}

/// A value with two dimensions at least.
fn as_matrix(call: &mut Call, factor: &Computed) -> Result<usize, String> {
    if call.draft.shape(factor.id).len() > 1 { Ok(factor.id) } else { viewed(call.draft, factor.id, &factor.shape) }
}

fn one(values: Vec<Value>) -> Result<Value, String> {
    values.into_iter().next().ok_or_else(|| "no result".to_owned())
}
