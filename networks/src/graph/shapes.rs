//! The same elements elsewhere: transposed, selected, repeated, padded.

use candle_core::{Result, Tensor};

use crate::spec::Fill;

/// With leading dimensions of size 1 behind the batch, so that each image's value has this rank.
pub(super) fn of_rank(x: &Tensor, rank: usize) -> Result<Tensor> {
    let (batch, shape) = (x.dim(0)?, &x.dims()[1..]);
    x.reshape([&[batch], &vec![1; rank.saturating_sub(shape.len())][..], shape].concat())
}

/// The dimensions of each image in another order.
pub(super) fn transposed(x: &Tensor, order: &[usize]) -> Result<Tensor> {
    let order: Vec<usize> = [0].into_iter().chain(order.iter().map(|axis| axis + 1)).collect();
    x.permute(order)
}

/// Some slices along an axis of the tensor.
pub(super) fn selected(x: &Tensor, axis: usize, indices: &[usize]) -> Result<Tensor> {
    let indices: Vec<u32> = indices.iter().map(|&index| index as u32).collect();
    x.contiguous()?.index_select(&Tensor::new(indices, x.device())?, axis)
}

/// More elements before and behind, along each axis of an image's value.
pub(super) fn padded(x: &Tensor, before: &[usize], behind: &[usize], fill: Fill) -> Result<Tensor> {
    let mut padded = x.clone();
    for (axis, (&before, &behind)) in (1..).zip(before.iter().zip(behind)).filter(|(_, more)| *more != (&0, &0)) {
        let size = padded.dim(axis)?;
        let edge = |at: usize| at.saturating_sub(before).min(size - 1);
        let mirrored = |at: usize| (size - 1) - (size - 1).abs_diff(at.abs_diff(before));
        padded = match fill {
            Fill::Value(value) => filled(&padded, axis, [before, behind], value.into())?,
            Fill::Edge => selected(&padded, axis, &(0..before + size + behind).map(edge).collect::<Vec<_>>())?,
            Fill::Reflect => selected(&padded, axis, &(0..before + size + behind).map(mirrored).collect::<Vec<_>>())?,
        };
    }
    Ok(padded)
}

/// With this value before and behind, along an axis of the tensor.
pub(super) fn filled(x: &Tensor, axis: usize, more: [usize; 2], value: f64) -> Result<Tensor> {
    let part = |size: usize| {
        let mut shape = x.dims().to_vec();
        shape[axis] = size;
        Tensor::full(value, shape, x.device())?.to_dtype(x.dtype())
    };
    match more {
        [0, 0] => Ok(x.clone()),
        [0, behind] => Tensor::cat(&[x, &part(behind)?], axis),
        [before, 0] => Tensor::cat(&[&part(before)?, x], axis),
        [before, behind] => Tensor::cat(&[&part(before)?, x, &part(behind)?], axis),
    }
}
