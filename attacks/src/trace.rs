//! What an attack notes about each image on its way: what it cost, and what went wrong.

/// The trace of one image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trace {
    /// How often the attack asked the model about the image, once for a gradient too. The judgement at the end, which every
    /// attack gets, does not count.
    pub queries: u64,
    /// At some step the gradient was exactly zero, so that the attack had nowhere to go. Many of these mean that the model hides
    /// its gradient, not that it is robust.
    pub zero_gradient: bool,
    /// At some step the gradient was NaN or infinite, and the image stayed where it was.
    pub nan_gradient: bool,
}

impl Trace {
    /// Notes a gradient; true if it can be followed.
    pub(crate) fn gradient(&mut self, gradient: &[f32]) -> bool {
        // Without an early exit, so that the compiler can use vector registers.
        let is_finite = gradient.iter().fold(true, |all, slope| all & slope.is_finite());
        self.nan_gradient |= !is_finite;
        self.zero_gradient |= gradient.iter().all(|&slope| slope == 0.0);
        is_finite
    }

    /// Adds what happened later to the same image.
    pub(crate) fn add(&mut self, later: Self) {
        self.queries += later.queries;
        self.zero_gradient |= later.zero_gradient;
        self.nan_gradient |= later.nan_gradient;
    }
}
