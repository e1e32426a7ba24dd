//! The values of functions.
#![expect(unsafe_code, reason = "a kernel, compiled for an instruction set")]

use super::double::{erf, exp, exp_less_one, tanh};
use super::single;
use crate::kernels::simd::{Isa, Kernel, Vector, run};
use crate::spec::Function;

/// Replaces every element by the function's value at it.
pub(in crate::kernels) fn values(isa: Isa, function: Function, floats: &mut [f32]) {
    run(isa, Values { function, floats });
}

struct Values<'a> {
    function: Function,
    floats: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Values<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        // A loop of its own for each function, so that none asks which it is for every element.
        macro_rules! each {
            ($x:ident => $value:expr) => {
                for at in self.floats.iter_mut() {
                    let $x = *at;
                    *at = $value;
                }
            };
        }
        macro_rules! each_in_double {
            ($x:ident => $value:expr) => {
                each!(single => {
                    let $x = f64::from(single);
                    ($value) as f32
                })
            };
        }
        match self.function {
            Function::Affine { scale, shift } => each!(x => scale * x + shift),
            Function::Clip { low, high } => each!(x => {
                let x = if x < low { low } else { x };
                if x > high { high } else { x }
            }),
            Function::LeakyRelu { slope } => each!(x => if x < 0.0 { slope * x } else { x }),
            Function::Elu { alpha } => each_in_double!(x => {
                let negative = f64::from(alpha) * exp_less_one(x);
                if x < 0.0 { negative } else { x }
            }),
            // The sum is exact near -3, where the gate closes.
            Function::HardSwish => each!(x => {
                let gate = x + 3.0;
                let gate = if gate < 0.0 { 0.0 } else { gate };
                let gate = if gate > 6.0 { 6.0 } else { gate };
                x * gate / 6.0
            }),
            Function::Silu => each!(x => x / (1.0 + single::exp(-x))),
            Function::Gelu => each!(x => x * single::normal(x)[0]),
            // Half of 1 + tanh(a) is the logistic function of 2 a.
            Function::GeluTanh => each!(x => x / (1.0 + single::exp(-2.0 * gelu_angle(x)))),
            Function::Tanh => each_in_double!(x => tanh(x)),
            Function::Softplus => each_in_double!(x => (if x < 0.0 { 0.0 } else { x }) + exp(-x.abs()).ln_1p()),
            Function::Erf => each_in_double!(x => erf(x)),
            Function::Exponential => each_in_double!(x => exp(x)),
            Function::Logarithm => each!(x => x.ln()),
            Function::SquareRoot => each!(x => x.sqrt()),
            Function::Reciprocal => each!(x => 1.0 / x),
            Function::Absolute => each!(x => x.abs()),
            Function::Power { exponent } => each!(x => x.powf(exponent)),
        }
    }
}

/// Of what [`Function::GeluTanh`] takes the hyperbolic tangent.
#[inline(always)]
pub(super) fn gelu_angle(x: f32) -> f32 {
    GELU * (x + GELU_CUBE * x * x * x)
}

/// The root of 2 / pi.
pub(super) const GELU: f32 = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
pub(super) const GELU_CUBE: f32 = 0.044_715;
