//! How likely a count is by chance, summed up exactly.
//!
//! The beta-binomial distribution is the binomial one whose rate is itself uncertain: of `n` new scores, as many lie above the one that
//! `m` of `v` known scores are above as a beta-binomial draw with `a = m + 1` and `b = v - m` (David and Nagaraja, Order Statistics, 3rd
//! edition, section 7.2), if all scores are alike and none are equal.

use std::ops::RangeBounds;

/// The probability that so many of `n` are drawn, each with probability `rate`.
pub(crate) fn binomial(counts: impl RangeBounds<usize>, n: usize, rate: f64) -> f64 {
    let rate = rate.clamp(1e-12, 1.0 - 1e-12);
    let odds = rate / (1.0 - rate);
    sum(n, n as f64 * (-odds.ln_1p()), |k| ln_choose_step(k, n) + odds.ln(), counts)
}

/// The probability of so many of `n` under a beta-binomial distribution; 1 where that has no rate to draw.
pub(super) fn beta_binomial(counts: impl RangeBounds<usize>, n: usize, [a, b]: [f64; 2]) -> f64 {
    if a <= 0.0 || b <= 0.0 {
        return 1.0;
    }
    let none = (0..n).map(|j| ((b + j as f64) / (a + b + j as f64)).ln()).sum();
    let step = |k: usize| ln_choose_step(k, n) + ((a + k as f64) / (b + (n - k - 1) as f64)).ln();
    sum(n, none, step, counts)
}

/// From the logarithm of "n choose k" to that of "n choose k + 1".
fn ln_choose_step(k: usize, n: usize) -> f64 {
    ((n - k) as f64 / (k + 1) as f64).ln()
}

/// The sum of the probabilities of the `k` from 0 to `n` that count: from the logarithm of that of 0, by steps from `k` to `k + 1`.
fn sum(n: usize, none: f64, step: impl Fn(usize) -> f64, counts: impl RangeBounds<usize>) -> f64 {
    let (mut total, mut ln) = (0.0, none);
    for k in 0..=n {
        if counts.contains(&k) {
            total += ln.exp();
        }
        if k < n {
            ln += step(k);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    // from scipy.stats import binom, betabinom
    // binom.sf(7, 200, .0053), binom.cdf(38, 200, .55), binom.cdf(0, 3, .1)
    // betabinom.sf(24, 200, 251, 4750), betabinom.cdf(0, 200, 250, 4751), betabinom.sf(73, 200, 2.5, 28.5), betabinom.cdf(28, 200, 15, 16)
    #[test]
    fn agrees_with_scipy() {
        for (found, expected) in [
            (binomial(8.., 200, 0.0053), 1.3929302473130496e-05),
            (binomial(..=38, 200, 0.55), 1.3612315571502962e-25),
            (binomial(..=0, 3, 0.1), 0.729),
            (beta_binomial(25.., 200, [251.0, 4750.0]), 4.265175679529776e-05),
            (beta_binomial(..=0, 200, [250.0, 4751.0]), 4.306881054109009e-05),
            (beta_binomial(74.., 200, [2.5, 28.5]), 1.427279146458682e-04),
            (beta_binomial(..=28, 200, [15.0, 16.0]), 2.462810872811221e-05),
        ] {
            assert!((found / expected - 1.0).abs() < 1e-6, "{found} and {expected}");
        }
    }

    #[test]
    fn ends_are_certain_and_what_cannot_be_drawn_is_no_surprise() {
        assert!((binomial(0.., 20_000, 0.05) - 1.0).abs() < 1e-9);
        assert!((beta_binomial(..=20_000, 20_000, [251.0, 4750.0]) - 1.0).abs() < 1e-9);
        assert_eq!(beta_binomial(..=0, 20, [0.0, 5.0]), 1.0);
        assert!(binomial(1.., 200, 0.0) < 1e-9 && binomial(..=199, 200, 1.0) < 1e-9);
    }
}
