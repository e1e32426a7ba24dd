//! [`Pass`]: one image on its way through the layers of an autoencoder, there and back.

use crate::architecture::{Architecture, Layer};
use crate::convolution::Plane;
use crate::form::Form;
use crate::resampling;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convolution::Convolution;

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
}
