//! Scores with a known area under their ROC curve, drawn again and again: how often its interval holds it, and how wide it is.

use anyhow::{Context, Result};
use rand::Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rayon::prelude::*;
use robust_attacks::random::stream;
use robust_detectors::{DeLong, ImageScores, auroc_interval};

/// The areas, with the normal quantile of each: `from scipy.stats import norm; print(norm.ppf([0.8, 0.9, 0.95, 0.99, 0.995]))`.
pub(crate) const AREAS: [(f64, f64); 5] = [
    (0.8, 0.841_621_233_572_914_3),
    (0.9, 1.281_551_565_544_600_4),
    (0.95, 1.644_853_626_951_472_2),
    (0.99, 2.326_347_874_040_840_8),
    (0.995, 2.575_829_303_548_900_4),
];
/// The normal 97.5 % quantile.
const NORMAL: f64 = 1.959_963_984_540_054;

/// How scores are distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scores {
    /// Normal on both sides, positives with this standard deviation, negatives with 1.
    Normal(f64),
    /// Exponential on both sides, as Hanley and McNeil have it: some positives lie as low as any negative.
    Exponential,
    /// The whole numbers below exponential ones: three of five negatives are 0.
    Counts,
}

/// A situation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) scores: Scores,
    pub(crate) negatives: usize,
    pub(crate) positives: usize,
    /// Of an image's two normal scores; the first images have both, as many as the smaller side has.
    pub(crate) correlation: f64,
    /// One of [`AREAS`].
    pub(crate) area: (f64, f64),
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Share of intervals that hold the area.
    pub(crate) coverage: f64,
    /// Their mean width.
    pub(crate) width: f64,
    /// That of DeLong's, 1.96 deviations to either side.
    pub(crate) delong: f64,
}

impl Found {
    /// The width beside DeLong's.
    pub(crate) fn ratio(&self) -> f64 {
        self.width / self.delong
    }
}

impl Cell {
    /// The images drawn again and again.
    pub(crate) fn run(&self, repetitions: u64) -> Result<Found> {
        let one = |repetition| {
            let images = self.images(repetition);
            let interval = auroc_interval(&images)?.context("too few scores for an interval")?;
            let delong = DeLong::new(&images)?.context("too few scores for a variance")?;
            let holds = f64::from(u8::from((interval.low..=interval.high).contains(&self.area.0)));
            Ok([holds, interval.high - interval.low, 2.0 * NORMAL * delong.variance.sqrt()])
        };
        let found = (0..repetitions).into_par_iter().map(one).collect::<Result<Vec<_>>>()?;
        let [coverage, width, delong] =
            std::array::from_fn(|figure| found.iter().map(|one| one[figure]).sum::<f64>() / repetitions as f64);
        Ok(Found { coverage, width, delong })
    }

    fn images(&self, repetition: u64) -> Vec<ImageScores> {
        let mut rng = stream(0, "coverage", &[self.negatives as u64, self.positives as u64, repetition]);
        let image = |i| {
            let [negative, positive] = self.pair(&mut rng);
            ImageScores {
                negative: (i < self.negatives).then_some(negative as f32),
                positive: (i < self.positives).then_some(positive as f32),
            }
        };
        (0..self.negatives.max(self.positives)).map(image).collect()
    }

    /// The scores of an image before and after it becomes a positive.
    fn pair(&self, rng: &mut impl Rng) -> [f64; 2] {
        let (area, quantile) = self.area;
        match self.scores {
            Scores::Normal(deviation) => {
                let [a, b]: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(rng));
                let b = self.correlation * a + (1.0 - self.correlation.powi(2)).sqrt() * b;
                [a, deviation * b + quantile * (1.0 + deviation.powi(2)).sqrt()]
            }
            Scores::Exponential => {
                let [a, b]: [f64; 2] = std::array::from_fn(|_| Exp1.sample(rng));
                [a, b * area / (1.0 - area)]
            }
            Scores::Counts => {
                // Geometric with the ratios p and q, whose area is (1 - p) (1 + q) / (2 (1 - p q)).
                let p = (-1_f64).exp();
                let q = (2.0 * area - 1.0 + p) / (1.0 - p + 2.0 * area * p);
                let [a, b]: [f64; 2] = std::array::from_fn(|_| Exp1.sample(rng));
                [a.floor(), (b / -q.ln()).floor()]
            }
        }
    }
}
