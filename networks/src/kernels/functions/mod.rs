//! [`Function`](crate::Function)s and their slopes over slices, a register at a time where the compiler finds one.
//!
//! What needs more than a few operations of f32 is computed in f64 without branches (`double`) and rounded once, so that it is as good as
//! f32 can say it, and the same on every instruction set. Of the logistic function, `Silu` and both forms of `Gelu` networks have many: these
//! are computed in f32 (`single`). Powers and logarithms are those of the standard library.

mod double;
mod single;
mod slopes;
mod values;

pub(super) use single::{exp, logistic};
pub(super) use slopes::{follows_from_result, slopes, slopes_behind};
pub(super) use values::values;

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

    use super::*;
    use crate::kernels::simd::Isa;
    use crate::spec::Function;

    /// The value of a function, and its slope, in double precision.
    fn exact(function: Function, x: f64) -> [f64; 2] {
        let step = |is: bool| if is { 1.0 } else { 0.0 };
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        match function {
            Function::Affine { scale, shift } => [f64::from(scale) * x + f64::from(shift), f64::from(scale)],
            Function::Clip { low, high } => {
                let (low, high) = (f64::from(low), f64::from(high));
                [x.clamp(low, high), step(low < x && x < high)]
            }
            Function::LeakyRelu { slope } if x <= 0.0 => [f64::from(slope) * x, f64::from(slope)],
            Function::Elu { alpha } if x <= 0.0 => [f64::from(alpha) * x.exp_m1(), f64::from(alpha) * x.exp()],
            Function::LeakyRelu { .. } | Function::Elu { .. } => [x, 1.0],
            Function::HardSwish if x <= -3.0 => [0.0, 0.0],
            Function::HardSwish if x >= 3.0 => [x, 1.0],
            Function::HardSwish => [x * (x / 6.0 + 0.5), x / 3.0 + 0.5],
            Function::Silu => [x * logistic(x), logistic(x) * (1.0 + x * (1.0 - logistic(x)))],
            Function::Tanh => [x.tanh(), 1.0 / x.cosh().powi(2)],
            Function::Softplus => [x.max(0.0) + (-x.abs()).exp().ln_1p(), logistic(x)],
            Function::Exponential => [x.exp(), x.exp()],
            Function::Absolute => [x.abs(), x.signum()],
            Function::Reciprocal => [1.0 / x, -1.0 / (x * x)],
            Function::Logarithm => [x.ln(), 1.0 / x],
            Function::SquareRoot => [x.sqrt(), 0.5 / x.sqrt()],
            Function::Power { exponent } => {
                let exponent = f64::from(exponent);
                [x.powf(exponent), exponent * x.powf(exponent - 1.0)]
            }
            Function::Gelu => {
                let half = 0.5 * double::complement(x.abs() * FRAC_1_SQRT_2);
                let below = if x < 0.0 { half } else { 1.0 - half };
                [x * below, below + x * (-0.5 * x * x).exp() * 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2]
            }
            Function::GeluTanh => {
                let angle = |x: f64| FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * (x + 0.044_715 * x * x * x);
                let gate = logistic(2.0 * angle(x));
                let angle_slope = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * (1.0 + 3.0 * 0.044_715 * x * x);
                [x * gate, gate * (1.0 + 2.0 * x * logistic(-2.0 * angle(x)) * angle_slope)]
            }
            Function::Erf => [f64::NAN; 2],
        }
    }

    #[test]
    fn values_and_slopes_are_good_to_a_few_units_in_the_last_place_and_the_same_everywhere() {
        let positive = |function: Function| {
            matches!(function, Function::Logarithm | Function::SquareRoot | Function::Power { .. })
        };
        for function in [
            Function::Affine { scale: -1.5, shift: 0.0 },
            Function::Clip { low: -0.5, high: 6.0 },
            Function::LeakyRelu { slope: 0.1 },
            Function::LeakyRelu { slope: -0.1 },
            Function::Elu { alpha: 0.5 },
            Function::Elu { alpha: -0.5 },
            Function::HardSwish,
            Function::Silu,
            Function::Gelu,
            Function::GeluTanh,
            Function::Tanh,
            Function::Softplus,
            Function::Erf,
            Function::Exponential,
            Function::Logarithm,
            Function::SquareRoot,
            Function::Reciprocal,
            Function::Absolute,
            Function::Power { exponent: 3.0 },
        ] {
            let all = (-4001..4001).map(|step| (step as f32 + 0.5) / 301.0);
            let inputs: Vec<f32> = all.filter(|x| *x > 0.0 || !positive(function)).collect();
            let on = |isa: Isa| {
                let (mut found, mut slope) = (inputs.clone(), inputs.clone());
                values(isa, function, &mut found);
                slopes(isa, function, &mut slope);
                if follows_from_result(function) {
                    let mut behind = found.clone();
                    slopes_behind(isa, function, &mut behind);
                    assert_eq!(behind, slope, "{function:?}");
                }
                [found, slope]
            };
            let [found, slope] = on(Isa::PORTABLE);
            for isa in Isa::available() {
                assert_eq!(on(isa), [found.clone(), slope.clone()], "{function:?} on {isa:?}");
            }
            for ((x, y), slope) in inputs.iter().zip(&found).zip(&slope) {
                let [exact, exact_slope] = exact(function, f64::from(*x));
                let near = |ours: f32, exact: f64, [off, least]: [f64; 2]| {
                    exact.is_nan() || (f64::from(ours) - exact).abs() <= off * exact.abs().max(least)
                };
                // Far below zero a Gelu in f32 is as good as its exponent, which is rounded.
                let is_gelu = matches!(function, Function::Gelu | Function::GeluTanh);
                let of_value = if is_gelu { [7e-7, 1e-2] } else { [4e-7, 0.0] };
                assert!(near(*y, exact, of_value), "{function:?} of {x} is {y}, not {exact}");
                // A slope that follows from the result is as good as that, and one in f32 as good as its terms.
                let is_as_good = is_gelu || follows_from_result(function) || matches!(function, Function::Silu);
                assert!(
                    near(*slope, exact_slope, [4e-7, if is_as_good { 1.0 } else { 1e-3 }]),
                    "the slope of {function:?} at {x} is {slope}, not {exact_slope}"
                );
            }
        }
    }
}
