//! What a model makes of a batch of images, computed once and shared by all detectors.
//!
//! Logits and, of a model that draws, style come from one encoding. The reconstruction errors (one decoding per label) and the logits
//! of the re-encoded reconstruction are computed on first use. Whatever a model returns is checked here, so that detectors see only
//! finite numbers of the right shape.

use std::sync::OnceLock;

use candle_core::{DType, Tensor};
use robust_attacks::{Bounds, ClassConditional, prediction};

use crate::memo::Memo;
use crate::tensors::{one_hot, rows};
use crate::{ClassErrors, Error, Subject, softmax};

/// A batch of images in a model's eyes.
pub struct Perception<'a> {
    subject: Subject<'a>,
    classes: usize,
    x: Tensor,
    style: Option<Tensor>,
    logits: Vec<Vec<f32>>,
    predictions: Vec<u32>,
    confidences: Vec<f32>,
    errors: OnceLock<ClassErrors>,
    cycle_logits: OnceLock<Vec<Vec<f32>>>,
    memo: Memo,
}

impl<'a> Perception<'a> {
    /// Encodes the images `x`: `(B, ...)`, f32, within the model's bounds.
    ///
    /// # Errors
    /// An empty batch, a pixel that is NaN or out of bounds, a model with fewer than two labels, and whatever is wrong
    /// with what the model returns: a failure, another shape than `(B, K)` and `(B, S)`, a value that is not finite.
    pub fn new(subject: impl Into<Subject<'a>>, x: &Tensor) -> Result<Self, Error> {
        let subject = subject.into();
        check_images(x, subject.bounds())?;
        let (x, batch) = (x.detach(), x.dims()[0]);
        let (logits, style) = subject.encode(&x).map_err(Error::model("encode the images"))?;
        let classes = subject.classes();
        if classes < 2 {
            return Err(Error::TooFewLabels { found: classes });
        }
        let logits = rows("logits", "image", &logits, [batch, classes])?;
        if let Some(style) = &style {
            let styles = style.dims().last().copied().unwrap_or(0);
            rows("style", "image", style, [batch, styles])?;
        }
        let (predictions, confidences) = logits.iter().map(|row| prediction(row)).unzip();
        Ok(Self {
            subject,
            classes,
            x,
            style: style.map(|style| style.detach()),
            logits,
            predictions,
            confidences,
            errors: OnceLock::new(),
            cycle_logits: OnceLock::new(),
            memo: Memo::default(),
        })
    }

    /// The same images, as if these labels had been predicted of them: what detectors would say then. Before anything else is asked.
    ///
    /// # Errors
    /// Another number of labels than there are images, or a label that the model does not know.
    pub fn supposing(mut self, labels: &[u32]) -> Result<Self, Error> {
        if labels.len() != self.logits.len() {
            return Err(Error::LabelCount { labels: labels.len(), images: self.logits.len() });
        }
        if let Some(&found) = labels.iter().find(|&&label| label as usize >= self.classes) {
            return Err(Error::Label { found, classes: self.classes });
        }
        let rows = self.logits.iter().zip(labels);
        self.confidences = rows.map(|(row, &label)| softmax::probability(row, label as usize)).collect();
        self.predictions = labels.to_vec();
        Ok(self)
    }

