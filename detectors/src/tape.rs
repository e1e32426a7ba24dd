//! [`Tape`]: from the images to what detectors look at, recorded by candle, so that a score can be descended.
//!
//! What a detector *chooses* (the predicted label, the label with the smallest error) stays as the [`Perception`] has it: almost
//! everywhere a small change of the image changes no choice, and the gradient of a minimum is that of its smallest term.

use std::sync::OnceLock;

use candle_core::{Error as CandleError, Result, Tensor};
use robust_attacks::ClassConditional;

use crate::tensors::one_hot;
use crate::{ClassErrors, Perception};

/// A batch on its way through the model, beside what has been found out about it.
pub struct Tape<'a> {
    perception: &'a Perception<'a>,
    x: Tensor,
    logits: Tensor,
    style: Option<Tensor>,
    temperature: Option<f64>,
    errors: OnceLock<(Tensor, ClassErrors)>,
}

impl<'a> Tape<'a> {
    /// Records from `x` on, which holds the images of the perception.
    ///
    /// # Errors
    /// Whatever the model reports.
    pub fn new(perception: &'a Perception<'a>, x: &Tensor) -> Result<Self> {
        let (logits, style) = perception.subject().encode(x)?;
        Ok(Self { perception, x: x.clone(), logits, style, temperature: None, errors: OnceLock::new() })
    }

    /// The same for surrogates that are smoother than the scores: where a score is a maximum of parts, a soft one at this temperature, above 0.
    #[must_use]
    pub fn softened(self, temperature: Option<f64>) -> Self {
        Self { temperature, ..self }
    }

    /// What is known about the images: numbers without a gradient.
    #[must_use]
    pub fn perception(&self) -> &'a Perception<'a> {
        self.perception
    }

    /// The images, `(B, ...)`.
    #[must_use]
    pub fn x(&self) -> &Tensor {
        &self.x
    }

    /// `(B, K)`.
    #[must_use]
    pub fn logits(&self) -> &Tensor {
        &self.logits
    }

    /// `(B, S)`.
    ///
    /// # Errors
    /// The model does not draw.
    pub fn style(&self) -> Result<&Tensor> {
        match &self.style {
            Some(style) => Ok(style),
            None => self.perception.style().map_err(CandleError::wrap),
        }
    }

    /// The image that one label per image stands for in its style, `(B, ...)`.
    ///
    /// # Errors
    /// The model does not draw, and whatever it reports.
    pub fn decode(&self, labels: &[u32]) -> Result<Tensor> {
        let labels = one_hot(labels, self.perception.classes(), self.x.device())?;
        self.decoder()?.decode(&labels, self.style()?)
    }

    /// The reconstruction error `e_k` under one label per image, `(B)`.
    ///
    /// # Errors
    /// Whatever the model reports.
    pub fn error(&self, labels: &[u32]) -> Result<Tensor> {
        (self.decode(labels)? - &self.x)?.flatten_from(1)?.sqr()?.sum(1)
    }

    /// The reconstruction error under every label: `(B, K)`, and as numbers without a gradient; drawn once for all who ask.
    ///
    /// # Errors
    /// The model does not draw, whatever it reports, and an error that is not a finite number of at least 0.
    pub fn errors(&self) -> Result<(Tensor, ClassErrors)> {
        if let Some(errors) = self.errors.get() {
            return Ok(errors.clone());
        }
        let recorded = self.decoder()?.class_errors(&self.x, self.style()?)?;
        let errors = self.perception.checked_errors(&recorded).map_err(CandleError::wrap)?;
        Ok(self.errors.get_or_init(|| (recorded, errors)).clone())
    }

    fn decoder(&self) -> Result<&'a dyn ClassConditional> {
        self.perception.subject().decoder("a drawing").map_err(CandleError::wrap)
    }

    /// The logits of the re-encoded `decode(onehot p, m)`, `(B, K)`.
    ///
    /// # Errors
    /// Whatever the model reports.
    pub fn cycle_logits(&self) -> Result<Tensor> {
        self.perception.subject().logits(&self.decode(self.perception.predictions())?)
    }

    /// `log(1 - softmax_p)` of logits `(B, K)`: `(B)`, with `p` what is predicted of the images.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn log_complement(&self, logits: &Tensor) -> Result<Tensor> {
        self.others(logits)? - logits.log_sum_exp(1)?
    }

    /// `log((1 - softmax_p) / softmax_p)` of logits `(B, K)`: `(B)`. It grows with `log_complement`, and has a slope where that
    /// is flat, at `softmax_p` near 0.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn log_odds(&self, logits: &Tensor) -> Result<Tensor> {
        self.others(logits)? - self.pick(logits, self.perception.predictions())?
    }

    /// Of values `(B, K)` those of one label per image, `(B)`.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn pick(&self, values: &Tensor, labels: &[u32]) -> Result<Tensor> {
        values.gather(&Tensor::new(labels, values.device())?.unsqueeze(1)?, 1)?.squeeze(1)
    }

    /// How far the largest logit of the other labels lies behind that of the predicted one, at most 0 unless that is supposed: `(B)`.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn margin(&self) -> Result<Tensor> {
        self.without_predicted(&self.logits)?.max(1)? - self.pick(&self.logits, self.perception.predictions())?
    }

    /// `log((1 - g) / g)` with `g` the sum of the squared softmax: `(B)`.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn gini(&self) -> Result<Tensor> {
        let q = log_softmax(&self.logits)?.exp()?;
        let own = self.pick(&q, self.perception.predictions())?;
        // 1 - q of the predicted label is the sum of the others.
        let rest = self.without_predicted(&q)?.relu()?;
        let spread = ((own * rest.sum(1)?)? + (&rest * rest.affine(-1.0, 1.0)?)?.sum(1)?)?;
        (spread + f64::from(f32::MIN_POSITIVE))?.log()? - q.sqr()?.sum(1)?.log()?
    }

    /// The maximum of each row of values `(B, N)`, a soft one if the tape is softened: `(B)`.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn maximum(&self, values: &Tensor) -> Result<Tensor> {
        match self.temperature {
            Some(temperature) => (values / temperature)?.log_sum_exp(1)? * temperature,
            None => values.max(1),
        }
    }

    /// The entropy of the softmax of logits `(B, K)` in nats: `(B)`.
    ///
    /// # Errors
    /// Whatever candle reports.
    pub fn entropy(&self, logits: &Tensor) -> Result<Tensor> {
        let log_softmax = log_softmax(logits)?;
        (log_softmax.exp()? * log_softmax)?.sum(1)?.neg()
    }

    /// Log-sum-exp of the logits of all labels but the predicted ones.
    fn others(&self, logits: &Tensor) -> Result<Tensor> {
        self.without_predicted(logits)?.log_sum_exp(1)
    }

    /// The values `(B, K)` with minus infinity at the predicted labels.
    fn without_predicted(&self, values: &Tensor) -> Result<Tensor> {
        let labels = Tensor::arange(0, values.dim(1)? as u32, values.device())?.unsqueeze(0)?;
        let predictions = Tensor::new(self.perception.predictions(), values.device())?.unsqueeze(1)?;
        let lowest = Tensor::full(f32::NEG_INFINITY, values.shape(), values.device())?;
        predictions.broadcast_eq(&labels)?.where_cond(&lowest, values)
    }
}

/// The logarithm of the softmax of logits `(B, K)`.
pub(crate) fn log_softmax(logits: &Tensor) -> Result<Tensor> {
    logits.broadcast_sub(&logits.log_sum_exp(1)?.unsqueeze(1)?)
}
