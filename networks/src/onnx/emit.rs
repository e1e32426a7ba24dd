//! Steps put as simply as the rules know, and values as an image has them.
//!
//! A value of the file has a batch dimension, which is one here. Where it comes first and others follow, the draft's value lacks
//! it; [`inner`] is that shape.

use super::draft::{Draft, Id};
use super::rules::{simpler, view};
use super::tensor::Tensor;
use crate::spec::Op;

/// The draft's shape of a value of the file: without a leading one, and with one dimension at least.
pub(super) fn inner(shape: &[usize]) -> Vec<usize> {
    match *shape {
        [] => vec![1],
        [1, ref rest @ ..] if !rest.is_empty() => rest.to_vec(),
        _ => shape.to_vec(),
    }
}

/// Whether [`inner`] leaves out the first dimension.
pub(super) fn is_inner(shape: &[usize]) -> bool {
    shape.len() > 1 && shape[0] == 1
}

/// Appends an op without parameters, or what is simpler.
pub(super) fn add(draft: &mut Draft, op: Op, operands: &[Id]) -> Result<Id, String> {
    match simpler(draft, &op, operands) {
        Some((root, ops)) => ops.into_iter().try_fold(root, |operand, op| add(draft, op, &[operand])),
        None => draft.push(op, operands, Vec::new()),
    }
}

/// The same elements in this shape.
pub(super) fn viewed(draft: &mut Draft, id: Id, shape: &[usize]) -> Result<Id, String> {
    if draft.shape(id) == shape { Ok(id) } else { add(draft, view(shape), &[id]) }
}

/// Each channel of the first dimension times `scale`, plus `shift`.
pub(super) fn scale_shift(draft: &mut Draft, id: Id, scale: Tensor, shift: Tensor) -> Result<Id, String> {
    let channels = scale.len();
    if scale.uniform() == Some(1.0) && shift.uniform() == Some(0.0) {
        return Ok(id);
    }
    draft.push(Op::ScaleShift { channels }, &[id], vec![scale.into(), shift.into()])
}
