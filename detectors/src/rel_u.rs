//! [`RelU`]: the relative uncertainty of the softmax, by which pairs of labels errors lie between.
//!
//! Gomes, Romanelli, Pichler and Piantanida, "A Data-Driven Measure of Relative Uncertainty for Misclassification Detection", ICLR 2024
//! (arXiv 2306.01710). With `q` the softmax, the score is the logarithm of `q' D q`; `D` is 0 on its diagonal and
//! `max(0, L E[q_i q_j | wrong] - (1 - L) E[q_i q_j | right])` off it, of clean labelled images, scaled to `sum of D_ij² = K` (the paper's closed form; `L` 1/2,
//! temperature 1). Where no pair is likelier among errors, all pairs count alike.

use candle_core::{Result as CandleResult, Tensor};

use crate::tape::log_softmax;
use crate::{Detector, Error, Fit, Made, Perception, Population, Recorded, Tape, softmax};

/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// `L`.
const BALANCE: f64 = 0.5;
const MATRIX: &str = "matrix";
/// What the surrogate's logarithm is taken above: the least positive f32 that is normal.
const TINY: f64 = f32::MIN_POSITIVE as f64;

/// The detector; made by [`crate::DetectorInfo::making`].
pub struct RelU {
    classes: usize,
    /// `D`, by rows.
    matrix: Vec<f64>,
}

impl RelU {
    pub(crate) fn fit(clean: &Population) -> Made {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.classes();
        let mut sums = [vec![0.0; classes * classes], vec![0.0; classes * classes]];
        let mut counts = [0.0_f64; 2];
        for (seen, image, label) in images {
            let wrong = usize::from(seen.predictions()[image] != label);
            let q = probabilities(&seen.logits()[image]);
            counts[wrong] += 1.0;
            for (sums, q_i) in sums[wrong].chunks_exact_mut(classes).zip(&q) {
                sums.iter_mut().zip(&q).for_each(|(sum, q_j)| *sum += q_i * q_j);
            }
        }
        let [right, wrong] = &sums;
        let mean = |sum: f64, count: f64| if count > 0.0 { sum / count } else { 0.0 };
        let entry = |at: usize| {
            let difference = BALANCE * mean(wrong[at], counts[1]) - (1.0 - BALANCE) * mean(right[at], counts[0]);
            if at.is_multiple_of(classes + 1) { 0.0 } else { difference.max(0.0) }
        };
        let mut matrix: Vec<f64> = (0..classes * classes).map(entry).collect();
        if matrix.iter().all(|&entry| entry == 0.0) {
            matrix = (0..classes * classes).map(|at| f64::from(u8::from(at % (classes + 1) != 0))).collect();
        }
        let scale = (classes as f64 / matrix.iter().map(|entry| entry * entry).sum::<f64>()).sqrt();
        let matrix = matrix.iter().map(|entry| f64::from((scale * entry) as f32)).collect();
        Ok(Box::new(Self { classes, matrix }))
    }

    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        let shape = [classes, classes];
        let matrix: Vec<f64> = fit.values(MATRIX, &shape)?.iter().map(|&entry| entry.into()).collect();
        if let Some(entry) = matrix.iter().find(|entry| **entry < 0.0) {
            return Err(Error::Fit {
                name: MATRIX.to_owned(),
                found: format!("holds {entry}"),
                expected: shape.to_vec(),
            });
        }
        Ok(Box::new(Self { classes, matrix }))
    }
}

/// The softmax.
fn probabilities(logits: &[f32]) -> Vec<f64> {
    let log_sum = softmax::log_sum_exp(logits, None);
    logits.iter().map(|&logit| (f64::from(logit) - log_sum).exp()).collect()
}

impl RelU {
    /// The name by which it is chosen.
    pub const ID: &'static str = "rel-u";
}

impl Detector for RelU {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let score = |logits: &Vec<f32>| {
            let q = probabilities(logits);
            let rows = self.matrix.chunks_exact(self.classes).zip(&q);
            let sum: f64 = rows.map(|(row, q_i)| q_i * row.iter().zip(&q).map(|(d, q_j)| d * q_j).sum::<f64>()).sum();
            softmax::single(sum.ln())
        };
        Ok(perception.logits().iter().map(score).collect())
    }

    fn record(&self, tape: &Tape) -> CandleResult<Option<Recorded>> {
        let surrogate = || {
            let q = log_softmax(tape.logits())?.exp()?;
            let matrix: Vec<f32> = self.matrix.iter().map(|&entry| entry as f32).collect();
            let matrix = Tensor::from_vec(matrix, (self.classes, self.classes), q.device())?;
            ((q.matmul(&matrix)? * q)?.sum(1)? + TINY)?.log()
        };
        Recorded::apart(self, tape, surrogate)
    }

    fn fit(&self) -> Fit {
        let matrix = self.matrix.iter().map(|&entry| entry as f32).collect();
        Fit::default().with(MATRIX, vec![self.classes, self.classes], matrix)
    }
}
