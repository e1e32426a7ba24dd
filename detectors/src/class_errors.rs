//! The reconstruction error of every image under every label, and the labels that stand out.

use crate::Error;

/// The errors `e_k = ||decode(onehot k, m) - x||²` of a batch, summed over pixels, with `p` the predicted label.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassErrors {
    rows: Vec<Vec<f32>>,
    predicted: Vec<f32>,
    alternative: Vec<f32>,
    alternative_label: Vec<u32>,
    best_label: Vec<u32>,
}

impl ClassErrors {
    /// From finite rows `(B, K)` with `K >= 2`, and the predicted labels, each below `K`.
    pub(crate) fn new(rows: Vec<Vec<f32>>, predictions: &[u32]) -> Result<Self, Error> {
        for (image, row) in rows.iter().enumerate() {
            if let Some(&value) = row.iter().find(|error| **error < 0.0) {
                return Err(Error::Value {
                    what: "reconstruction errors",
                    of: "image",
                    image,
                    value,
                    expected: "squared distances",
                });
            }
        }
        let images = || rows.iter().zip(predictions.iter().map(|&p| p as usize));
        let other = |(row, p): (&Vec<f32>, usize)| lowest(row, (0..row.len()).filter(|&k| k != p));
        Ok(Self {
            predicted: images().map(|(row, p)| row[p]).collect(),
            alternative: images().map(|(row, p)| row[other((row, p))]).collect(),
            alternative_label: images().map(|image| other(image) as u32).collect(),
            best_label: rows.iter().map(|row| lowest(row, 0..row.len()) as u32).collect(),
            rows,
        })
    }

    /// `e_k` of every label `k`: `B` rows of `K`.
    #[must_use]
    pub fn rows(&self) -> &[Vec<f32>] {
        &self.rows
    }

    /// `e_p` of each image.
    #[must_use]
    pub fn predicted(&self) -> &[f32] {
        &self.predicted
    }

    /// The smallest `e_k` over `k != p`, of each image.
    #[must_use]
    pub fn alternative(&self) -> &[f32] {
        &self.alternative
    }

    /// The label `k != p` of the smallest `e_k`, of each image; the first of equals.
    #[must_use]
    pub fn alternative_label(&self) -> &[u32] {
        &self.alternative_label
    }

    /// The label of the smallest `e_k` over all `k`, of each image; the first of equals. It is the corrected label of a
    /// flagged image (see [`crate::Case::corrected_label`]).
    #[must_use]
    pub fn best_label(&self) -> &[u32] {
        &self.best_label
    }
}

/// Added to an error whose logarithm or inverse is taken, so that a perfect reconstruction has one. Far below what f32 pixels in [0, 1]
/// can resolve.
pub(crate) const TINY: f64 = 1e-12;

/// `log e`, finite for a perfect reconstruction too.
pub(crate) fn log_error(error: f32) -> f64 {
    (f64::from(error) + TINY).ln()
}

/// The first of the labels with the lowest error.
fn lowest(row: &[f32], labels: impl Iterator<Item = usize>) -> usize {
    labels.reduce(|best, k| if row[k] < row[best] { k } else { best }).unwrap_or(0)
}
