//! [`Autoencoder`]: an [`Architecture`] with its weights, there and back on the CPU kernels, for pixels in [0, 1].
//!
//! It knows any image of planes; how it is trained is in `denoising.rs`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Error as CandleError, Layout, Result, Shape, Tensor};
use robust_networks::kernels::{Isa, Memory, Network};

use crate::architecture::Architecture;
use crate::form::Form;
use crate::{Error, Fit};

/// Images that go through the kernels together: few, since their maps are large beside a cache.
const TOGETHER: usize = 16;
/// The kernels that an autoencoder runs on: maps of three channels fill registers of four floats, and no others. They give the same bits
/// on every machine.
pub(crate) const ISA: Isa = Isa::PORTABLE;

/// An architecture with its parameters: of each convolution the weights `(outputs, inputs, 3, 3)` and then the biases.
#[derive(Debug)]
pub(crate) struct Autoencoder {
    architecture: Architecture,
    channels: usize,
    parameters: Vec<f32>,
    /// For the form of the images that came first.
    planned: OnceLock<Planned>,
}

/// Whether they are of the same numbers, whatever either has planned.
impl PartialEq for Autoencoder {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |one: &Self| (one.architecture, one.channels);
        numbers(self) == numbers(other) && self.parameters == other.parameters
    }
}

/// The network for images of a form, with the memories that no thread uses at the moment.
#[derive(Debug)]
struct Planned {
    form: Form,
    network: Network,
    memories: Mutex<Vec<Memory>>,
}

impl Planned {
    fn new(autoencoder: &Autoencoder, form: Form) -> Result<Self> {
        let network = Network::new(ISA, &autoencoder.architecture.spec(form)).map_err(CandleError::wrap)?;
        Ok(Self { form, network: network.filled(&autoencoder.parameters), memories: Mutex::default() })
    }

    /// Does some work with a memory, which holds nothing that a panic elsewhere could have broken.
    fn with<T>(&self, work: impl FnOnce(&Network, &mut Memory) -> T) -> T {
        let memories = || self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = memories().pop();
        let mut memory = stored.unwrap_or_else(|| Memory::new(&self.network, TOGETHER));
        let done = work(&self.network, &mut memory);
        memories().push(memory);
        done
    }
}

impl Autoencoder {
    pub(crate) fn new(architecture: Architecture, channels: usize, parameters: Vec<f32>) -> Self {
        Self { architecture, channels, parameters, planned: OnceLock::new() }
    }

    /// Images of one form to what it makes of them, both in order.
    fn reconstruct(&self, form: Form, images: &[f32]) -> Result<Vec<f32>> {
        self.with(form, |network, memory| {
            let mut drawn = Vec::with_capacity(images.len());
            for images in images.chunks(TOGETHER * form.pixels()) {
                network.forward(&[images], memory);
                drawn.extend_from_slice(memory.output(0));
            }
            drawn
        })
    }

    /// The gradient to the images from that to what it makes of them.
    fn gradient(&self, form: Form, images: &[f32], d_drawn: &[f32]) -> Result<Vec<f32>> {
        self.with(form, |network, memory| {
            let mut d_images = vec![0.0; images.len()];
            let chunk = TOGETHER * form.pixels();
            let chunks = images.chunks(chunk).zip(d_drawn.chunks(chunk)).zip(d_images.chunks_mut(chunk));
            for ((images, d_drawn), d_images) in chunks {
                network.forward(&[images], memory);
                network.backward(&[Some(d_drawn)], memory, &mut [Some(d_images)], None);
            }
            d_images
        })
    }

    /// Does some work with the network for images of a form.
    fn with<T>(&self, form: Form, work: impl FnOnce(&Network, &mut Memory) -> T) -> Result<T> {
        let planned = match self.planned.get() {
            Some(planned) => planned,
            None => {
                let planned = Planned::new(self, form)?;
                self.planned.get_or_init(|| planned)
            }
        };
        match planned.form == form {
            true => Ok(planned.with(work)),
            false => Ok(Planned::new(self, form)?.with(work)),
        }
    }

