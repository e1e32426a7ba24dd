//! The kernels as candle operations on the CPU: forward and backward in one step each, differentiable like any other.
//!
//! A backward pass asks for its forward pass again (the thread's worker may remember it) rather than keeping activations
//! alive between the two. Not so the errors under all labels, which are one decoding per label: where their gradients are not too
//! many, they are worked out on the way forward, and the way back only weighs them. What is hot (an attack's gradient, training, scoring under all labels)
//! goes to the kernels directly.

use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, Var};
use robust_attacks::{LogitLoss, LossGradient};

use super::chunked::Chunked;
use super::encoder::Encoder;
use super::error_slopes::ErrorSlopes;
use super::fast::Fast;

/// Images `(B, C, H, W)` to `(B, K + S)`: logits and style side by side.
pub(super) struct Encode<E: Encoder>(pub(super) Arc<Chunked<E>>);

/// Label distribution `(B, K)` and style `(B, S)` to images `(B, C, H, W)`.
pub(super) struct Decode(pub(super) Arc<Fast>);

/// Images `(B, C, H, W)` and style `(B, S)` to the reconstruction error under every label, `(B, K)`. For one use.
pub(super) struct DifferentiableErrors {
    fast: Arc<Fast>,
    slopes: OnceLock<ErrorSlopes>,
}

impl DifferentiableErrors {
    pub(super) fn new(fast: Arc<Fast>) -> Self {
        Self { fast, slopes: OnceLock::new() }
    }
}

/// The floats behind a contiguous operand.
fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => candle_core::bail!("the kernels need contiguous tensors"),
    }
}

/// The values of a tensor, in order.
pub(super) fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// The gradient of a loss to images `(B, C, H, W)`: the kernels go to the logits and back, candle differentiates the loss in between.
pub(super) fn loss_gradient<E: Encoder>(network: &Chunked<E>, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
    let shape = (x.dim(0)?, network.classes);
    let mut outcome = None;
    let gradient = network.input_gradient(&values(x)?, |logits| {
        let logits = Var::from_slice(logits, shape, x.device())?;
        let losses = loss(&logits)?;
        let gradients = losses.sum_all()?.backward()?;
        let d_logits = match gradients.get(&logits) {
            Some(d_logits) => values(d_logits)?,
            None => candle_core::bail!("the loss does not depend on the logits"),
        };
        outcome = Some((logits.as_detached_tensor(), losses.detach()));
        Ok(d_logits)
    })?;
    let Some((logits, loss)) = outcome else { candle_core::bail!("the loss was not computed") };
    Ok(LossGradient { logits, loss, gradient: Tensor::from_vec(gradient, x.shape(), x.device())? })
}

impl<E: Encoder + Send> CustomOp1 for Encode<E> {
    fn name(&self) -> &'static str {
        "encode"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = floats(storage, layout)?;
        let code = self.0.encode(x);
        Ok((CpuStorage::F32(code), (x.len() / self.0.pixels, self.0.width()).into()))
    }

    fn bwd(&self, x: &Tensor, _code: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let d_x = self.0.encode_gradient(&values(x)?, &values(gradient)?);
        Ok(Some(Tensor::from_vec(d_x, x.shape(), x.device())?))
    }
}

impl CustomOp2 for Decode {
    fn name(&self) -> &'static str {
        "style-memory-decode"
    }

    fn cpu_fwd(
        &self,
        label: &CpuStorage,
        label_layout: &Layout,
        style: &CpuStorage,
        style_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let images = self.0.decode(floats(label, label_layout)?, floats(style, style_layout)?);
        let [channels, rows, columns] = self.0.encoder.spec().input;
        let shape = (images.len() / self.0.pixels, channels, rows, columns);
        Ok((CpuStorage::F32(images), shape.into()))
    }

    fn bwd(
        &self,
        label: &Tensor,
        style: &Tensor,
        _images: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (d_label, d_style) = self.0.decode_gradient(&values(label)?, &values(style)?, &values(gradient)?);
        Ok((
            Some(Tensor::from_vec(d_label, label.shape(), label.device())?),
            Some(Tensor::from_vec(d_style, style.shape(), style.device())?),
        ))
    }
}

impl CustomOp2 for DifferentiableErrors {
    fn name(&self) -> &'static str {
        "style-memory-class-errors"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        style: &CpuStorage,
        style_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, style) = (floats(x, x_layout)?, floats(style, style_layout)?);
        let errors = match self.fast.keeps_slopes(x) {
            true => {
                let (errors, slopes) = self.fast.class_error_slopes(x, style);
                if self.slopes.set(slopes).is_err() {
                    candle_core::bail!("an operation that keeps what it found is for one use");
                }
                errors
            }
            false => self.fast.class_errors(x, style),
        };
        let classes = self.fast.classes;
        let shape = (errors.len() / classes, classes);
        Ok((CpuStorage::F32(errors), shape.into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        style: &Tensor,
        _errors: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let d_errors = values(gradient)?;
        let (d_x, d_style) = match self.slopes.get() {
            Some(slopes) => slopes.combine(&d_errors, self.fast.classes),
            None => self.fast.class_errors_gradient(&values(x)?, &values(style)?, &d_errors),
        };
        Ok((
            Some(Tensor::from_vec(d_x, x.shape(), x.device())?),
            Some(Tensor::from_vec(d_style, style.shape(), style.device())?),
        ))
    }
}
