//! Softmax and its logarithm. Up to version 12 all dimensions from the axis on are one.

use crate::onnx::attributes::axis;
use crate::onnx::call::{Call, Value};
use crate::onnx::emit::is_inner;
use crate::spec::{Function, Op};

pub(super) fn softmax(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let is_old = call.opset < 13;
    let first = axis(call.node.integer("axis").unwrap_or(if is_old { 1 } else { -1 }), x.shape.len())?;
    let length: usize = x.shape[first..].iter().product();
    let is_flat = is_old && length != x.shape[first];
    let (operand, axis) = if is_flat {
        // One row for each place before the axis.
        let rows: usize = x.shape[..first].iter().product();
        let shape = if rows == 1 { vec![length] } else { vec![rows, length] };
        (crate::onnx::emit::viewed(call.draft, x.id, &shape)?, shape.len() - 1)
    } else if is_inner(&x.shape) {
        let axis = first.checked_sub(1).ok_or("a softmax along the batch, which is not an image's own")?;
        (x.id, axis)
    } else {
        (x.id, first)
    };
    let mut id = call.add(Op::Softmax { axis }, &[operand])?;
    if call.node.operator == "LogSoftmax" {
        id = call.add(Op::Function(Function::Logarithm), &[id])?;
    }
    call.finish(id, x.shape)
}
