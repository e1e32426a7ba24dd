//! [`Autoencoder`]: the two small convolutional autoencoders of MagNet on MNIST (Meng and Chen 2017), there and back.
//!
//! Three filters of 3x3 in each hidden layer, a logistic function after every layer, pixels in [0, 1]. It knows any image of
//! planes; how it is trained is in [`denoising`](crate::denoising).

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use crate::convolution::{Convolution, Plane};
use crate::{Error, Fit, resampling};

/// Filters of a hidden layer.
const FILTERS: usize = 3;

/// The two that the paper uses on MNIST.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Architecture {
    /// With a map of half the size in the middle: "Detector I and Reformer".
    Pooled,
    /// At full size throughout: "Detector II".
    Plain,
}

/// What happens to the planes of an image.
#[derive(Debug, Clone, Copy)]
enum Layer {
    Convolve(Convolution),
    Halve,
    Double,
}

impl Architecture {
    fn layers(self, channels: usize) -> Vec<Layer> {
        let convolve = |inputs, outputs| Layer::Convolve(Convolution { inputs, outputs });
        let (first, hidden, last) =
            (convolve(channels, FILTERS), convolve(FILTERS, FILTERS), convolve(FILTERS, channels));
        match self {
            Self::Pooled => vec![first, Layer::Halve, hidden, hidden, Layer::Double, hidden, last],
            Self::Plain => vec![first, hidden, last],
        }
    }

    /// The convolutions, in order.
    pub(crate) fn convolutions(self, channels: usize) -> impl Iterator<Item = Convolution> {
        self.layers(channels).into_iter().filter_map(|layer| match layer {
            Layer::Convolve(convolution) => Some(convolution),
            _ => None,
        })
    }
}

/// How an image lies in memory: `channels` planes, one after the other, without borders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Form {
    pub(crate) channels: usize,
    pub(crate) plane: Plane,
}

impl Form {
    /// Of images of these dimensions: `(B, ..., height, width)`, or `(B, width)`.
    pub(crate) fn of(dims: &[usize]) -> Self {
        let dims = dims.get(1..).unwrap_or_default();
        let (rest, width) = dims.split_last().map_or((dims, 1), |(width, rest)| (rest, *width));
        let (rest, height) = rest.split_last().map_or((rest, 1), |(height, rest)| (rest, *height));
        Self { channels: rest.iter().product(), plane: Plane { height, width } }
    }

    pub(crate) fn pixels(self) -> usize {
        self.channels * self.plane.height * self.plane.width
    }

    /// The places of the pixels among bordered planes, in order.
    fn places(self) -> impl Iterator<Item = usize> {
        let Self { channels, plane } = self;
        (0..channels).flat_map(move |channel| {
            (0..plane.height).flat_map(move |y| (0..plane.width).map(move |x| channel * plane.len() + plane.row(y) + x))
        })
    }
}

/// The maps of one image on their way through the layers.
pub(crate) struct Pass {
    form: Form,
    layers: Vec<Layer>,
    /// The larger plane of what each layer reads and writes.
    planes: Vec<Plane>,
    /// The image, and what each layer makes of it.
    maps: Vec<Vec<f32>>,
    gradients: Vec<Vec<f32>>,
}

impl Pass {
    pub(crate) fn new(architecture: Architecture, form: Form) -> Self {
        let layers = architecture.layers(form.channels);
        let (mut plane, mut channels) = (form.plane, form.channels);
        let mut planes = Vec::with_capacity(layers.len());
        let mut maps = vec![vec![0.0; channels * plane.len()]];
        for layer in &layers {
            match layer {
                Layer::Convolve(convolution) => {
                    planes.push(plane);
                    channels = convolution.outputs;
                }
                Layer::Halve => {
                    planes.push(plane);
                    plane = plane.halved();
                }
                Layer::Double => {
                    plane = form.plane;
                    planes.push(plane);
                }
            }
            maps.push(vec![0.0; channels * plane.len()]);
        }
        Self { form, layers, planes, gradients: maps.clone(), maps }
    }

    /// What the parameters make of an image: its pixels in order.
    pub(crate) fn forward(&mut self, parameters: &[f32], image: &[f32]) -> impl Iterator<Item = f32> {
        self.form.places().zip(image).for_each(|(place, &pixel)| self.maps[0][place] = pixel);
        let mut rest = parameters;
        for (at, (layer, &plane)) in self.layers.iter().zip(&self.planes).enumerate() {
            let (before, after) = self.maps.split_at_mut(at + 1);
            let (input, output) = (&before[at], &mut after[0]);
            match layer {
                Layer::Convolve(convolution) => {
                    let (own, others) = rest.split_at(convolution.parameters());
                    convolution.forward(plane, own, input, output);
                    rest = others;
                }
                Layer::Halve => resampling::halve(plane, input, output),
                Layer::Double => resampling::double(plane, input, output),
            }
        }
        let drawn = &self.maps[self.layers.len()];
        self.form.places().map(|place| drawn[place])
    }

