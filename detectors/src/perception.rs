//! What a model makes of a batch of images, computed once and shared by all detectors.
//!
//! Logits and style come from one encoding. The reconstruction errors (one decoding per label) and the logits of the
//! re-encoded reconstruction are computed on first use. Whatever a model returns is checked here, so that detectors see
//! only finite numbers of the right shape.

use std::sync::OnceLock;

use candle_core::{DType, Device, Tensor};
use robust_attacks::{Bounds, ClassConditional, prediction};

use crate::look::Look;
use crate::{ClassErrors, Error};

/// A batch of images in a model's eyes.
pub struct Perception<'a> {
    model: &'a dyn ClassConditional,
    x: Tensor,
    style: Tensor,
    logits: Vec<Vec<f32>>,
    predictions: Vec<u32>,
    confidences: Vec<f32>,
    errors: OnceLock<ClassErrors>,
    cycle_logits: OnceLock<Vec<Vec<f32>>>,
    look: OnceLock<Look>,
}

impl<'a> Perception<'a> {
    /// Encodes the images `x`: `(B, ...)`, f32, within the model's bounds.
    ///
    /// # Errors
    /// An empty batch, a pixel that is NaN or out of bounds, a model with fewer than two labels, and whatever is wrong
    /// with what the model returns: a failure, another shape than `(B, K)` and `(B, S)`, a value that is not finite.
    pub fn new(model: &'a dyn ClassConditional, x: &Tensor) -> Result<Self, Error> {
        check_images(x, model.signature().bounds)?;
        let (batch, classes) = (x.dims()[0], model.signature().classes);
        if classes < 2 {
            return Err(Error::TooFewLabels { found: classes });
        }
        let x = x.detach();
        let encoding = model.encode(&x).map_err(Error::model("encode the images"))?;
        let logits = rows("logits", "image", &encoding.logits, [batch, classes])?;
        let styles = encoding.style.dims().last().copied().unwrap_or(0);
        rows("style", "image", &encoding.style, [batch, styles])?;
        let (predictions, confidences) = logits.iter().map(|row| prediction(row)).unzip();
        Ok(Self {
            model,
            x,
            style: encoding.style.detach(),
            logits,
            predictions,
            confidences,
            errors: OnceLock::new(),
            cycle_logits: OnceLock::new(),
            look: OnceLock::new(),
        })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &'a dyn ClassConditional {
        self.model
    }

    /// The images, `(B, ...)`.
    #[must_use]
    pub fn x(&self) -> &Tensor {
        &self.x
    }

    /// The style code, `(B, S)`.
    #[must_use]
    pub fn style(&self) -> &Tensor {
        &self.style
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

    /// The softmax probability of each prediction, in [1 / K, 1].
    #[must_use]
    pub fn confidences(&self) -> &[f32] {
        &self.confidences
    }

    /// The reconstruction errors `e_k` of every label, by [`ClassConditional::class_errors`]; computed on first use.
    ///
    /// # Errors
    /// The model fails, or returns another shape than `(B, K)` or an error that is not a finite number of at least 0.
    pub fn errors(&self) -> Result<&ClassErrors, Error> {
        if let Some(errors) = self.errors.get() {
            return Ok(errors);
        }
        self.take_errors(
            &self.model.class_errors(&self.x, &self.style).map_err(Error::model("reconstruct the images"))?,
        )
    }

    /// Takes these over as the model's answer, `(B, K)`, if there has been none.
    pub(crate) fn take_errors(&self, errors: &Tensor) -> Result<&ClassErrors, Error> {
        let errors =
            rows("reconstruction errors", "image", errors, [self.logits.len(), self.model.signature().classes])?;
        let errors = ClassErrors::new(errors, &self.predictions)?;
        Ok(self.errors.get_or_init(|| errors))
    }

    /// The logits of the re-encoded reconstruction `decode(onehot p, m)`, `B` rows of `K` finite numbers; computed on
    /// first use.
    ///
    /// # Errors
    /// The model fails, or returns another shape than `(B, K)` or a logit that is not finite.
    pub fn cycle_logits(&self) -> Result<&[Vec<f32>], Error> {
        if let Some(logits) = self.cycle_logits.get() {
            return Ok(logits);
        }
        let logits = self.reencode().map_err(Error::model("re-encode its reconstructions"))?;
        let shape = [self.logits.len(), self.model.signature().classes];
        let logits = rows("logits", "the reconstruction of image", &logits, shape)?;
        Ok(self.cycle_logits.get_or_init(|| logits))
    }

    /// What the autoencoders that were first asked make of the images.
    pub(crate) fn look(&self) -> &OnceLock<Look> {
        &self.look
    }

    fn reencode(&self) -> candle_core::Result<Tensor> {
        let predictions = one_hot(&self.predictions, self.model.signature().classes, self.x.device())?;
        let reconstruction = self.model.decode(&predictions, &self.style)?;
        self.model.logits(&reconstruction.detach())
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

/// Labels, each below `classes`, as distributions `(B, K)`.
pub(crate) fn one_hot(labels: &[u32], classes: usize, device: &Device) -> candle_core::Result<Tensor> {
    Tensor::eye(classes, DType::F32, device)?.index_select(&Tensor::new(labels, device)?, 0)
}

/// The rows of a `(B, K)` tensor, all finite: `what` the model gave of the images, or `of` what was made of them.
pub(crate) fn rows(
    what: &'static str,
    of: &'static str,
    tensor: &Tensor,
    expected: [usize; 2],
) -> Result<Vec<Vec<f32>>, Error> {
    if tensor.dims() != expected {
        return Err(Error::Shape { what, found: tensor.dims().to_vec(), expected });
    }
    let rows = tensor.to_vec2::<f32>().map_err(Error::model("return f32 numbers"))?;
    for (image, row) in rows.iter().enumerate() {
        if let Some(&value) = row.iter().find(|value| !value.is_finite()) {
            return Err(Error::Value { what, of, image, value, expected: "finite numbers" });
        }
    }
    Ok(rows)
}
