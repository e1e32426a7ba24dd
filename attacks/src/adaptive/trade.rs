//! How an attacker trades the classifier's loss, which it climbs, for the detector's score, which it descends: from the two
//! gradients of an image to one direction.

use crate::norm::sum;
use crate::{CrossEntropy, LogProbability, Objective};

/// The rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trade {
    /// Both at once: the gradient of `loss - lambda * score`.
    Penalty {
        /// The weight of the score, at least 0.
        lambda: f64,
    },
    /// One at a time: the loss until the goal is reached, then the score (Bryniarski et al. 2022, section 4.1).
    Selective,
    /// As selective, without the part of the one gradient that would undo the other: each is projected onto the plane across
    /// the other (section 4.2).
    Orthogonal,
}

impl Trade {
    /// The loss to climb. A sum of both needs one that does not fade where the classifier is sure of its label: beside the
    /// gradient of the cross-entropy there, that of any score is the steeper one, and the label is never left.
    pub(super) fn objective(self) -> &'static dyn Objective {
        match self {
            Self::Penalty { .. } => &LogProbability,
            Self::Selective | Self::Orthogonal => &CrossEntropy,
        }
    }

    /// Whether the direction of an image depends on the detector.
    pub(super) fn asks_the_detector(self, is_reached: bool) -> bool {
        is_reached || self != Self::Selective
    }

    /// The direction to step in, given the gradients of loss and score; without the latter that of the loss.
    pub(super) fn direction(self, is_reached: bool, loss: &[f32], score: Option<&[f32]>) -> Vec<f32> {
        let Some(score) = score else { return loss.to_vec() };
        match self {
            Self::Penalty { lambda } => {
                let both = |(&loss, &score): (&f32, &f32)| (f64::from(loss) - lambda * f64::from(score)) as f32;
                loss.iter().zip(score).map(both).collect()
            }
            Self::Selective if is_reached => score.iter().map(|slope| -slope).collect(),
            Self::Selective => loss.to_vec(),
            Self::Orthogonal if is_reached => across(score, loss).into_iter().map(|slope| -slope).collect(),
            Self::Orthogonal => across(loss, score),
        }
    }
}

/// What is left of `a` without its component along `b`.
fn across(a: &[f32], b: &[f32]) -> Vec<f32> {
    let length = sum(b, b, |b, _| b * b);
    let share = if length > 0.0 { sum(a, b, |a, b| a * b) / length } else { 0.0 };
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - share * f64::from(b)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::Trade;

    #[test]
    fn directions_have_closed_forms() {
        // Of (3, 1) the part along (2, 0) is (3, 0); of (2, 0) the part along (3, 1) is 0.6 (3, 1).
        let (loss, score) = ([3.0, 1.0], [2.0, 0.0]);
        for (trade, is_reached, expected) in [
            (Trade::Penalty { lambda: 0.5 }, false, [2.0, 1.0]),
            (Trade::Penalty { lambda: 0.5 }, true, [2.0, 1.0]),
            (Trade::Selective, false, [3.0, 1.0]),
            (Trade::Selective, true, [-2.0, -0.0]),
            (Trade::Orthogonal, false, [0.0, 1.0]),
            (Trade::Orthogonal, true, [-0.2, 0.6]),
        ] {
            let found = trade.direction(is_reached, &loss, Some(&score));
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{trade:?}: {found:?}");
        }
        assert_eq!(
            Trade::Orthogonal.direction(false, &loss, Some(&[0.0, 0.0])),
            loss,
            "a flat score is in nobody's way"
        );
        assert_eq!(Trade::Selective.direction(false, &loss, None), loss);
    }
}
