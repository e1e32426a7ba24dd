//! How far an AUROC can be trusted: a percentile bootstrap over images.
//!
//! Efron 1979: draw as many images as there are, with replacement, and compute the AUROC of what was drawn; the middle
//! 95 % of many such AUROCs are the interval. The image is the unit: its clean and its adversarial score are drawn
//! together, for they are not independent. The scores are sorted once; a resample only weights them.

use std::cmp::Ordering;

use rand::Rng;
use robust_attacks::random;

use crate::{Error, error::reject_nan};

/// How many resamples an interval is made from.
pub const RESAMPLES: usize = 1_000;

/// The scores of one image: clean, adversarial, or both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageScores {
    /// Its score among the negatives, if it is there.
    pub negative: Option<f32>,
    /// Its score among the positives, if it is there.
    pub positive: Option<f32>,
}

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

/// The 95 % percentile bootstrap interval of the AUROC, over images, from [`RESAMPLES`] resamples under `seed`.
///
/// Images with neither score are left out. A resample without negatives or without positives has no AUROC and is drawn
/// again. Quantiles interpolate linearly. Equal seeds and numbers of images draw equal images, so that intervals of two
/// detectors on one set are comparable. `None` where one side has no scores.
///
/// # Errors
/// A NaN among the scores.
pub fn auroc_interval(images: &[ImageScores], seed: u64) -> Result<Option<Interval>, Error> {
    let images: Vec<_> = images.iter().filter(|image| image.negative.is_some() || image.positive.is_some()).collect();
    let negatives: Vec<f32> = images.iter().filter_map(|image| image.negative).collect();
    let positives: Vec<f32> = images.iter().filter_map(|image| image.positive).collect();
    reject_nan("negative", &negatives)?;
    reject_nan("positive", &positives)?;
    if negatives.is_empty() || positives.is_empty() {
        return Ok(None);
    }
    let ranking = Ranking::new(&images);
    let mut rng = random::stream(seed, "bootstrap", &[]);
    let mut weights = vec![0; images.len()];
    let mut aurocs = Vec::with_capacity(RESAMPLES);
    while aurocs.len() < RESAMPLES {
        weights.fill(0);
        for _ in 0..images.len() {
            weights[rng.random_range(0..images.len())] += 1;
        }
        aurocs.extend(ranking.auroc(&weights));
    }
    aurocs.sort_unstable_by(f64::total_cmp);
    Ok(Some(Interval { low: quantile(&aurocs, 0.025), high: quantile(&aurocs, 0.975) }))
}

/// All scores, lowest first, negatives before positives where they tie.
struct Ranking(Vec<Rank>);

struct Rank {
    image: usize,
    positive: bool,
    /// Whether the score is higher than the one before.
    rises: bool,
}

impl Ranking {
    fn new(images: &[&ImageScores]) -> Self {
        let negatives = images.iter().enumerate().filter_map(|(i, image)| Some((image.negative?, false, i)));
        let positives = images.iter().enumerate().filter_map(|(i, image)| Some((image.positive?, true, i)));
        let mut scores: Vec<_> = negatives.chain(positives).collect();
        scores.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1)));
        let mut previous = None;
        let rank = |(score, positive, image)| Rank { image, positive, rises: previous.replace(score) != Some(score) };
        Self(scores.into_iter().map(rank).collect())
    }

    /// The AUROC in which image `i` counts `weights[i]` times, `None` without negatives or positives.
    ///
    /// Each positive wins against the negatives below it and half of those that tie with it: half the sum of the
    /// negatives below and the negatives not above.
    fn auroc(&self, weights: &[u32]) -> Option<f64> {
        let (mut below, mut not_above, mut positives, mut twice_wins) = (0, 0, 0, 0);
        for rank in &self.0 {
            let weight = u64::from(weights[rank.image]);
            let (negative, positive) = if rank.positive { (0, weight) } else { (weight, 0) };
            below = if rank.rises { not_above } else { below };
            not_above += negative;
            positives += positive;
            twice_wins += positive * (below + not_above);
        }
        let pairs = not_above * positives;
        (pairs > 0).then(|| twice_wins as f64 / (2 * pairs) as f64)
    }
}