    /// From the gradient to what [`forward`](Self::forward) gave: adds that to the parameters to `d_parameters`, if asked for,
    /// and gives that to the image.
    pub(crate) fn backward(
        &mut self,
        parameters: &[f32],
        d_drawn: impl Iterator<Item = f32>,
        mut d_parameters: Option<&mut [f32]>,
    ) -> impl Iterator<Item = f32> {
        let end = self.layers.len();
        self.form.places().zip(d_drawn).for_each(|(place, slope)| self.gradients[end][place] = slope);
        let mut last = parameters.len();
        for (at, (layer, &plane)) in self.layers.iter().zip(&self.planes).enumerate().rev() {
            let (before, after) = self.gradients.split_at_mut(at + 1);
            let (d_input, d_output) = (&mut before[at], &mut after[0]);
            match layer {
                Layer::Convolve(convolution) => {
                    let own = last - convolution.parameters()..last;
                    last = own.start;
                    let maps = (&self.maps[at][..], &self.maps[at + 1][..]);
                    let d_own = d_parameters.as_deref_mut().map(|all| &mut all[own.clone()]);
                    convolution.backward(plane, &parameters[own], maps, d_output, d_own, d_input);
                }
                Layer::Halve => resampling::halve_backward(plane, d_output, d_input),
                Layer::Double => resampling::sum_blocks(plane, d_output, d_input),
            }
        }
        self.form.places().map(|place| self.gradients[0][place])
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f32], wave: impl Fn(f64) -> f64) -> f64 {
        values.iter().enumerate().map(|(i, &value)| f64::from(value) * wave(i as f64)).sum()
    }

    // import torch, torch.nn.functional as F; from math import sin; torch.set_default_dtype(torch.float64)
    // def run(pooled, C=2, H=3, W=5):
    //     n = [(3, C)] + [(3, 3)] * (3 if pooled else 1) + [(C, 3)]
    //     p = torch.tensor([0.8 * sin(1 + 0.7 * i) for i in range(sum(9 * o * i + o for o, i in n))], requires_grad=True)
    //     x = torch.tensor([0.5 + 0.5 * sin(1.3 * i) for i in range(C * H * W)], requires_grad=True)
    //     parts = iter(p.split([s for o, i in n for s in (9 * o * i, o)]))
    //     layers = [(next(parts).view(o, i, 3, 3), next(parts)) for o, i in n]
    //     c = lambda h, l: torch.sigmoid(F.conv2d(h, *layers[l], padding=1)); h = c(x.view(1, C, H, W), 0)
    //     if pooled:
    //         h = F.interpolate(c(c(F.avg_pool2d(h, 2, ceil_mode=True), 1), 2), scale_factor=2)[..., :H, :W]
    //     y = c(c(h, -2), -1).flatten(); dot = lambda v: (v * torch.arange(len(v)).cos()).sum()
    //     dot(y).backward(); print(dot(y).item(), dot(p.grad).item(), dot(x.grad).item())
    // run(True); run(False)
    #[test]
    fn images_and_gradients_agree_with_pytorch() {
        for (architecture, expected) in [
            (Architecture::Pooled, [-1.0026661, -0.2938129, 0.002418]),
            (Architecture::Plain, [-0.3696115, -0.1426334, 0.0876556]),
        ] {
            let form = Form { channels: 2, plane: Plane { height: 3, width: 5 } };
            let count: usize = architecture.convolutions(2).map(Convolution::parameters).sum();
            let parameters: Vec<f32> = (0..count).map(|i| (0.8 * (1.0 + 0.7 * i as f64).sin()) as f32).collect();
            let image: Vec<f32> = (0..30).map(|i| (0.5 + 0.5 * (1.3 * f64::from(i)).sin()) as f32).collect();
            let mut pass = Pass::new(architecture, form);
            // A second image finds nothing of the first.
            pass.forward(&parameters, &[0.3; 30]).for_each(drop);
            pass.backward(&parameters, [1.0; 30].into_iter(), None).for_each(drop);
            let drawn: Vec<f32> = pass.forward(&parameters, &image).collect();
            let mut d_parameters = vec![0.0; count];
            let d_drawn = (0..30).map(|i| f64::from(i).cos() as f32);
            let d_image: Vec<f32> = pass.backward(&parameters, d_drawn, Some(&mut d_parameters)).collect();
            for (found, expected) in
                [&drawn, &d_parameters, &d_image].map(|values| sum(values, f64::cos)).iter().zip(expected)
            {
                assert!((found - expected).abs() < 2e-6, "{architecture:?}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn the_form_is_the_last_two_dimensions_and_as_many_planes() {
        for (dims, channels, height, width) in
            [(&[5, 3, 28, 26][..], 3, 28, 26), (&[5, 28, 26], 1, 28, 26), (&[5, 8], 1, 1, 8), (&[5], 1, 1, 1)]
        {
            assert_eq!(Form::of(dims), Form { channels, plane: Plane { height, width } }, "{dims:?}");
        }
    }
}
