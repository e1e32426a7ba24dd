//! [`Autoencoder`]: an [`Architecture`] with its weights, there and back, for pixels in [0, 1].
//!
//! It knows any image of planes; how it is trained is in `denoising.rs`.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use crate::architecture::Architecture;
use crate::convolution::Convolution;
use crate::form::Form;
use crate::pass::Pass;
use crate::{Error, Fit};

/// An architecture with its parameters: of each convolution the weights `(outputs, inputs, 3, 3)` and then the biases.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Autoencoder {
    pub(crate) architecture: Architecture,
    pub(crate) channels: usize,
    pub(crate) parameters: Vec<f32>,
}

impl Autoencoder {
    /// Images of one form to what it makes of them, both in order.
    pub(crate) fn reconstruct(&self, form: Form, images: &[f32]) -> Vec<f32> {
        let mut pass = Pass::new(self.architecture, form);
        let mut drawn = Vec::with_capacity(images.len());
        for image in images.chunks_exact(form.pixels()) {
            drawn.extend(pass.forward(&self.parameters, image));
        }
        drawn
    }

    /// The gradient to the images from that to what it makes of them.
    fn gradient(&self, form: Form, images: &[f32], d_drawn: &[f32]) -> Vec<f32> {
        let mut pass = Pass::new(self.architecture, form);
        let mut d_images = Vec::with_capacity(images.len());
        for (image, d_drawn) in images.chunks_exact(form.pixels()).zip(d_drawn.chunks_exact(form.pixels())) {
            pass.forward(&self.parameters, image).for_each(drop);
            d_images.extend(pass.backward(&self.parameters, d_drawn.iter().copied(), None));
        }
        d_images
    }

    /// From the arrays of a fit that [`store`](Self::store) named so.
    pub(crate) fn restore(architecture: Architecture, name: &str, fit: &Fit) -> std::result::Result<Self, Error> {
        let channels = fit.shape(&format!("{name}.conv1.weight")).get(1).copied().unwrap_or(1);
        let mut parameters = Vec::new();
        for (position, Convolution { inputs, outputs }) in architecture.convolutions(channels).enumerate() {
            let layer = format!("{name}.conv{}", position + 1);
            parameters.extend_from_slice(fit.values(&format!("{layer}.weight"), &[outputs, inputs, 3, 3])?);
            parameters.extend_from_slice(fit.values(&format!("{layer}.bias"), &[outputs])?);
        }
        Ok(Self { architecture, channels, parameters })
    }

    /// Adds weights and biases to a fit, in PyTorch's shapes.
    pub(crate) fn store(&self, name: &str, mut fit: Fit) -> Fit {
        let mut rest = &self.parameters[..];
        for (position, convolution) in self.architecture.convolutions(self.channels).enumerate() {
            let (own, others) = rest.split_at(convolution.parameters());
            let (weights, biases) = own.split_at(convolution.weights());
            let (layer, Convolution { inputs, outputs }) = (format!("{name}.conv{}", position + 1), convolution);
            fit = fit.with(format!("{layer}.weight"), vec![outputs, inputs, 3, 3], weights.to_vec()).with(
                format!("{layer}.bias"),
                vec![outputs],
                biases.to_vec(),
            );
            rest = others;
        }
        fit
    }
}

/// An autoencoder as candle's operation on images `(B, ...)` with pixels in [0, 1], differentiable in them; on the CPU only.
pub(crate) struct Reconstruct(pub(crate) Arc<Autoencoder>);

impl Reconstruct {
    /// The form of images, if the autoencoder is one of such.
    fn form(&self, dims: &[usize]) -> Result<Form> {
        let form = Form::of(dims);
        if form.channels != self.0.channels || form.pixels() == 0 {
            candle_core::bail!(
                "images of {} planes each, and the autoencoder knows {}",
                form.channels,
                self.0.channels
            );
        }
        Ok(form)
    }
}

impl CustomOp1 for Reconstruct {
    fn name(&self) -> &'static str {
        "autoencoder"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("the autoencoder needs contiguous images")
        };
        let form = self.form(layout.dims())?;
        let drawn = self.0.reconstruct(form, &storage.as_slice::<f32>()?[start..end]);
        Ok((CpuStorage::F32(drawn), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _drawn: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let values = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let d_x = self.0.gradient(self.form(x.dims())?, &values(x)?, &values(gradient)?);
        Ok(Some(Tensor::from_vec(d_x, x.shape(), x.device())?))
    }
}