    /// From the arrays of a fit that [`store`](Self::store) named so.
    pub(crate) fn restore(architecture: Architecture, name: &str, fit: &Fit) -> std::result::Result<Self, Error> {
        let channels = fit.shape(&format!("{name}.conv1.weight")).get(1).copied().unwrap_or(1);
        let mut parameters = Vec::new();
        for slot in architecture.layout(channels).tensors() {
            parameters.extend_from_slice(fit.values(&format!("{name}.{}", slot.name), &slot.shape)?);
        }
        Ok(Self::new(architecture, channels, parameters))
    }

    /// Adds weights and biases to a fit, in PyTorch's shapes.
    pub(crate) fn store(&self, name: &str, mut fit: Fit) -> Fit {
        for slot in self.architecture.layout(self.channels).tensors() {
            let values = self.parameters[slot.range()].to_vec();
            fit = fit.with(format!("{name}.{}", slot.name), slot.shape.clone(), values);
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
        let drawn = self.0.reconstruct(form, &storage.as_slice::<f32>()?[start..end])?;
        Ok((CpuStorage::F32(drawn), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _drawn: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let values = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let d_x = self.0.gradient(self.form(x.dims())?, &values(x)?, &values(gradient)?)?;
        Ok(Some(Tensor::from_vec(d_x, x.shape(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    fn sum(values: &[f32]) -> f64 {
        values.iter().enumerate().map(|(i, &value)| f64::from(value) * (i as f64).cos()).sum()
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
    //     dot(y).backward(); print(dot(y).item(), dot(x.grad).item(), dot(p.grad).item())
    // run(True); run(False)
    #[test]
    fn images_and_gradients_agree_with_pytorch() {
        for (architecture, expected) in [
            (Architecture::Pooled, [-1.0026661, 0.002418, -0.2938129]),
            (Architecture::Plain, [-0.3696115, 0.0876556, -0.1426334]),
        ] {
            let count = architecture.layout(2).len();
            let parameters = (0..count).map(|i| (0.8 * (1.0 + 0.7 * i as f64).sin()) as f32).collect();
            let autoencoder = Arc::new(Autoencoder::new(architecture, 2, parameters));
            let image: Vec<f32> = (0..30).map(|i| (0.5 + 0.5 * (1.3 * f64::from(i)).sin()) as f32).collect();
            // Beside another image, of which the first sees nothing.
            let images = [&image[..], &[0.3; 30]].concat();
            let x = Var::from_vec(images, (2, 2, 3, 5), &Device::Cpu).unwrap();
            let drawn = x.apply_op1(Reconstruct(autoencoder.clone())).unwrap();
            let slopes: Vec<f32> = (0..30).map(|i| f64::from(i).cos() as f32).chain([1.0; 30]).collect();
            let loss = (&drawn * Tensor::from_vec(slopes, drawn.shape(), &Device::Cpu).unwrap()).unwrap();
            let gradient = loss.sum_all().unwrap().backward().unwrap().get(&x).unwrap().clone();
            let [drawn, d_x] =
                [drawn, gradient].map(|tensor| tensor.get(0).unwrap().flatten_all().unwrap().to_vec1().unwrap());
            // What training follows.
            let mut d_parameters = vec![9.0; count];
            let slopes: Vec<f32> = (0..30).map(|i| f64::from(i).cos() as f32).collect();
            let work = |network: &Network, memory: &mut Memory| {
                network.forward(&[&image], memory);
                network.backward(&[Some(&slopes)], memory, &mut [None], Some(&mut d_parameters));
            };
            autoencoder.with(Form { channels: 2, height: 3, width: 5 }, work).unwrap();
            for (found, expected) in [sum(&drawn), sum(&d_x), sum(&d_parameters)].into_iter().zip(expected) {
                assert!((found - expected).abs() < 2e-6, "{architecture:?}: {found} is not {expected}");
            }
        }
    }
}
