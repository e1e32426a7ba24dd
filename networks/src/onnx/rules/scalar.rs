//! Functions of elements that are another one's special case, or do nothing.

use super::simpler::Simpler;
use crate::onnx::draft::{Draft, Id};
use crate::spec::{Function, Op};

pub(super) fn simpler(draft: &Draft, op: &Op, operand: Id) -> Option<Simpler> {
    let instead = |function: Function| Some((operand, vec![Op::Function(function)]));
    let Op::Function(function) = *op else {
        // The larger of 0 and itself.
        let is_twice = matches!((op, draft.op(operand)?.0), (Op::Relu, Op::Relu));
        return is_twice.then(|| (operand, Vec::new()));
    };
    match function {
        Function::Affine { scale: 1.0, shift: 0.0 } | Function::Power { exponent: 1.0 } => Some((operand, Vec::new())),
        Function::Affine { scale, shift } => match draft.op(operand)? {
            (&Op::Function(Function::Affine { scale: before, shift: ahead }), &[root]) => {
                let (scale, shift) = (scale * before, scale * ahead + shift);
                let is_finite = scale.is_finite() && shift.is_finite();
                is_finite.then(|| (root, vec![Op::Function(Function::Affine { scale, shift })]))
            }
            _ => None,
        },
        Function::Power { exponent: 0.5 } => instead(Function::SquareRoot),
        Function::Power { exponent: -1.0 } => instead(Function::Reciprocal),
        Function::Clip { low: f32::NEG_INFINITY, high: f32::INFINITY } => Some((operand, Vec::new())),
        Function::Clip { low: 0.0, high: f32::INFINITY } => Some((operand, vec![Op::Relu])),
        Function::LeakyRelu { slope: 0.0 } => Some((operand, vec![Op::Relu])),
        _ => None,
    }
}
