//! `exp`, `tanh` and the error function in f64, without branches, so that loops over them become vector instructions; good to more
//! digits than f32 has.

use std::f64::consts::{FRAC_2_SQRT_PI, LOG2_E};

/// `exp(x)`, to a relative error below 1e-15 where `|x| <= 700`, and beyond as there: `x = n ln 2 + r` with `|r| <= ln 2 / 2`, Taylor's
/// series of `exp(r)` to degree 13 (the remainder is below 5e-18), and `2^n` through the exponent bits.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    /// Adding 1.5 * 2^52 leaves the rounded integer in the low bits of the significand.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts; the first has few enough bits that `n` times it is exact.
    const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    const FACTORIALS: [f64; 13] =
        [479_001_600.0, 39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0];
    let x = x.clamp(-700.0, 700.0);
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN_2[0] - n * LN_2[1];
    let mut series = 1.0 / 6_227_020_800.0;
    for factorial in FACTORIALS {
        series = series * r + 1.0 / factorial;
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023) << 52;
    series * f64::from_bits(exponent)
}

/// `exp(x) - 1`, good where that is small.
#[inline(always)]
pub(super) fn exp_less_one(x: f64) -> f64 {
    let small = x + 0.5 * x * x;
    let large = exp(x) - 1.0;
    if x.abs() < 1e-5 { small } else { large }
}

/// The hyperbolic tangent.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let e = exp(-2.0 * x.abs());
    let large = ((1.0 - e) / (1.0 + e)).copysign(x);
    let square = x * x;
    let small = x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0)));
    if x.abs() < 0.01 { small } else { large }
}

/// One less the error function, of `0 <= z <= 14`, and beyond as there: `t exp(-z^2 + P(t))` with `t = 2 / (2 + z)`, as in Numerical
/// Recipes (Press et al. 2007, section 6.2.2), where `P` is a polynomial in `s = (34 t - 19) / 15` through the Chebyshev points of
/// `-1 <= s <= 1`. The relative error is below 3e-13.
#[inline(always)]
pub(super) fn complement(z: f64) -> f64 {
    /// Highest degree first.
    const P: [f64; 18] = [
        -1.702_594_990_519_145_7e-7,
        3.254_966_516_635_23e-7,
        1.102_894_751_175_398e-6,
        -3.415_995_766_558_174_5e-6,
        -1.823_475_980_193_124_9e-6,
        1.882_083_280_226_713e-5,
        -1.449_655_013_510_449_5e-5,
        -7.002_908_831_368_65e-5,
        1.490_032_772_685_583e-4,
        1.724_089_139_121_340_7e-4,
        -9.059_685_185_666_144e-4,
        -6.740_402_182_090_113e-5,
        5.020_356_543_029_821e-3,
        -2.697_410_775_068_328_4e-3,
        -3.453_904_933_317_94e-2,
        2.344_957_606_316_497_6e-2,
        6.015_705_405_772_198e-1,
        -5.920_823_665_804_958e-1,
    ];
    let z = if z > 14.0 { 14.0 } else { z };
    let t = 2.0 / (2.0 + z);
    let s = (34.0 * t - 19.0) * (1.0 / 15.0);
    let mut p = 0.0;
    for coefficient in P {
        p = p * s + coefficient;
    }
    t * exp(p - z * z)
}

/// The error function.
#[inline(always)]
pub(super) fn erf(x: f64) -> f64 {
    /// Of its Taylor series, highest degree first: `(-1)^n / (n! (2 n + 1))`.
    const SERIES: [f64; 9] = [
        1.0 / 685_440.0,
        -1.0 / 75_600.0,
        1.0 / 9_360.0,
        -1.0 / 1_320.0,
        1.0 / 216.0,
        -1.0 / 42.0,
        1.0 / 10.0,
        -1.0 / 3.0,
        1.0,
    ];
    let large = (1.0 - complement(x.abs())).copysign(x);
    let mut small = 0.0;
    for coefficient in SERIES {
        small = small * (x * x) + coefficient;
    }
    let small = small * x * FRAC_2_SQRT_PI;
    if x.abs() < 0.5 { small } else { large }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_known_values() {
        // From mpmath 1.3, rounded to f64.
        for (x, of_error) in [
            (-10.0, -1.0),
            (-1.5, -0.966_105_146_475_310_8),
            (-1e-9, -1.128_379_167_095_512_6e-9),
            (0.25, 0.276_326_390_168_236_93),
            (0.499, 0.519_620_655_989_468_5),
            (0.5, 0.520_499_877_813_046_5),
            (3.0, 0.999_977_909_503_001_4),
        ] {
            assert!((erf(x) / of_error - 1.0).abs() < 1e-12, "erf({x}) = {}", erf(x));
        }
    }

    #[test]
    fn they_agree_with_the_standard_library() {
        for step in -20_000..=20_000 {
            let x = f64::from(step) / 300.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 2e-15, "exp({x}) = {}", exp(x));
            for x in [x, x * 1e-3, x * 1e-6, x * 1e-12] {
                let near = |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-10 * theirs.abs();
                assert!(near(tanh(x), x.tanh()), "tanh({x}) = {}", tanh(x));
                assert!(near(exp_less_one(x), x.exp_m1()), "exp({x}) - 1 = {}", exp_less_one(x));
            }
        }
        assert!([exp(f64::NAN), tanh(f64::NAN), erf(f64::NAN)].iter().all(|value| value.is_nan()));
        assert_eq!((exp(-1e9) as f32, exp(1e9) as f32, tanh(1e9), erf(-1e9)), (0.0, f32::INFINITY, 1.0, -1.0));
    }
}
