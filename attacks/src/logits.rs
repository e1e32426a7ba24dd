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

/// By how much a class is beaten: `max over k != class of z_k - z_class`; NaN if any logit is.
pub(crate) fn margin(logits: &[f32], class: usize) -> f64 {
    let others = logits.iter().enumerate().filter(|&(other, _)| other != class);
    let best =
        others.fold(f32::NEG_INFINITY, |best, (_, &logit)| if best.is_nan() || best > logit { best } else { logit });
    f64::from(best) - f64::from(logits[class])
}

/// `log sum_k exp(z_k) - z_class`, with the largest logit taken out of both so that nothing overflows or cancels.
pub(crate) fn cross_entropy(logits: &[f32], class: usize) -> f64 {
    let largest = f64::from(logits[argmax(logits)]);
    let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum();
    sum.ln() + (largest - f64::from(logits[class]))
}

#[cfg(test)]
mod tests {
    use super::{argmax, cross_entropy, prediction};

    #[test]
    fn the_first_of_equal_logits_is_the_prediction() {
        for (logits, class) in [(&[1.0, 3.0, 3.0, -2.0][..], 1), (&[-2.0], 0), (&[0.0, -0.0], 0), (&[-0.0, 0.0], 0)] {
            assert_eq!(argmax(logits), class, "{logits:?}");
        }
    }

    // from scipy.special import softmax; print(softmax([2.5, -1.0, 0.75, 3.0])[3])
    #[test]
    fn confidence_is_the_softmax_and_survives_extreme_logits() {
        assert_eq!(prediction(&[2.5, -1.0, 0.75, 3.0]), (3, 0.5779526585173888_f64 as f32));
        for (logits, confidence) in [
            ([f32::MAX, f32::MIN, 0.0], 1.0),
            ([f32::MIN; 3], 1.0 / 3.0),
            ([f32::MAX; 3], 1.0 / 3.0),
            ([1e30, -1e30, 1e30], 0.5),
        ] {
            assert_eq!(prediction(&logits), (0, confidence), "{logits:?}");
        }
    }

    #[test]
    fn cross_entropy_of_huge_logits_is_finite() {
        assert_eq!(cross_entropy(&[1e4, 0.0], 0), 0.0);
        assert_eq!(cross_entropy(&[1e4, 0.0], 1), 1e4);
        assert!((cross_entropy(&[0.0, 0.0], 1) - 2f64.ln()).abs() < 1e-15);
    }
}
