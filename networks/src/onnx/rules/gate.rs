//! Activations that are a product of `x` and a function of `x`: Silu, HardSwish and both forms of Gelu, as exporters spell them out.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::simpler::Simpler;
use crate::onnx::draft::{Draft, Id};
use crate::spec::{Function, Op, Pairwise};

pub(super) fn simpler(draft: &Draft, op: &Op, [a, b]: [Id; 2]) -> Option<Simpler> {
    if !matches!(op, Op::Pairwise(Pairwise::Multiply)) {
        return None;
    }
    gated(draft, a, b).or_else(|| gated(draft, b, a))
}

/// A multiple of `x` times a gate of `x`.
fn gated(draft: &Draft, multiple: Id, gate: Id) -> Option<Simpler> {
    let (x, factor) = gate_of(draft, gate)?;
    let (function, by) = factor;
    let times = if multiple == x {
        1.0
    } else {
        let (root, scale, shift) = affine(draft, multiple)?;
        (root == x && shift == 0.0).then_some(scale)?
    };
    let scale = times * by;
    let scaled = Op::Function(Function::Affine { scale, shift: 0.0 });
    Some((x, if scale == 1.0 { vec![Op::Function(function)] } else { vec![Op::Function(function), scaled] }))
}

/// What the gate is of, the activation that it makes, and how many times that.
fn gate_of(draft: &Draft, gate: Id) -> Option<(Id, (Function, f32))> {
    match draft.op(gate)? {
        (Op::Sigmoid, &[x]) => Some((x, (Function::Silu, 1.0))),
        (&Op::Function(Function::Clip { low: 0.0, high }), &[inside]) => {
            let (x, scale, shift) = affine(draft, inside)?;
            // From 0 to 1 of x / 6 + 1 / 2, or six times that.
            let is_gate = near(scale * 6.0, high) && near(shift * 2.0, high) && (high == 1.0 || high == 6.0);
            is_gate.then_some((x, (Function::HardSwish, high)))
        }
        (&Op::Function(Function::Affine { scale, shift }), &[curve]) if scale == shift => {
            let (Op::Function(function), &[inside]) = draft.op(curve)? else { return None };
            let x = match function {
                Function::Erf => multiple_of(draft, inside, FRAC_1_SQRT_2).map(|x| (x, Function::Gelu)),
                Function::Tanh => cubic(draft, inside).map(|x| (x, Function::GeluTanh)),
                _ => None,
            };
            x.map(|(x, function)| (x, (function, 2.0 * scale)))
        }
        _ => None,
    }
}

/// `x` of `sqrt(2 / pi) (x + 0.044715 x^3)`.
fn cubic(draft: &Draft, inside: Id) -> Option<Id> {
    let sum = multiple_of(draft, inside, FRAC_2_SQRT_PI * FRAC_1_SQRT_2)?;
    let (Op::Pairwise(Pairwise::Add), &[a, b]) = draft.op(sum)? else { return None };
    let is_cube = |x: Id, scaled: Id| {
        let cube = multiple_of(draft, scaled, 0.044_715)?;
        let is_cube = match draft.op(cube)? {
            (&Op::Function(Function::Power { exponent: 3.0 }), &[root]) => root == x,
            (Op::Pairwise(Pairwise::Multiply), &[a, b]) => {
                a == x && is_square(draft, b, x) || b == x && is_square(draft, a, x)
            }
            _ => false,
        };
        is_cube.then_some(x)
    };
    is_cube(a, b).or_else(|| is_cube(b, a))
}

/// Whether a value is the square of another.
pub(super) fn is_square(draft: &Draft, square: Id, x: Id) -> bool {
    match draft.op(square) {
        Some((&Op::Function(Function::Power { exponent: 2.0 }), &[root])) => root == x,
        Some((Op::Pairwise(Pairwise::Multiply), &[a, b])) => a == x && b == x,
        _ => false,
    }
}

fn multiple_of(draft: &Draft, id: Id, factor: f32) -> Option<Id> {
    let (x, scale, shift) = affine(draft, id)?;
    (near(scale, factor) && shift == 0.0).then_some(x)
}

/// What a value is `scale` times, plus `shift`.
fn affine(draft: &Draft, id: Id) -> Option<(Id, f32, f32)> {
    match draft.op(id)? {
        (&Op::Function(Function::Affine { scale, shift }), &[x]) => Some((x, scale, shift)),
        _ => None,
    }
}

/// Exporters write such constants with six digits at least.
fn near(found: f32, expected: f32) -> bool {
    (found - expected).abs() <= 1e-5 * expected
}
