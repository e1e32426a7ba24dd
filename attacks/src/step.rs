//! How far an iterative attack goes at once.

/// The length of a step in the budget's norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// In units of pixel values.
    Size(f64),
    /// The budget's epsilon over this.
    EpsilonOver(f64),
}

impl Step {
    /// In units of pixel values, within a budget of this `epsilon`.
    #[must_use]
    pub fn size(self, epsilon: f64) -> f64 {
        match self {
            Self::Size(size) => size,
            Self::EpsilonOver(divisor) => epsilon / divisor,
        }
    }
}

impl From<f64> for Step {
    fn from(size: f64) -> Self {
        Self::Size(size)
    }
}
