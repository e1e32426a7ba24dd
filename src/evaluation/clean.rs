//! How good a network is on clean images: accuracy and reconstruction error.

use anyhow::{Result, bail};
use candle_core::{DType, Device, Tensor};
use candle_nn::ops;
use robust_attacks::ClassConditional;
use robust_data::Split;

/// Images per forward pass.
const BATCH: usize = 500;

/// Figures over a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// Share of images classified correctly.
    pub accuracy: f64,
    /// Mean of `||x̂ - x||²`, summed over pixels, decoded from the softmax.
    pub reconstruction: f64,
}

/// Measures `model` on all of `split`.
///
/// # Errors
/// Whatever the device reports; also if the split is empty.
pub fn evaluate(model: &dyn ClassConditional, split: &Split, device: &Device) -> Result<Evaluation> {
    if split.is_empty() {
        bail!("there are no images to evaluate on");
    }
    let (mut hits, mut error) = (0.0, 0.0);
    for start in (0..split.len()).step_by(BATCH) {
        let range = start..split.len().min(start + BATCH);
        let x = split.image_tensor(range.clone(), device)?;
        let labels = Tensor::from_slice(&split.labels()[range.clone()], range.len(), device)?;
        let code = model.encode(&x)?;
        let drawing = model.decode(&ops::softmax(&code.logits, 1)?, &code.style)?;
        hits += f64::from(code.logits.argmax(1)?.eq(&labels)?.to_dtype(DType::F32)?.sum_all()?.to_scalar::<f32>()?);
        error += f64::from((drawing - x)?.sqr()?.sum_all()?.to_scalar::<f32>()?);
    }
    let images = split.len() as f64;
    Ok(Evaluation { accuracy: hits / images, reconstruction: error / images })
}
