//! More elements before and behind, or fewer where a number is negative.

use crate::onnx::attributes::{axis, size};
use crate::onnx::call::{Call, Value};
use crate::spec::{Fill, Op};

pub(super) fn pad(call: &mut Call) -> Result<Vec<Value>, String> {
    let mut value = call.value(0)?;
    let rank = value.shape().len();
    let pads = call.integers(1, "pads")?.ok_or("it has no pads")?;
    let number = match call.given_tensor(2)? {
        Some(tensor) => tensor.uniform().ok_or("more than one value to pad with")?,
        None => call.node.float("value").unwrap_or(0.0),
    };
    let fill = match call.node.text_or("mode", "constant") {
        "constant" => Fill::Value(number),
        "reflect" => Fill::Reflect,
        "edge" => Fill::Edge,
        other => return Err(format!("mode {other:?}; constant, reflect and edge are supported")),
    };
    let axes = match call.integers(3, "axes")? {
        Some(said) => said.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(format!("pads {pads:?} for a value of shape {:?}", value.shape()));
    }
    let (mut before, mut behind) = (vec![0; rank], vec![0; rank]);
    for (&axis, (&first, &last)) in axes.iter().zip(pads.iter().zip(&pads[axes.len()..])) {
        let length = value.shape()[axis];
        let cut = |number: i64| size(number.min(0).saturating_neg(), "pads");
        let (start, end) = (cut(first)?, length.saturating_sub(cut(last)?));
        if start > 0 || end < length {
            if start >= end {
                return Err(format!("pads {pads:?}, which leave nothing of a value of shape {:?}", value.shape()));
            }
            call.budget.take(2 * (end - start))?;
            value = call.moved(Op::Select { axis, indices: (start..end).collect() }, &[value])?;
        }
        (before[axis], behind[axis]) = (size(first.max(0), "pads")?, size(last.max(0), "pads")?);
    }
    Ok(vec![call.moved(Op::Pad { before, behind, fill }, &[value])?])
}