    /// The model.
    #[must_use]
    pub fn subject(&self) -> Subject<'a> {
        self.subject
    }

    /// Whether the model draws.
    #[must_use]
    pub fn draws(&self) -> bool {
        self.style.is_some()
    }

    /// How many labels the model knows, `K`.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The images, `(B, ...)`.
    #[must_use]
    pub fn x(&self) -> &Tensor {
        &self.x
    }

    /// The style code, `(B, S)`, f32.
    ///
    /// # Errors
    /// The model does not draw.
    pub fn style(&self) -> Result<&Tensor, Error> {
        self.style.as_ref().ok_or_else(|| Error::NoDecoder { asker: "the style".into() })
    }

    /// The logits, `B` rows of `K` finite numbers.
    #[must_use]
    pub fn logits(&self) -> &[Vec<f32>] {
        &self.logits
    }

    /// The predicted label of each image, the first of the largest logits.
    #[must_use]
    pub fn predictions(&self) -> &[u32] {
        &self.predictions
    }

    /// The softmax probability of each prediction, in [1 / K, 1]; of a supposed one in [0, 1].
    #[must_use]
    pub fn confidences(&self) -> &[f32] {
        &self.confidences
    }

    /// The reconstruction errors `e_k` of every label, by [`ClassConditional::class_errors`]; computed on first use.
    ///
    /// # Errors
    /// The model does not draw, fails, or returns another shape than `(B, K)` or an error that is not a finite number of at least 0.
    pub fn errors(&self) -> Result<&ClassErrors, Error> {
        if let Some(errors) = self.errors.get() {
            return Ok(errors);
        }
        let decoder = self.subject.decoder("the reconstruction error")?;
        let errors = decoder.class_errors(&self.x, self.style()?).map_err(Error::model("reconstruct the images"))?;
        let errors = self.checked_errors(&errors)?;
        Ok(self.errors.get_or_init(|| errors))
    }

    /// The model's answer `(B, K)` as errors.
    pub(crate) fn checked_errors(&self, errors: &Tensor) -> Result<ClassErrors, Error> {
        let errors = rows("reconstruction errors", "image", errors, [self.logits.len(), self.classes])?;
        ClassErrors::new(errors, &self.predictions)
    }

    /// The logits of the re-encoded reconstruction `decode(onehot p, m)`, `B` rows of `K` finite numbers; computed on
    /// first use.
    ///
    /// # Errors
    /// The model does not draw, fails, or returns another shape than `(B, K)` or a logit that is not finite.
    pub fn cycle_logits(&self) -> Result<&[Vec<f32>], Error> {
        if let Some(logits) = self.cycle_logits.get() {
            return Ok(logits);
        }
        let (decoder, style) = (self.subject.decoder("the reconstruction")?, self.style()?);
        let reencode = || {
            let predictions = one_hot(&self.predictions, self.classes, self.x.device())?;
            decoder.logits(&decoder.decode(&predictions, style)?.detach())
        };
        let logits = reencode().map_err(Error::model("re-encode its reconstructions"))?;
        let shape = [self.logits.len(), self.classes];
        let logits = rows("logits", "the reconstruction of image", &logits, shape)?;
        Ok(self.cycle_logits.get_or_init(|| logits))
    }

    /// The model as one that draws, for the detector `id`.
    ///
    /// # Errors
    /// [`Error::NoDecoder`], which names the detector.
    pub(crate) fn decoder_for(&self, id: &str) -> Result<&'a dyn ClassConditional, Error> {
        self.subject.decoder(&format!("detector `{id}`"))
    }

    /// What detectors have worked out of these images.
    pub(crate) fn memo(&self) -> &Memo {
        &self.memo
    }
}

/// f32 images, at least one, every pixel within the bounds. A NaN pixel must stop here: a ReLU swallows it.
fn check_images(x: &Tensor, Bounds { min, max }: Bounds) -> Result<(), Error> {
    if x.rank() == 0 || x.elem_count() == 0 {
        return Err(Error::NoImages { found: x.dims().to_vec() });
    }
    if x.dtype() != DType::F32 {
        return Err(Error::PixelType { found: x.dtype().as_str(), min, max });
    }
    let pixels = x.flatten_all().and_then(|x| x.to_vec1::<f32>()).map_err(Error::model("read the images"))?;
    match pixels.iter().position(|pixel| !(min..=max).contains(pixel)) {
        Some(at) => Err(Error::Pixel { image: at / (pixels.len() / x.dims()[0]), value: pixels[at], min, max }),
        None => Ok(()),
    }
}
