//! What an attack may ask of a detector: scores, and their gradient with respect to the pixels.
//!
//! A classifier with a detector in front of it is [`Guarded`](crate::Guarded): a model that gives its detector away
//! ([`Model::suspicion`](crate::Model::suspicion)). Attacks that know the detector ask for it there.

use candle_core::{Result, Tensor, Var};

/// A detector's score, higher being more suspicious, that can be descended.
pub trait Suspicion: Sync {
    /// Scores and gradients of the images `(B, ...)`, f32 within the model's bounds. What is said of an image must depend on
    /// that image alone.
    ///
    /// # Errors
    /// Whatever the model or the detector reports.
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient>;

    /// What it would say of the images if the classifier had given them these labels, one per image, and the direction in which a smoother
    /// function grows: where the score is a maximum of parts, a soft one, the softer the higher the `temperature`, which is above 0. Of an
    /// image that does get that label, the score is that of [`evaluate`](Self::evaluate). By default no score asks for the label.
    ///
    /// # Errors
    /// Whatever the model or the detector reports.
    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        let _ = (labels, temperature);
        self.evaluate(x)
    }

    /// What the detector thinks that the images `(B, ...)` would look like if they had these labels, one per image, in their shape; `None` if it
    /// has no idea. By default it has none.
    ///
    /// # Errors
    /// Whatever the model or the detector reports.
    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        let _ = (x, labels);
        Ok(None)
    }

    /// The score above which it flags, where that is settled: what an attack with early stop has to come down to.
    fn threshold(&self) -> Option<f32> {
        None
    }
}

/// A reference to a detector is that detector.
impl<S: Suspicion + ?Sized> Suspicion for &S {
    fn evaluate(&self, x: &Tensor) -> Result<ScoreGradient> {
        (**self).evaluate(x)
    }

    fn supposing(&self, x: &Tensor, labels: &[u32], temperature: f64) -> Result<ScoreGradient> {
        (**self).supposing(x, labels, temperature)
    }

    fn drawing(&self, x: &Tensor, labels: &[u32]) -> Result<Option<Tensor>> {
        (**self).drawing(x, labels)
    }

    fn threshold(&self) -> Option<f32> {
        (**self).threshold()
    }
}

/// What a detector says of a batch.
#[derive(Debug, Clone)]
pub struct ScoreGradient {
    /// `(B)`, the score that the detector flags by.
    pub scores: Tensor,
    /// The shape of the images: the direction in which each image's score grows. Where the score has no gradient, or a useless
    /// one, that of a function that grows with it.
    pub gradient: Tensor,
}

impl ScoreGradient {
    /// Scores `(B)` that are a differentiable function of the images, by candle's autograd.
    ///
    /// # Errors
    /// Whatever candle reports, or that the scores do not depend on `x`.
    pub fn of(x: &Tensor, score: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let x = Var::from_tensor(&x.detach())?;
        let scores = score(&x)?;
        let gradients = scores.sum_all()?.backward()?;
        match gradients.get(&x) {
            Some(gradient) => Ok(Self { scores: scores.detach(), gradient: gradient.clone() }),
            None => candle_core::bail!("the scores do not depend on the images: no gradient reached them"),
        }
    }
}
