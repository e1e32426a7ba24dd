//! The score above which an image is flagged.
//!
//! A threshold is fixed once, on clean validation data, before any attack is seen: never from test or adversarial
//! scores, which would report a detector that nobody can have.

use crate::{Error, error::reject_nan};

/// A detector's threshold: an image is flagged when its score is above it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Threshold(f32);

impl Threshold {
    /// A threshold that the user chose.
    ///
    /// # Errors
    /// NaN.
    pub fn new(score: f32) -> Result<Self, Error> {
        if score.is_nan() { Err(Error::NanThreshold) } else { Ok(Self(score)) }
    }

    /// The smallest of the `n` validation scores that at most `fpr * n` of them are above.
    ///
    /// `validation_scores` are those of *all* clean validation images, whether classified correctly or not, in any order:
    /// in use nobody knows which is which.
    ///
    /// # Errors
    /// No scores, a NaN among them, or a rate outside [0, 1].
    pub fn at_fpr(validation_scores: &[f32], fpr: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&fpr) {
            return Err(Error::Rate { found: fpr });
        }
        reject_nan("validation", validation_scores)?;
        let mut descending = validation_scores.to_vec();
        descending.sort_unstable_by(|a, b| b.total_cmp(a));
        // `i` scores are at or above number `i`. A quotient, not fpr * n, which rounds: 0.29 * 100 is below 29.
        let n = descending.len() as f64;
        let last = descending.iter().enumerate().take_while(|(i, _)| *i as f64 / n <= fpr).last();
        last.map(|(_, &score)| Self(score)).ok_or(Error::NoValidationScores)
    }

    /// The score itself.
    #[must_use]
    pub fn score(self) -> f32 {
        self.0
    }

    /// Whether an image with this score is flagged: `score > threshold`.
    #[must_use]
    pub fn flags(self, score: f32) -> bool {
        score > self.0
    }

    /// The share of scores that are flagged: of the negatives it is `fpr`, of the positives `tpr`, as in `metrics.csv`.
    /// `None` without scores.
    #[must_use]
    pub fn flagged_share(self, scores: &[f32]) -> Option<f64> {
        let flagged = scores.iter().filter(|&&score| self.flags(score)).count();
        (!scores.is_empty()).then(|| flagged as f64 / scores.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold;

    #[test]
    fn is_the_smallest_score_with_at_most_that_share_above() {
        let hundred: Vec<f32> = (1..=100).map(|i| i as f32).collect();
        for (scores, fpr, expected) in [
            (&hundred[..], 0.05, 95.0),
            (&hundred, 0.29, 71.0),
            (&hundred, 0.57, 43.0),
            (&hundred, 0.059, 95.0),
            (&hundred, 0.0, 100.0),
            (&hundred, 1.0, 1.0),
            (&[3.0], 0.05, 3.0),
            (&[1.0, 2.0, 2.0, 2.0], 0.5, 2.0),
            (&[2.0, 1.0, 2.0, 1.0], 0.5, 1.0),
            (&[2.0, 1.0, 2.0, 1.0], 0.49, 2.0),
            (&[-0.5, f32::NEG_INFINITY, -0.25, -4.0], 0.25, -0.5),
        ] {
            assert_eq!(Threshold::at_fpr(scores, fpr).unwrap().score(), expected, "{scores:?} at {fpr}");
        }
    }

    #[test]
    fn never_flags_more_of_the_validation_scores_than_asked_and_no_smaller_score_would_do() {
        let scores: Vec<f32> = (0..997).map(|i| ((i * 7919) % 613) as f32 / 10.0).collect();
        for fpr in [0.0, 0.001, 0.01, 0.05, 0.1, 0.33, 0.9] {
            let threshold = Threshold::at_fpr(&scores, fpr).unwrap();
            assert!(threshold.flagged_share(&scores).unwrap() <= fpr);
            let below = scores.iter().copied().filter(|score| *score < threshold.score()).fold(f32::MIN, f32::max);
            assert!(Threshold(below).flagged_share(&scores).unwrap() > fpr);
        }
    }

    #[test]
    fn flags_what_is_strictly_above() {
        let threshold = Threshold::new(0.5).unwrap();
        assert_eq!([0.4, 0.5, 0.6].map(|score| threshold.flags(score)), [false, false, true]);
        assert_eq!(threshold.flagged_share(&[0.4, 0.5, 0.6, 0.7]), Some(0.5));
        assert_eq!(threshold.flagged_share(&[]), None);
    }

    #[test]
    fn bad_input_is_refused_with_its_reason() {
        for (scores, fpr, expected) in [
            (&[][..], 0.05, "found no validation scores, expected at least one"),
            (&[1.0, f32::NAN], 0.05, "found NaN as validation score 1, expected a number"),
            (&[1.0], -0.01, "found a false-positive rate of -0.01, expected one in [0, 1], such as 0.05"),
            (&[1.0], 5.0, "found a false-positive rate of 5, expected"),
            (&[1.0], f64::NAN, "found a false-positive rate of NaN, expected"),
        ] {
            let message = Threshold::at_fpr(scores, fpr).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        assert_eq!(Threshold::new(f32::NAN).unwrap_err().to_string(), "found NaN as the threshold, expected a score");
    }
}
