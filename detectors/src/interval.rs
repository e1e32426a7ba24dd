//! A 95 % interval of an AUROC that covers where it is near 1 or few scores are known, as those of a good detector are.
//!
//! A score interval: the areas `x` that the area `A` found is not too far from, `|A - x| <= t sd(x)`, with the deviation that an
//! estimate of `x` itself would have (Wilson 1927 for rates; Newcombe 2006, Statistics in Medicine 25, method 5, for areas). So it
//! stays within [0, 1], leans away from the nearer end, and has a width where both sides are told apart without an error. Its
//! variance is that of Hanley and McNeil 1982 as Newcombe has it, for `m` positives and `n` negatives
//!
//! `H(x) = x (1 - x) / (m n) (1 + ((m + n) / 2 - 1) ((1 - x) / (2 - x) + x / (1 + x)))`,
//!
//! which knows neither how the scores lie nor that an image may have one on both sides. [`DeLong`]'s variance `V` knows, but only
//! from the `r` scores on the smaller side that overlap the other. So `H` is scaled by what both say, the first counting as three
//! scores:
//!
//! `var(x) = H(x) (r V / H(A) + 3) / (r + 3)`, and `t` is Student's 97.5 % quantile at `min(m, n) + 3` degrees of freedom.
//!
//! The three are ours, chosen by simulation: `cargo bench --bench coverage` prints the share of
//! intervals that hold the true area, and where they fall short. Neither random nor a resampling: equal scores give equal
//! intervals, in the time of a sort.

use crate::{DeLong, Error, ImageScores};

/// As how many scores Hanley and McNeil's variance counts.
const WEIGHT: f64 = 3.0;
/// Halvings of the range that an end is looked for in: beyond what f64 resolves.
const HALVINGS: usize = 60;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Fewer scores than this on either side get no interval: of four and four that do not overlap it would reach down to areas of a
    /// guess, and so say nothing.
    pub const LEAST: usize = 5;
}

/// The 95 % interval of the AUROC over images, within [0, 1] and never of zero width.
///
/// `None` where either side has fewer than [`Interval::LEAST`] scores.
///
/// # Errors
/// A NaN among the scores.
pub fn auroc_interval(images: &[ImageScores]) -> Result<Option<Interval>, Error> {
    let found = DeLong::new(images)?.filter(|found| found.negatives.min(found.positives) >= Interval::LEAST);
    Ok(found.map(|found| of(&found)))
}

fn of(found: &DeLong) -> Interval {
    let auroc = found.auroc;
    let overlapping = found.overlapping as f64;
    let ratio = if found.overlapping > 0 { found.variance / hanley_mcneil(auroc, found) } else { 0.0 };
    let scale = (overlapping * ratio + WEIGHT) / (overlapping + WEIGHT);
    let t = student(found.negatives.min(found.positives) as f64 + WEIGHT);
    // The deviation's graph is hollow below, so that it meets the distance once on either side.
    let end = |outermost: f64| {
        let halve = |(inside, outside): (f64, f64), _| {
            let middle = f64::midpoint(inside, outside);
            let is_inside = (auroc - middle).powi(2) <= t * t * scale * hanley_mcneil(middle, found);
            if is_inside { (middle, outside) } else { (inside, middle) }
        };
        (0..HALVINGS).fold((auroc, outermost), halve).0
    };
    Interval { low: end(0.0), high: end(1.0) }
}

/// `H`.
fn hanley_mcneil(area: f64, &DeLong { negatives, positives, .. }: &DeLong) -> f64 {
    let (n, m) = (negatives as f64, positives as f64);
    let others = (m + n) / 2.0 - 1.0;
    area * (1.0 - area) / (m * n) * (1.0 + others * ((1.0 - area) / (2.0 - area) + area / (1.0 + area)))
}

/// Student's 97.5 % quantile, to 0.0003 from 5 degrees of freedom on (Abramowitz and Stegun 1964, 26.7.5).
fn student(freedom: f64) -> f64 {
    let z = 1.959_963_984_540_054_f64;
    let terms = [
        z,
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
        (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1482.0 * z.powi(5) - 1920.0 * z.powi(3) - 945.0 * z) / 92160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum / freedom + term)
}

