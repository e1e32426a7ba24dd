//! Ops that move elements or not at all: one view in place of several, and none in place of those that change nothing.

use super::simpler::Simpler;
use crate::onnx::draft::{Draft, Id};
use crate::spec::Op;

/// The same elements in another shape.
pub(in crate::onnx) fn view(shape: &[usize]) -> Op {
    if shape.len() == 1 { Op::Flatten } else { Op::Reshape { shape: shape.to_vec() } }
}

pub(super) fn simpler(draft: &Draft, op: &Op, operand: Id) -> Option<Simpler> {
    let from = draft.shape(operand);
    let same = || Some((operand, Vec::new()));
    match op {
        Op::Reshape { shape } if shape == from => same(),
        Op::Flatten if from.len() == 1 => same(),
        Op::Reshape { .. } | Op::Flatten => match draft.op(operand) {
            Some((Op::Reshape { .. } | Op::Flatten, &[before])) => Some((before, vec![op.clone()])),
            _ => match op {
                Op::Reshape { shape } if shape.len() == 1 => Some((operand, vec![Op::Flatten])),
                _ => None,
            },
        },
        Op::Transpose { order } => transposed(draft, order, operand),
        Op::Select { axis, indices } => {
            let keeps = from.get(*axis) == Some(&indices.len()) && indices.iter().copied().eq(0..indices.len());
            keeps.then(same)?
        }
        Op::Broadcast { shape } if shape == from => same(),
        Op::Concatenate { .. } => same(),
        Op::Pad { before, behind, .. } if before.iter().chain(behind).all(|&size| size == 0) => same(),
        Op::Reduce { axes, .. } if axes.iter().all(|&axis| from.get(axis) == Some(&1)) => {
            let kept: Vec<usize> = (0..from.len()).filter(|axis| !axes.contains(axis)).map(|axis| from[axis]).collect();
            Some((operand, vec![view(if kept.is_empty() { &[1] } else { &kept })]))
        }
        _ => None,
    }
}

fn transposed(draft: &Draft, order: &[usize], operand: Id) -> Option<Simpler> {
    let from = draft.shape(operand);
    if order.len() != from.len() || order.iter().any(|&axis| axis >= from.len()) {
        return None;
    }
    // What has one element along it moves for free.
    if order.iter().filter(|&&axis| from[axis] != 1).is_sorted() {
        let shape: Vec<usize> = order.iter().map(|&axis| from[axis]).collect();
        return Some((operand, if shape == from { Vec::new() } else { vec![view(&shape)] }));
    }
    let (Op::Transpose { order: first }, &[before]) = draft.op(operand)? else { return None };
    Some((before, vec![Op::Transpose { order: order.iter().map(|&axis| first[axis]).collect() }]))
}
