//! [`DeLong`]: an AUROC with its variance, from where each score lies among those of the other side.
//!
//! DeLong, DeLong and Clarke-Pearson 1988: the *placement* of a positive is the share of negatives below it, that of a negative the
//! share of positives above it, ties half. The mean of either is the AUROC `A`. With the sample variances `S` of the placements of
//! `m` positives and `n` negatives, and their sample covariance `C` over the `p` images that have a score on both sides (an image
//! before and after an attack; Obuchowski 1997, clusters of one or two), both about `A`, its variance is about
//!
//! `S_positive / m + S_negative / n + 2 p C / (m n)`.
//!
//! It says nothing where the sides do not overlap, and too little where few scores do: [`auroc_interval`](crate::auroc_interval) is
//! what to report.

use crate::{Error, error::reject_nan};

/// The scores of one image: clean, adversarial, or both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageScores {
    /// Its score among the negatives, if it is there.
    pub negative: Option<f32>,
    /// Its score among the positives, if it is there.
    pub positive: Option<f32>,
}

/// The sides of an image's placements.
const NEGATIVE: usize = 0;
const POSITIVE: usize = 1;

/// An AUROC and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeLong {
    /// The area under the ROC curve.
    pub auroc: f64,
    /// Its variance, at least 0.
    pub variance: f64,
    /// How many negatives there are.
    pub negatives: usize,
    /// How many positives there are.
    pub positives: usize,
    /// Scores that lie among those of the other side, not beyond all of them: the number of negatives or of positives, whichever
    /// is smaller.
    pub overlapping: usize,
}

impl DeLong {
    /// Of these images, in any order; those with neither score count as absent. `None` with fewer than two scores on a side.
    ///
    /// # Errors
    /// A NaN among the scores.
    pub fn new(images: &[ImageScores]) -> Result<Option<Self>, Error> {
        let negatives = ascending("negative", images.iter().filter_map(|image| image.negative))?;
        let positives = ascending("positive", images.iter().filter_map(|image| image.positive))?;
        let (n, m) = (negatives.len() as f64, positives.len() as f64);
        if n < 2.0 || m < 2.0 {
            return Ok(None);
        }
        let place = |image: &ImageScores| {
            let of_negative = |score| 1.0 - share_below(&positives, score);
            let of_positive = |score| share_below(&negatives, score);
            [image.negative.map(of_negative), image.positive.map(of_positive)]
        };
        let placed: Vec<[Option<f64>; 2]> = images.iter().map(place).collect();
        let side = |side: usize| placed.iter().filter_map(move |placements| placements[side]);
        let auroc = side(POSITIVE).sum::<f64>() / m;
        let squares = |of| side(of).map(|placement| (placement - auroc).powi(2)).sum::<f64>();
        let overlapping = |of| side(of).filter(|&placement| placement > 0.0 && placement < 1.0).count();
        let products =
            placed.iter().filter_map(|&[negative, positive]| Some((negative? - auroc) * (positive? - auroc)));
        let (products, pairs) = products.fold((0.0, 0.0), |(sum, pairs), product| (sum + product, pairs + 1.0));
        let together = if pairs > 1.0 { 2.0 * products * pairs / (pairs - 1.0) / (m * n) } else { 0.0 };
        let variance = squares(POSITIVE) / (m - 1.0) / m + squares(NEGATIVE) / (n - 1.0) / n + together;
        Ok(Some(Self {
            auroc,
            variance: variance.max(0.0),
            negatives: negatives.len(),
            positives: positives.len(),
            overlapping: overlapping(NEGATIVE).min(overlapping(POSITIVE)),
        }))
    }
}

fn ascending(what: &'static str, scores: impl Iterator<Item = f32>) -> Result<Vec<f32>, Error> {
    let mut scores: Vec<f32> = scores.collect();
    reject_nan(what, &scores)?;
    scores.sort_unstable_by(f32::total_cmp);
    Ok(scores)
}

