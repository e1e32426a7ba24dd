//! [`Preprocessing`]: what a classifier expects of pixels, as its first layers.
//!
//! An attack's pixels and its epsilon are those of images in [0, 1]. So what a network was trained behind, such as the mean and deviation
//! of ImageNet, belongs to the model, and not to the images.

use serde::{Deserialize, Serialize};

use crate::spec::{Input, Node, Op, Spec};

/// The name of the pixels, in front of the network's own first value; with dashes, where the network uses it.
const PIXELS: &str = "pixels";

/// What becomes of an image in [0, 1] before the network sees it: `(scale x - mean) / std`, channel by channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preprocessing {
    /// The value of a full pixel: 1, or 255.
    pub scale: f64,
    /// Of each of the network's channels, in its order, or one for all; none is 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mean: Vec<f64>,
    /// Of each of the network's channels, in its order, or one for all; none is 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub std: Vec<f64>,
    /// The order of the network's channels.
    pub channels: ChannelOrder,
}

/// The order of an image's channels. Images come in red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelOrder {
    /// As the images have them.
    #[default]
    Rgb,
    /// The other way round.
    Bgr,
}

impl Default for Preprocessing {
    /// Pixels in [0, 1], as they come.
    fn default() -> Self {
        Self { scale: 1.0, mean: Vec::new(), std: Vec::new(), channels: ChannelOrder::Rgb }
    }
}

impl Preprocessing {
    /// A network behind this preprocessing. `weights` are those of `spec`'s [`Layout`](crate::Layout); the result's are those of the new one's.
    ///
    /// # Errors
    /// What does not fit: a number of means or deviations that is neither 1 nor the image's channels, a value that is not finite, a
    /// deviation that is not positive, another order of other than three channels, a network that does not take one image.
    pub fn before(&self, spec: Spec, weights: Vec<f32>) -> Result<(Spec, Vec<f32>), String> {
        let [Input { name, shape }] = &spec.inputs[..] else {
            return Err(format!("a network of {} inputs, expected one, the image", spec.inputs.len()));
        };
        let &[channels, _, _] = &shape[..] else {
            return Err(format!("an input of shape {shape:?}, expected channels, rows and columns"));
        };
        let factors = self.factors(channels)?;
        let is_scaled = factors.iter().any(|factor| *factor != [1.0, 0.0]);
        let turned = Op::Select { axis: 0, indices: (0..channels).map(|own| self.channel(own, channels)).collect() };
        let is_turned = self.channels == ChannelOrder::Bgr;
        let steps = [is_turned.then_some(turned), is_scaled.then_some(Op::ScaleShift { channels })];
        let steps: Vec<Op> = steps.into_iter().flatten().collect();
        if steps.is_empty() {
            return Ok((spec, weights));
        }
        let mut pixels = PIXELS.to_owned();
        while spec.names().any(|name| name.starts_with(&pixels)) {
            pixels.push('-');
        }
        // The last step takes the name under which the network knows its input.
        let (mut nodes, mut operand, last) = (Vec::new(), pixels.clone(), steps.len() - 1);
        for (number, op) in steps.into_iter().enumerate() {
            let result = if number == last { name.clone() } else { format!("{pixels}.{number}") };
            nodes.push(Node { name: result.clone(), op, operands: vec![operand] });
            operand = result;
        }
        nodes.extend(spec.nodes);
        let inputs = vec![Input { name: pixels, shape: shape.clone() }];
        let own = |at: usize| factors.iter().map(move |factor| factor[at] as f32);
        let own: Vec<f32> = if is_scaled { own(0).chain(own(1)).collect() } else { Vec::new() };
        Ok((Spec { inputs, nodes, outputs: spec.outputs }, [own, weights].concat()))
    }