#[cfg(test)]
mod tests {
    use super::{Interval, auroc_interval, of, student};
    use crate::{DeLong, ImageScores};

    // from scipy.optimize import brentq; from scipy.stats import t as T
    // def interval(a, v, n, m, r):
    //     H = lambda x: x * (1 - x) / (m * n) * (1 + ((m + n) / 2 - 1) * ((1 - x) / (2 - x) + x / (1 + x)))
    //     k = (r * (v / H(a) if r else 0) + 3) / (r + 3)
    //     f = lambda x: abs(a - x) - T.ppf(0.975, min(m, n) + 3) * (k * H(x))**0.5
    //     return brentq(f, 0, a - 1e-9), brentq(f, a + 1e-9, 1) if a < 1 else 1
    #[test]
    fn golden_values_of_scipy() {
        for (auroc, variance, negatives, positives, overlapping, [low, high]) in [
            (0.61859375, 1.4854787808616322e-3, 120, 80, 72, [0.5393402026810827, 0.6909174704083505]),
            (0.9, 2.8e-3, 400, 8, 8, [0.707995958706201, 0.9676144186317619]),
            (0.995, 9.5e-6, 2000, 50, 25, [0.9823259063597181, 0.9985800315901603]),
            (1.0, 0.0, 2000, 50, 0, [0.9791810748452897, 1.0]),
            (1.0, 0.0, 8, 8, 0, [0.7065804301861202, 1.0]),
        ] {
            let found = of(&DeLong { auroc, variance, negatives, positives, overlapping });
            assert!((found.low - low).abs() < 1e-4 && (found.high - high).abs() < 1e-4, "{found:?}: {low}, {high}");
            // The other way around, for a detector that is wrong as often as this one is right.
            let Interval { low, high } =
                of(&DeLong { auroc: 1.0 - auroc, variance, negatives, positives, overlapping });
            assert!((low + found.high - 1.0).abs() < 1e-9 && (high + found.low - 1.0).abs() < 1e-9);
        }
    }

    fn images(negatives: &[f32], positives: &[f32]) -> Vec<ImageScores> {
        let negatives = negatives.iter().map(|&score| ImageScores { negative: Some(score), positive: None });
        negatives.chain(positives.iter().map(|&score| ImageScores { negative: None, positive: Some(score) })).collect()
    }

    #[test]
    fn the_width_is_never_zero_and_the_ends_are_areas() {
        let row = |from: f32| (0..20).map(|i| from + i as f32).collect::<Vec<_>>();
        for (negatives, positives) in [
            (row(0.0), row(100.0)),
            (row(100.0), row(0.0)),
            (vec![1.0; 5], vec![1.0; 7]),
            (vec![0.0; 5], vec![1.0; 5]),
            (row(0.0), vec![f32::MAX; 5]),
            ((0..3000).map(|i| i as f32).collect(), (0..3000).map(|i| 2999.0 + i as f32).collect()),
        ] {
            let Interval { low, high } = auroc_interval(&images(&negatives, &positives)).unwrap().unwrap();
            assert!(0.0 <= low && low < high && high <= 1.0, "{low} to {high}");
        }
    }

    #[test]
    fn too_few_scores_on_a_side_have_no_interval() {
        for (negatives, positives, is_one) in
            [(5, 5, true), (4, 500, false), (500, 4, false), (0, 9, false), (9, 0, false)]
        {
            let images = images(&vec![0.0; negatives], &vec![1.0; positives]);
            assert_eq!(auroc_interval(&images).unwrap().is_some(), is_one, "{negatives}, {positives}");
        }
    }

    // from scipy.stats import t; print([t.ppf(0.975, df) for df in (5, 8, 53, 1000)])
    #[test]
    fn quantiles_of_student_are_those_of_scipy() {
        for (freedom, expected) in
            [(5.0, 2.570_581_836), (8.0, 2.306_004_135), (53.0, 2.005_745_995), (1000.0, 1.962_339_081)]
        {
            assert!((student(freedom) - expected).abs() < 3e-4, "{freedom}: {}", student(freedom));
        }
    }
}
