//! The training loss: what it is a sum of, and how much each term weighs.

use serde::{Deserialize, Serialize};

/// How much each term of the loss weighs beside the cross-entropy; 0 leaves it out.
///
/// For an image `x` with label `c` and noise `n`, of which the encoder makes `(y, m) = encode(x + n)`, and a wrong label `c'`,
/// the loss is
///
/// ```text
/// CE(y, c) + alpha * ||x̂ - x||²                         x̂  = decode(y or onehot c, m)
///          + swap * CE(y', c')                          x' = decode(onehot c', m),  (y', m') = encode(x' + n)
///          + style_consistency * ||m' - m||²
///          + contrast * ln(1 + ||x̂ - x||² / ||x' - x||²)
/// ```
///
/// The first line is the paper's (Wiyatno and Orchard 2018, section 3.2). Nothing in it keeps the class out of the style; the
/// other terms do: they ask that the style under another label be drawn as that label (Patacchiola, Fox-Roberts and Rosten
/// 2020, arXiv:1907.10949), be read back as the same style (likewise), and explain the image worse than its own label does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LossWeights {
    /// Of the reconstruction error.
    pub alpha: f64,
    /// Of the wrong label's cross-entropy at the swapped drawing.
    #[serde(default)]
    pub swap: f64,
    /// Of the squared distance between the image's style and that of the swapped drawing.
    #[serde(default)]
    pub style_consistency: f64,
    /// Of the term that asks for a smaller error under the label than under the wrong one.
    #[serde(default)]
    pub contrast: f64,
}

impl LossWeights {
    /// Whether any term needs the swapped drawing.
    #[must_use]
    pub fn swaps(&self) -> bool {
        [self.swap, self.style_consistency, self.contrast] != [0.0; 3]
    }
}

/// Sums over the images of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BatchLoss {
    /// Number of images.
    pub images: usize,
    /// Of the cross-entropies.
    pub cross_entropy: f64,
    /// Of the reconstruction errors `||x̂ - x||²`.
    pub reconstruction: f64,
    /// Of the wrong labels' cross-entropies at the swapped drawings; 0 without them.
    pub swap: f64,
    /// Of the squared distances `||m' - m||²`; 0 without swapped drawings.
    pub style_consistency: f64,
    /// Of `ln(1 + ||x̂ - x||² / ||x' - x||²)`; 0 without swapped drawings.
    pub contrast: f64,
    /// Images whose noisy version is classified correctly.
    pub correct: usize,
}

impl BatchLoss {
    /// Adds another batch's sums.
    pub fn add(&mut self, other: Self) {
        self.images += other.images;
        self.cross_entropy += other.cross_entropy;
        self.reconstruction += other.reconstruction;
        self.swap += other.swap;
        self.style_consistency += other.style_consistency;
        self.contrast += other.contrast;
        self.correct += other.correct;
    }

    /// The weighted sum.
    #[must_use]
    pub fn total(&self, weights: &LossWeights) -> f64 {
        self.cross_entropy
            + weights.alpha * self.reconstruction
            + weights.swap * self.swap
            + weights.style_consistency * self.style_consistency
            + weights.contrast * self.contrast
    }
}
