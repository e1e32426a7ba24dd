//! `exp` and the logistic function in f32 without branches: over slices, eight or sixteen floats at a time.
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

#[cfg(test)]
mod tests {
    use super::*;

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
