//! Convolutions, of one or two dimensions; the weights are constants.

use std::rc::Rc;

use crate::onnx::attributes::size;
use crate::onnx::call::{Call, Value};
use crate::onnx::emit::viewed;
use crate::onnx::tensor::Tensor;
use crate::onnx::windows::{both, map, unmapped, window};
use crate::spec::Op;

pub(super) fn convolution(call: &mut Call) -> Result<Vec<Value>, String> {
    let x = call.computed(0)?;
    let weight = call.tensor(1)?;
    let ([1, in_channels, sizes @ ..], [out_channels, _, kernel @ ..]) = (&x.shape[..], &weight.shape[..]) else {
        return Err(format!("a value of shape {:?} and a weight of shape {:?}", x.shape, weight.shape));
    };
    if sizes.len() != kernel.len() {
        return Err(format!("a value of shape {:?} and a weight of shape {:?}", x.shape, weight.shape));
    }
    let (in_channels, out_channels) = (*in_channels, *out_channels);
    let map = map(sizes)?;
    let said = call.node.integers("kernel_shape").unwrap_or_default();
    if !said.is_empty() && !said.iter().map(|&size| usize::try_from(size)).eq(kernel.iter().map(|&size| Ok(size))) {
        return Err(format!("kernel_shape {said:?} and a weight of shape {:?}", weight.shape));
    }
    let groups = size(call.node.integer("group").unwrap_or(1), "group")?;
    let (window, _) = window(call.node, both(kernel)?, map, sizes.len())?;
    let op = Op::Convolution { in_channels, out_channels, groups, window };
    if Some(weight.shape[1]) != in_channels.checked_div(groups) {
        return Err(format!("{in_channels} channels in {groups} groups, and a weight of shape {:?}", weight.shape));
    }
    let bias = bias(call, 2, out_channels)?;
    let operand = viewed(call.draft, x.id, &[in_channels, map[0], map[1]])?;
    let id = call.draft.push(op, &[operand], vec![weight, bias])?;
    let shape = [&[1, out_channels][..], &unmapped(&call.draft.shape(id)[1..], sizes)].concat();
    call.finish(id, shape)
}

/// The bias that an operand says, or zeros.
pub(super) fn bias(call: &mut Call, at: usize, channels: usize) -> Result<Rc<Tensor>, String> {
    let Some(bias) = call.given_tensor(at)? else { return Ok(Tensor::same(&[channels], 0.0).into()) };
    if bias.shape != [channels] {
        return Err(format!("{channels} channels and a bias of shape {:?}", bias.shape));
    }
    Ok(bias)
}
