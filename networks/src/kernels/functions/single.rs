//! `exp`, the logistic function and the normal distribution in f32 without branches: over slices, eight or sixteen floats at a time.
#![expect(unsafe_code, reason = "a kernel, compiled for an instruction set")]

use crate::kernels::simd::{Isa, Kernel, Vector, run};

/// `1 / (1 + exp(-x))` in place; relative error below 3e-7 for |x| < 87.
pub(in crate::kernels) fn logistic(isa: Isa, floats: &mut [f32]) {
    run(isa, Logistic(floats));
}

struct Logistic<'a>(&'a mut [f32]);

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Logistic<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        self.0.iter_mut().for_each(|x| *x = 1.0 / (1.0 + exp(-*x)));
    }
}

/// `exp(x)` without branches, so that loops over it vectorise: `x = n ln 2 + r` with `|r| <= ln 2 / 2`, Taylor's series
/// of `exp(r)` to degree 7 (remainder below 6e-9), and `2^n` through the exponent bits. Clamped to +-87.
#[inline(always)]
pub(in crate::kernels) fn exp(x: f32) -> f32 {
    /// Adding 1.5 * 2^23 leaves the rounded integer in the low bits of the significand.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts; the first has few enough bits that `n` times it is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.clamp(-87.0, 87.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN_2[0] - n * LN_2[1];
    let mut series = 1.0 / 5040.0;
    for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = series * r + 1.0 / factorial;
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}

/// The normal distribution function and its density at `x`. With `z = |x| / sqrt(2)` one less the error function is `exp(-z^2) t P(t)`,
/// `t = 1 / (1 + 0.33 z)`, as Hastings has it (Abramowitz and Stegun 1964, 7.1.26); `P` of degree 7, fitted by us by weighted least squares, is
/// off by a relative 1e-7 for `z <= 10`.
#[inline(always)]
pub(super) fn normal(x: f32) -> [f32; 2] {
    /// Highest degree first.
    const P: [f32; 8] = [
        -0.135_351_75,
        0.460_262_8,
        -0.351_194_98,
        0.408_542_9,
        0.047_197_074,
        0.201_231_38,
        0.182_954_67,
        0.186_357_89,
    ];
    /// `1 / sqrt(2 pi)`.
    const DENSITY: f32 = 0.398_942_3;
    let t = 1.0 / (1.0 + 0.33 * std::f32::consts::FRAC_1_SQRT_2 * x.abs());
    let mut p = 0.0;
    for coefficient in P {
        p = p * t + coefficient;
    }
    let e = exp(-0.5 * x * x);
    let beyond = 0.5 * e * (t * p);
    [if x < 0.0 { beyond } else { 1.0 - beyond }, DENSITY * e]
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

    use super::super::double;
    use super::*;

    #[test]
    fn the_normal_distribution_agrees_with_double_precision() {
        // From mpmath 1.3, rounded to f64, at the first few; what follows is the error function in double precision.
        let known =
            [(-10.0, 7.619_853_024_160_525e-24), (-1.5, 0.066_807_201_268_858_07), (3.0, 0.998_650_101_968_369_9)];
        let more = (-12_000..=12_000).map(|step| f64::from(step as f32 / 1000.0)).map(|x| {
            let half = 0.5 * double::complement(x.abs() * FRAC_1_SQRT_2);
            (x, if x < 0.0 { half } else { 1.0 - half })
        });
        for (x, exact) in known.into_iter().chain(more) {
            let [found, density] = normal(x as f32).map(f64::from);
            let exact_density = double::exp(-0.5 * x * x) * 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
            // The exponent, 0.5 x^2, is rounded.
            let off = 6e-7 + 6e-8 * x * x;
            assert!((found / exact - 1.0).abs() < off, "normal({x}) = {found}, not {exact}");
            assert!((density / exact_density - 1.0).abs() < off, "density({x}) = {density}, not {exact_density}");
        }
        assert_eq!((normal(-1e9)[0] < 1e-37, normal(1e9)[0]), (true, 1.0));
        assert!(normal(f32::NAN)[0].is_nan());
    }

    #[test]
    fn logistic_agrees_with_double_precision() {
        for isa in Isa::available() {
            let inputs: Vec<f32> = (-8600..=8600).map(|i| i as f32 / 100.0).collect();
            let mut outputs = inputs.clone();
            logistic(isa, &mut outputs);
            for (x, y) in inputs.into_iter().zip(outputs) {
                let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
                assert!((f64::from(y) / exact - 1.0).abs() < 3e-7, "{isa:?}: logistic({x}) = {y}, not {exact}");
            }
        }
    }

    #[test]
    fn extremes_stay_in_range() {
        let mut extremes = [f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY, f32::NAN];
        logistic(Isa::detect(), &mut extremes);
        assert!(extremes[0] >= 0.0 && extremes[1] < 1e-37 && extremes[2] == 1.0 && extremes[3] == 1.0);
        assert!(extremes[4].is_nan());
    }
}