    /// Factor and summand of each of the network's channels, in its order: `factor x + summand` is what it sees of a pixel `x`.
    ///
    /// # Errors
    /// What does not fit images of so many channels, as [`Preprocessing::before`].
    pub fn factors(&self, channels: usize) -> Result<Vec<[f64; 2]>, String> {
        if self.channels == ChannelOrder::Bgr && channels != 3 {
            return Err(format!("the order bgr of images of {channels} channels, expected 3"));
        }
        let of_each = |what: &str, values: &[f64], default: f64| match *values {
            [] => Ok(vec![default; channels]),
            [value] => Ok(vec![value; channels]),
            _ if values.len() == channels => Ok(values.to_vec()),
            _ => {
                let found = values.len();
                Err(format!("{found} values of the {what}, expected one, or one for each of {channels} channels"))
            }
        };
        let (mean, std) = (of_each("mean", &self.mean, 0.0)?, of_each("std", &self.std, 1.0)?);
        if let Some(value) = mean.iter().find(|value| !value.is_finite()) {
            return Err(format!("found {value} in the mean, expected finite numbers"));
        }
        if !self.scale.is_finite() || self.scale == 0.0 {
            return Err(format!("found a scale of {}, expected a finite number other than 0", self.scale));
        }
        if let Some(value) = std.iter().find(|value| !(value.is_finite() && **value > 0.0)) {
            return Err(format!("found {value} in std, expected positive numbers"));
        }
        let factor = |(mean, std): (&f64, &f64)| [self.scale / std, if *mean == 0.0 { 0.0 } else { -mean / std }];
        Ok(mean.iter().zip(&std).map(factor).collect())
    }

    /// The image's channel that a network's channel is.
    #[must_use]
    pub fn channel(&self, own: usize, channels: usize) -> usize {
        match self.channels {
            ChannelOrder::Rgb => own,
            ChannelOrder::Bgr => channels - 1 - own,
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::{Graph, Layout};

    /// Two pixels of three channels, as a network sees them that does nothing.
    fn seen(preprocessing: &Preprocessing, channels: usize) -> Result<Vec<f32>, String> {
        let mut spec = Spec::new(&[("pixels", &[channels, 1, 2])]);
        let output = spec.add("pixels.0", Op::Flatten, &["pixels"]);
        spec.outputs.push(output);
        let (spec, weights) = preprocessing.before(spec, Vec::new())?;
        let tensor = |values: &[f32], shape: &[usize]| Tensor::from_slice(values, shape, &Device::Cpu).unwrap();
        let slots = Layout::of(&[&spec]);
        let weights: Vec<Tensor> =
            slots.tensors().iter().map(|slot| tensor(&weights[slot.range()], &slot.shape)).collect();
        let x: Vec<f32> = (0..2 * channels).map(|at| at as f32 / 8.0).collect();
        let graph = Graph::new(&spec, &weights).unwrap();
        Ok(graph.run(&[&tensor(&x, &[1, channels, 1, 2])]).unwrap()[0].flatten_all().unwrap().to_vec1().unwrap())
    }

    #[test]
    fn pixels_arrive_as_the_network_expects_them() {
        let plain = Preprocessing::default();
        let means = Preprocessing { mean: vec![0.125, 0.25, 0.5], std: vec![0.5, 0.25, 0.125], ..plain.clone() };
        for (preprocessing, expected) in [
            (plain.clone(), [0.0, 0.125, 0.25, 0.375, 0.5, 0.625]),
            (Preprocessing { scale: 255.0, ..plain.clone() }, [0.0, 31.875, 63.75, 95.625, 127.5, 159.375]),
            (means.clone(), [-0.25, 0.0, 0.0, 0.5, 0.0, 1.0]),
            (Preprocessing { mean: vec![0.5], std: vec![0.5], ..plain.clone() }, [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25]),
            (Preprocessing { channels: ChannelOrder::Bgr, ..plain }, [0.5, 0.625, 0.25, 0.375, 0.0, 0.125]),
            (Preprocessing { channels: ChannelOrder::Bgr, ..means }, [0.75, 1.0, 0.0, 0.5, -4.0, -3.0]),
        ] {
            assert_eq!(seen(&preprocessing, 3).unwrap(), expected, "{preprocessing:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let plain = Preprocessing::default;
        for (preprocessing, channels, found) in [
            (
                Preprocessing { mean: vec![0.5; 3], ..plain() },
                1,
                "3 values of the mean, expected one, or one for each of 1",
            ),
            (Preprocessing { std: vec![0.5; 2], ..plain() }, 3, "2 values of the std"),
            (Preprocessing { std: vec![0.0], ..plain() }, 3, "found 0 in std"),
            (Preprocessing { mean: vec![f64::NAN], ..plain() }, 3, "found NaN in the mean"),
            (Preprocessing { scale: f64::INFINITY, ..plain() }, 3, "found a scale of inf"),
            (Preprocessing { scale: 0.0, ..plain() }, 3, "found a scale of 0"),
            (Preprocessing { channels: ChannelOrder::Bgr, ..plain() }, 1, "the order bgr of images of 1 channels"),
        ] {
            let error = seen(&preprocessing, channels).unwrap_err();
            assert!(error.starts_with(found), "{error}");
        }
    }
}
