//! What an image's logits say: the prediction, its softmax, and how far it is from a class.

/// The class with the largest of an image's `K` logits, the first of them in a tie, and its softmax in (0, 1].
#[must_use]
pub fn prediction(logits: &[f32]) -> (u32, f32) {
    let class = argmax(logits);
    (class as u32, (-cross_entropy(logits, class)).exp() as f32)
}

/// The position of the largest value, the first of them in a tie.
pub(crate) fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (position, &value) in values.iter().enumerate() {
        if value > values[best] {
            best = position;
        }
    }
    best
}

/// `log sum_k exp(z_k) - z_class`, with the largest logit taken out so that nothing overflows.
pub(crate) fn cross_entropy(logits: &[f32], class: usize) -> f64 {
    let largest = f64::from(logits[argmax(logits)]);
    let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum();
    sum.ln() + largest - f64::from(logits[class])
}

#[cfg(test)]
mod tests {
    use super::{argmax, cross_entropy};

    #[test]
    fn the_first_of_equal_logits_is_the_prediction() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0, -2.0]), 1);
    }

    #[test]
    fn cross_entropy_of_huge_logits_is_finite() {
        assert_eq!(cross_entropy(&[1e4, 0.0], 0), 0.0);
        assert_eq!(cross_entropy(&[1e4, 0.0], 1), 1e4);
        assert!((cross_entropy(&[0.0, 0.0], 1) - 2f64.ln()).abs() < 1e-15);
    }
}