/// The quantile `q` in [0, 1] of sorted numbers, at least one, interpolated linearly.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let position = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    low + (high - low) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::{ImageScores, Ranking, auroc_interval, quantile};
    use crate::Roc;

    /// 120 images with tied scores, two thirds of them attacked.
    fn images() -> Vec<ImageScores> {
        let negative = |i| Some(((i * 37) % 101) as f32 / 10.0);
        let positive = |i| (i % 3 != 0).then_some(((i * 53) % 97) as f32 / 10.0 + 1.5);
        (0..120).map(|i| ImageScores { negative: negative(i), positive: positive(i) }).collect()
    }

    #[test]
    fn weighting_an_image_is_repeating_it() {
        let images = images();
        let ranking = Ranking::new(&images.iter().collect::<Vec<_>>());
        for factor in [1, 7, 11, 13] {
            let weights: Vec<u32> = (0..120).map(|i| (i * factor) % 5).collect();
            let repeated = |score: fn(&ImageScores) -> Option<f32>| -> Vec<f32> {
                let repeat = |(image, &weight)| score(image).into_iter().flat_map(move |s| vec![s; weight as usize]);
                images.iter().zip(&weights).flat_map(repeat).collect()
            };
            let roc = Roc::new(&repeated(|i| i.negative), &repeated(|i| i.positive)).unwrap().unwrap();
            assert!((ranking.auroc(&weights).unwrap() - roc.auroc()).abs() < 1e-12);
        }
        assert_eq!(ranking.auroc(&[0; 120]), None);
    }

    // import numpy as np; from sklearn.metrics import roc_auc_score
    // i = np.arange(120); n = i * 37 % 101 / 10; p = i * 53 % 97 / 10 + 1.5; has = i % 3 != 0
    // rng = np.random.default_rng(0); draws = [rng.integers(0, 120, 120) for _ in range(20000)]
    // auroc = lambda n, p: roc_auc_score(np.r_[0 * n, 0 * p + 1], np.r_[n, p])
    // print(np.quantile([auroc(n[d], p[d][has[d]]) for d in draws], [0.025, 0.975]))
    #[test]
    fn agrees_with_a_bootstrap_in_numpy() {
        let intervals = (0..20).map(|seed| auroc_interval(&images(), seed).unwrap().unwrap());
        let (low, high) = intervals.fold((0.0, 0.0), |sum, i| (sum.0 + i.low / 20.0, sum.1 + i.high / 20.0));
        assert!(f64::abs(low - 0.5425) < 0.003 && f64::abs(high - 0.6912) < 0.003, "{low} {high}");
    }

    #[test]
    fn the_scores_of_an_image_stay_together() {
        // Every positive lies just above its own negative: drawn together, AUROC = 1/2 + sum of squared weights / (2 n²),
        // about 1/2 + 1/n. Drawn apart, it would spread by some 0.03 to both sides.
        let image = |i| ImageScores { negative: Some(i as f32), positive: Some(i as f32 + 0.5) };
        let interval = auroc_interval(&(0..200).map(image).collect::<Vec<_>>(), 1).unwrap().unwrap();
        assert!(interval.low > 0.504 && interval.high < 0.506, "{interval:?}");
    }

    #[test]
    fn equal_seeds_give_equal_intervals_and_images_without_scores_change_nothing() {
        let base = auroc_interval(&images(), 1).unwrap();
        let mut padded = images();
        padded.insert(5, ImageScores { negative: None, positive: None });
        assert_eq!(auroc_interval(&padded, 1).unwrap(), base);
        assert_ne!(auroc_interval(&images(), 2).unwrap(), base);
    }

    #[test]
    fn one_negative_and_one_positive_are_enough_and_less_has_no_interval() {
        let negative = ImageScores { negative: Some(0.0), positive: None };
        let positive = ImageScores { negative: None, positive: Some(1.0) };
        let interval = auroc_interval(&[negative, positive], 1).unwrap().unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 1.0));
        for images in [&[][..], &[negative], &[positive]] {
            assert_eq!(auroc_interval(images, 1).unwrap(), None);
        }
    }

    #[test]
    fn nan_is_refused() {
        let nan = ImageScores { negative: Some(0.0), positive: Some(f32::NAN) };
        let message = auroc_interval(&[nan], 1).unwrap_err().to_string();
        assert_eq!(message, "found NaN as positive score 0, expected a number");
    }

    #[test]
    fn quantiles_interpolate_linearly() {
        for (q, expected) in [(0.0, 1.0), (0.25, 2.0), (0.3, 2.4), (1.0, 9.0)] {
            assert!((quantile(&[1.0, 2.0, 4.0, 8.0, 9.0], q) - expected).abs() < 1e-12, "{q}");
        }
    }
}
