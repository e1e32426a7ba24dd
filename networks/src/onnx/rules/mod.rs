//! What a step can be put more simply as, from the steps before it. Exporters spell things out, and files move values about.

mod gate;
mod normalize;
mod scalar;
mod simpler;
mod view;

use super::draft::{Draft, Id};
use crate::spec::Op;
use simpler::Simpler;
pub(super) use view::view;

/// The simpler form of an op of these operands, if there is one. Nothing simpler comes of it without end: the ops are fewer, or the
/// operand is an earlier one.
pub(super) fn simpler(draft: &Draft, op: &Op, operands: &[Id]) -> Option<Simpler> {
    match *operands {
        [operand] => view::simpler(draft, op, operand).or_else(|| scalar::simpler(draft, op, operand)),
        [a, b] => gate::simpler(draft, op, [a, b]).or_else(|| normalize::simpler(draft, op, [a, b])),
        _ => None,
    }
}
