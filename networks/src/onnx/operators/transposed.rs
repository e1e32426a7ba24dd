//! Transposed convolutions, as far as the network's op goes: a square kernel, one stride, one group, no gaps.

use super::convolution::bias;
use crate::onnx::attributes::size;
use crate::onnx::call::{Call, Value};
use crate::onnx::windows::padding;
use crate::spec::Op;

pub(super) fn convolution(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let weight = call.tensor(1)?;
    let (&[1, in_channels, rows, columns], &[channels, out_channels, kernel, other]) =
        (&x.shape[..], &weight.shape[..])
    else {
        return Err(format!("a value of shape {:?} and a weight of shape {:?}", x.shape, weight.shape));
    };
    let sizes = |name: &str, default: usize| -> Result<[usize; 2], String> {
        let Some(numbers) = call.node.integers(name) else { return Ok([default; 2]) };
        let [rows, columns] = *numbers else { return Err(format!("{name} {numbers:?} for two spatial dimensions")) };
        Ok([size(rows, name)?, size(columns, name)?])
    };
    let (strides, dilations) = (sizes("strides", 1)?, sizes("dilations", 1)?);
    let is_known = kernel == other
        && channels == in_channels
        && strides[0] == strides[1]
        && strides[0] > 0
        && dilations == [1; 2]
        && call.node.integer("group").unwrap_or(1) == 1
        && call.node.integers("output_shape").is_none();
    let automatic = call.node.text_or("auto_pad", "NOTSET");
    if !is_known || !matches!(automatic, "NOTSET" | "VALID") {
        return Err(
            "a transposed convolution of another kind than: square kernel, one stride, one group, no dilation, pads"
                .to_owned(),
        );
    }
    let pads = if automatic == "VALID" { [[0; 2]; 2] } else { padding(call.node, 2)? };
    let mut output_padding = sizes("output_padding", 0)?;
    for way in 0..2 {
        // What is cut off less at the end is a larger result.
        let more = pads[way][0].checked_sub(pads[way][1]).filter(|_| pads[0][0] == pads[1][0]);
        output_padding[way] += more.ok_or_else(|| format!("pads {pads:?}, which cut off more at the end"))?;
    }
    let (stride, padding) = (strides[0], pads[0][0]);
    if [rows, columns].iter().any(|&size| size.saturating_mul(stride) > 1 << 28) {
        return Err(format!("strides of {stride}"));
    }
    let op = Op::TransposedConvolution { in_channels, out_channels, kernel, stride, padding, output_padding };
    let bias = bias(call, 2, out_channels)?;
    let id = call.draft.push(op, &[x.id], vec![weight, bias])?;
    let shape = [&[1], call.draft.shape(id)].concat();
    call.finish(id, shape)
}
