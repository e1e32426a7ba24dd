//! 95 % intervals: how far a number could lie elsewhere if other images of the same kind had been looked at.
//!
//! A share of images has Wilson's score interval (1927), which keeps a width where all or none count. Any other number is worked out
//! again on resamples of the images, and has the 2.5 and 97.5 % quantiles of what comes out (the percentile bootstrap; Efron and
//! Tibshirani 1993, chapter 13). An AUROC has an interval of its own, [`robust_detectors::auroc_interval`].

use rand::Rng;
use rayon::prelude::*;
use robust_attacks::random::stream;

use super::{mean, quantile};

/// Resamples of a bootstrap.
const RESAMPLES: u64 = 1000;
/// The normal distribution's 97.5 % quantile.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval of a share of which `count` of `all` were counted; none of nothing.
pub(crate) fn wilson(count: usize, all: usize) -> Option<[f64; 2]> {
    if all == 0 {
        return None;
    }
    let (share, n) = (count as f64 / all as f64, all as f64);
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let [low, high] = [-spread, spread].map(|spread| (centre + spread) / (1.0 + Z * Z / n));
    // The share lies inside, whatever is rounded on the way.
    Some([low.clamp(0.0, share), high.clamp(share, 1.0)])
}

/// The interval of `statistic`, which takes positions among `all`, some of them several times. None of nothing, and where a resample
/// has no such number.
pub(crate) fn bootstrap(all: usize, seed: u64, statistic: impl Fn(&[usize]) -> Option<f64> + Sync) -> Option<[f64; 2]> {
    if all == 0 {
        return None;
    }
    let resample = |number| {
        let mut draw = stream(seed, "bootstrap", &[number]);
        let positions: Vec<usize> = (0..all).map(|_| draw.random_range(0..all)).collect();
        statistic(&positions)
    };
    let found: Vec<f64> = (0..RESAMPLES).into_par_iter().map(resample).collect::<Option<_>>()?;
    Some([0.025, 0.975].map(|share| quantile(&found, share)))
}

/// The mean of `values` and its interval.
pub(crate) fn mean_with_interval(values: &[f64], seed: u64) -> (Option<f64>, Option<[f64; 2]>) {
    let of = |positions: &[usize]| mean(positions.iter().map(|&position| values[position]));
    (mean(values.iter().copied()), bootstrap(values.len(), seed, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    // from statsmodels.stats.proportion import proportion_confint; proportion_confint(count, all, method="wilson")
    #[test]
    fn shares_have_wilson_s_interval() {
        for (count, all, [low, high]) in [
            (9_886, 10_000, [0.986_323_627_845_2, 0.990_501_128_946_9]),
            (53, 53, [0.932_418_011_423_5, 1.0]),
            (0, 3, [0.0, 0.561_497_031_755_0]),
            (3, 10, [0.107_791_267_406_3, 0.603_221_852_538_9]),
        ] {
            let found = wilson(count, all).unwrap();
            assert!((found[0] - low).abs() < 1e-9 && (found[1] - high).abs() < 1e-9, "{count} of {all}: {found:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn a_mean_is_as_sure_as_its_standard_error() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let (found, interval) = mean_with_interval(&values, 3);
        let [low, high] = interval.unwrap();
        assert_eq!(found, Some(9.5));
        // The deviation of 0 to 19 is sqrt((20² - 1) / 12).
        let spread = Z * (399.0_f64 / 12.0 / 400.0).sqrt();
        assert!((low - (9.5 - spread)).abs() < 0.06 && (high - (9.5 + spread)).abs() < 0.06, "{low} to {high}");
        assert_eq!(mean_with_interval(&values, 3).1, Some([low, high]), "the same seed gives the same interval");
        assert_ne!(mean_with_interval(&values, 4).1, Some([low, high]));
        assert_eq!((mean_with_interval(&[], 3), bootstrap(5, 3, |_| None)), ((None, None), None));
    }
}