/// The share of ascending scores below this one, ties half.
fn share_below(ascending: &[f32], score: f32) -> f64 {
    let (below, not_above) =
        (ascending.partition_point(|&one| one < score), ascending.partition_point(|&one| one <= score));
    (below + not_above) as f64 / (2 * ascending.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::{DeLong, ImageScores};
    use crate::Roc;

    /// 120 images with tied scores, two thirds of them attacked.
    fn images() -> Vec<ImageScores> {
        let negative = |i| Some(((i * 37) % 101) as f32 / 10.0);
        let positive = |i| (i % 3 != 0).then_some(((i * 53) % 97) as f32 / 10.0 + 1.5);
        (0..120).map(|i| ImageScores { negative: negative(i), positive: positive(i) }).collect()
    }

    // import numpy as np
    // i = np.arange(120); x = (i * 37 % 101) / 10; has = i % 3 != 0; y = (i * 53 % 97 / 10 + 1.5)[has]
    // psi = (y[:, None] > x) + 0.5 * (y[:, None] == x); a = psi.mean(); v10 = psi.mean(1) - a; v01 = psi.mean(0) - a
    // m, n = psi.shape; p = has.sum(); c = (v10 * v01[has]).sum() / (p - 1)
    // v = (v10**2).sum() / (m - 1) / m + (v01**2).sum() / (n - 1) / n
    // print(a, v, v + 2 * p * c / (m * n))
    #[test]
    fn golden_values_of_the_definition_in_numpy() {
        let apart: Vec<ImageScores> = (images().iter())
            .flat_map(|one| [ImageScores { positive: None, ..*one }, ImageScores { negative: None, ..*one }])
            .collect();
        let (auroc, independent, paired) = (0.61859375, 0.0015940031688275254, 0.0014854787808616322);
        for (images, variance) in [(images(), paired), (apart, independent)] {
            let found = DeLong::new(&images).unwrap().unwrap();
            assert!((found.auroc - auroc).abs() < 1e-12, "{found:?}");
            assert!((found.variance - variance).abs() < 1e-12, "{found:?}");
            assert_eq!((found.negatives, found.positives), (120, 80));
        }
    }

    #[test]
    fn the_area_is_that_of_the_curve_and_neither_order_nor_absent_images_matter() {
        let base = DeLong::new(&images()).unwrap().unwrap();
        let side = |score: fn(&ImageScores) -> Option<f32>| images().iter().filter_map(score).collect::<Vec<_>>();
        let roc = Roc::new(&side(|one| one.negative), &side(|one| one.positive)).unwrap().unwrap();
        assert!((base.auroc - roc.auroc()).abs() < 1e-12);
        let mut others = images();
        others.reverse();
        others.insert(5, ImageScores { negative: None, positive: None });
        let found = DeLong::new(&others).unwrap().unwrap();
        assert!((found.variance - base.variance).abs() < 1e-12 && found.overlapping == base.overlapping);
    }

    #[test]
    fn the_scores_of_an_image_stay_together() {
        // Every positive lies just above its own negative, so that images that are drawn low are so on both sides.
        let image = |i| ImageScores { negative: Some(i as f32), positive: Some(i as f32 + 0.5) };
        let found = DeLong::new(&(0..200).map(image).collect::<Vec<_>>()).unwrap().unwrap();
        assert!((found.auroc - 0.5025).abs() < 1e-12 && found.variance < 1e-12, "{found:?}");
    }

    #[test]
    fn a_side_of_one_has_no_variance_and_nan_is_refused() {
        let image = |negative, positive| ImageScores { negative: Some(negative), positive };
        for images in [&[][..], &[image(0.0, None), image(1.0, None)], &[image(0.0, Some(1.0)), image(1.0, None)]] {
            assert_eq!(DeLong::new(images).unwrap(), None);
        }
        let message = DeLong::new(&[image(0.0, Some(f32::NAN))]).unwrap_err().to_string();
        assert_eq!(message, "found NaN as positive score 0, expected a number");
    }
}
