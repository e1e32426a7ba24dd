//! The slopes of functions, at their operands or behind their results.
#![expect(unsafe_code, reason = "kernels, compiled for an instruction set")]

use super::double::{exp, exp_less_one};
use super::single;
use super::values::{GELU, GELU_CUBE, gelu_angle, values};
use crate::kernels::simd::{Isa, Kernel, Vector, run};
use crate::spec::Function;

/// Whether the slope at an operand follows from the result there, so that nothing else need be kept.
pub(in crate::kernels) fn follows_from_result(function: Function) -> bool {
    match function {
        Function::LeakyRelu { slope } => slope >= 0.0,
        Function::Elu { alpha } => alpha >= 0.0,
        Function::Affine { .. }
        | Function::Clip { .. }
        | Function::Tanh
        | Function::Softplus
        | Function::Exponential
        | Function::SquareRoot
        | Function::Reciprocal => true,
        Function::HardSwish
        | Function::Silu
        | Function::Gelu
        | Function::GeluTanh
        | Function::Erf
        | Function::Logarithm
        | Function::Absolute
        | Function::Power { .. } => false,
    }
}

/// Replaces every operand by the slope at it.
pub(in crate::kernels) fn slopes(isa: Isa, function: Function, floats: &mut [f32]) {
    if follows_from_result(function) {
        values(isa, function, floats);
        return slopes_behind(isa, function, floats);
    }
    run(isa, Slopes { function, floats });
}

/// Replaces every result by the slope that led to it, of a function of which it follows.
pub(in crate::kernels) fn slopes_behind(isa: Isa, function: Function, floats: &mut [f32]) {
    run(isa, SlopesBehind { function, floats });
}

/// A loop of its own for each function, so that none asks which it is for every element.
macro_rules! each {
    ($floats:expr, $x:ident => $value:expr) => {
        for at in $floats.iter_mut() {
            let $x = *at;
            *at = $value;
        }
    };
}
macro_rules! each_in_double {
    ($floats:expr, $x:ident => $value:expr) => {
        each!($floats, single => {
            let $x = f64::from(single);
            ($value) as f32
        })
    };
}

struct Slopes<'a> {
    function: Function,
    floats: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Slopes<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let floats = self.floats;
        match self.function {
            Function::LeakyRelu { slope } => each!(floats, x => if x > 0.0 { 1.0 } else { slope }),
            Function::Elu { alpha } => each_in_double!(floats, x => {
                let negative = f64::from(alpha) * exp(x);
                if x > 0.0 { 1.0 } else { negative }
            }),
            Function::HardSwish => each!(floats, x => {
                let slope = (2.0 * x + 3.0) / 6.0;
                let slope = if x <= -3.0 { 0.0 } else { slope };
                if x >= 3.0 { 1.0 } else { slope }
            }),
            Function::Silu => each!(floats, x => {
                let e = single::exp(-x);
                let gate = 1.0 / (1.0 + e);
                // Not 1 - gate, which cancels where the gate is open.
                gate * (1.0 + x * (e * gate))
            }),
            Function::Gelu => each!(floats, x => {
                let [below, density] = single::normal(x);
                below + x * density
            }),
            Function::GeluTanh => each!(floats, x => {
                let e = single::exp(-2.0 * gelu_angle(x));
                let gate = 1.0 / (1.0 + e);
                let angle_slope = GELU * (1.0 + 3.0 * GELU_CUBE * x * x);
                gate * (1.0 + 2.0 * x * (e * gate) * angle_slope)
            }),
            Function::Erf => each_in_double!(floats, x => std::f64::consts::FRAC_2_SQRT_PI * exp(-x * x)),
            Function::Logarithm => each!(floats, x => 1.0 / x),
            Function::Absolute => each!(floats, x => if x == 0.0 { 0.0 } else { 1.0_f32.copysign(x) }),
            Function::Power { exponent: 0.0 } => floats.fill(0.0),
            Function::Power { exponent } => each!(floats, x => exponent * x.powf(exponent - 1.0)),
            // Those whose slopes follow from results.
            Function::Affine { .. }
            | Function::Clip { .. }
            | Function::Tanh
            | Function::Softplus
            | Function::Exponential
            | Function::SquareRoot
            | Function::Reciprocal => {}
        }
    }
}

struct SlopesBehind<'a> {
    function: Function,
    floats: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for SlopesBehind<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let floats = self.floats;
        match self.function {
            Function::Affine { scale, .. } => floats.fill(scale),
            Function::Clip { low, high } => each!(floats, y => if y > low && y < high { 1.0 } else { 0.0 }),
            Function::LeakyRelu { slope } => each!(floats, y => if y > 0.0 { 1.0 } else { slope }),
            Function::Elu { alpha } => each!(floats, y => if y > 0.0 { 1.0 } else { y + alpha }),
            Function::Tanh => each!(floats, y => 1.0 - y * y),
            Function::Softplus => each_in_double!(floats, y => -exp_less_one(-y)),
            Function::Exponential => {}
            Function::SquareRoot => each!(floats, y => if y == 0.0 { 0.0 } else { 0.5 / y }),
            Function::Reciprocal => each!(floats, y => -y * y),
            // Those whose slopes do not follow.
            Function::HardSwish
            | Function::Silu
            | Function::Gelu
            | Function::GeluTanh
            | Function::Erf
            | Function::Logarithm
            | Function::Absolute
            | Function::Power { .. } => {}
        }
    }
}
