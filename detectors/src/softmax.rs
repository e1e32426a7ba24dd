//! Softmax figures from finite logits, in float64 and in forms that neither overflow nor cancel.
//!
//! With `lse` for log-sum-exp: `log softmax_k = z_k - lse(z)` and `log(1 - softmax_k) = lse(z without k) - lse(z)`. The
//! latter keeps all its digits where `1 - softmax_k` would round to 0.

/// The logarithm of the probability of all labels but `label`.
pub(crate) fn log_complement(logits: &[f32], label: usize) -> f64 {
    log_sum_exp(logits, Some(label)) - log_sum_exp(logits, None)
}

/// The Shannon entropy of the softmax in nats, in [0, log K]; `top` is the label of the largest logit.
///
/// With the logits shifted so that the largest is 0 and `Z = 1 + r`, `r` the exponentials of the others, it is
/// `sum_k softmax_k (log Z - z_k)`: no term is negative, and `log1p(r)` stays exact when one label has it all.
pub(crate) fn entropy(logits: &[f32], top: usize) -> f64 {
    let shifted = |&z: &f32| f64::from(z) - f64::from(logits[top]);
    let others: f64 = logits.iter().enumerate().filter(|(k, _)| *k != top).map(|(_, z)| shifted(z).exp()).sum();
    let log_z = others.ln_1p();
    logits.iter().map(shifted).map(|z| (z - log_z).exp() * (log_z - z)).sum()
}

/// `log((1 - g) / g)` with `g` the sum of the squared softmax; `top` is the label of the largest logit.
///
/// `1 - g` is the sum of `q_k (1 - q_k)`, no term of which is negative; that of `top` has `1 - q` as the sum of the others.
pub(crate) fn gini_log_odds(logits: &[f32], top: usize) -> f64 {
    let log_sum = log_sum_exp(logits, None);
    let log_q = |k: usize| f64::from(logits[k]) - log_sum;
    let log_rest = |k: usize| if k == top { log_complement(logits, top) } else { (-log_q(k).exp()).ln_1p() };
    let labels = || 0..logits.len();
    let terms: Vec<f64> = labels().map(|k| log_q(k) + log_rest(k)).collect();
    let squares: Vec<f64> = labels().map(|k| 2.0 * log_q(k)).collect();
    log_sum_exp(&terms, None) - log_sum_exp(&squares, None)
}

/// `log((1 - softmax_k) / softmax_k)` of the label `k`: the logarithm of the odds against it.
pub(crate) fn log_odds_against<T: Copy + Into<f64>>(logits: &[T], label: usize) -> f64 {
    log_sum_exp(logits, Some(label)) - logits[label].into()
}

/// The probability of a label, in [0, 1].
pub(crate) fn probability(logits: &[f32], label: usize) -> f32 {
    (1.0 / (1.0 + log_odds_against(logits, label).exp())) as f32
}

/// Log-sum-exp of the logits, all or without one; at least one must remain.
pub(crate) fn log_sum_exp<T: Copy + Into<f64>>(logits: &[T], without: Option<usize>) -> f64 {
    let kept = || logits.iter().enumerate().filter(|(k, _)| Some(*k) != without).map(|(_, z)| (*z).into());
    let max = kept().fold(f64::NEG_INFINITY, f64::max);
    max + kept().map(|z| (z - max).exp()).sum::<f64>().ln()
}

/// As a score, which has 32 bits and is finite.
pub(crate) fn single(value: f64) -> f32 {
    value.clamp(f32::MIN.into(), f32::MAX.into()) as f32
}

#[cfg(test)]
mod tests {
    use super::{entropy, gini_log_odds, log_complement, log_odds_against, single};

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} is not {expected}");
    }

    #[test]
    fn two_equal_logits_halve_the_probability() {
        close(log_complement(&[7.0, 7.0], 0), -(2f64.ln()));
        close(entropy(&[7.0, 7.0], 0), 2f64.ln());
        close(log_odds_against(&[7.0 + 3f64.ln(), 7.0], 0), -(3f64.ln()));
    }

    #[test]
    fn with_one_label_far_ahead_the_rest_keeps_its_digits() {
        // 1 - p = 2 e^-50 / (1 + 2 e^-50), where 1 - p in float32 or float64 is 0; entropy = r (1 + 50) to first order.
        let r = 2.0 * (-50f64).exp();
        close(log_complement(&[50.0, 0.0, 0.0], 0), r.ln() - r.ln_1p());
        close(entropy(&[50.0, 0.0, 0.0], 0), 51.0 * r);
        // 1 - g = 2 r to first order.
        close(gini_log_odds(&[50.0, 0.0, 0.0], 0), (2.0 * r).ln());
    }

    #[test]
    fn extreme_logits_stay_finite() {
        for logits in [[f32::MAX, f32::MIN, 0.0], [f32::MIN; 3], [f32::MAX; 3], [1e30, -1e30, 1e30]] {
            for k in 0..3 {
                assert!(log_complement(&logits, k) <= 0.0 && log_complement(&logits, k).is_finite(), "{logits:?}");
                assert!(
                    single(log_complement(&logits, k)).is_finite() && single(log_odds_against(&logits, k)).is_finite()
                );
            }
            assert!((0.0..=3f64.ln() + 1e-12).contains(&entropy(&logits, 0)), "{logits:?}");
        }
    }

    // import numpy as np; from scipy.special import logsumexp, softmax; from scipy.stats import entropy
    // z = np.array([2.5, -1.0, 0.75, 3.0]); print(logsumexp(z[:3]) - logsumexp(z), entropy(softmax(z)))
    // g = (softmax(z) ** 2).sum(); print(np.log((1 - g) / g))
    #[test]
    fn golden_values_of_scipy() {
        let logits = [2.5, -1.0, 0.75, 3.0];
        close(log_complement(&logits, 3), -0.8626377876301521);
        close(entropy(&logits, 3), 0.9029390763155376);
        close(gini_log_odds(&logits, 3), 0.15738581936609028);
    }
}
