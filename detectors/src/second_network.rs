//! The network that [`SecondOpinion`](crate::SecondOpinion) asks: small, of another architecture than the networks of this project, and trained beside one.
//!
//! Three convolutions of 3x3 with rectifiers, a mean over blocks of 2x2 behind the first two, the mean of each channel, a linear layer. It
//! is trained on cross-entropy, by Adam with a rate that falls to 0 along a cosine, and sees each image as it is.

use rand_distr::{Distribution, Uniform};
use rayon::prelude::*;
use robust_attacks::{Adam, ImageShape, random::stream};
use robust_networks::kernels::{Isa, Memory, Network};
use robust_networks::{Layout, Op, Spec, Window};

use crate::epochs::{Shuffled, falling};
use crate::{Error, Fit, softmax};

/// Channels behind each convolution.
const CHANNELS: [usize; 3] = [24, 48, 96];
/// Rows and columns of the blocks that become one pixel.
const BLOCK: usize = 2;
/// Images between two steps of the weights.
const BATCH: usize = 64;
/// Images of a part of a batch, whose gradient one thread works out.
const PART: usize = 16;
/// Learning rate at the start.
const RATE: f64 = 0.003;

/// Labelled images to train on.
pub struct Examples<'a> {
    /// Of each image.
    pub shape: ImageShape,
    /// How many labels there are.
    pub classes: usize,
    /// Of each image.
    pub labels: &'a [u32],
    /// Writes the pixels of an image, `C x H x W` in [0, 1], behind what is there.
    pub read: &'a (dyn Fn(usize, &mut Vec<f32>) + Sync),
}

impl Examples<'_> {
    /// How often the training looks at each image.
    pub const EPOCHS: usize = 10;
}

/// The network for images of a shape. Its layers are called `conv1`, `conv2`, `conv3` and `linear`.
pub(crate) fn spec(ImageShape { channels, height, width }: ImageShape, classes: usize) -> Spec {
    let mut spec = Spec::new(&[("image", &[channels, height, width])]);
    let (mut last, mut inputs, mut map) = ("image".to_owned(), channels, [height, width]);
    for (layer, outputs) in (1..).zip(CHANNELS) {
        let sums = spec.add(format!("conv{layer}"), Op::convolution([inputs, outputs], 3, 1, 1), &[&last]);
        last = spec.add(format!("conv{layer}.relu"), Op::Relu, &[&sums]);
        inputs = outputs;
        if layer < CHANNELS.len() {
            let pool = Op::AveragePool { window: Window::blocks(BLOCK, map), counted: [[0; 2]; 2] };
            last = spec.add(format!("conv{layer}.halved"), pool, &[&last]);
            map = map.map(|pixels| pixels.div_ceil(BLOCK));
        }
    }
    last = spec.add("mean".to_owned(), Op::global_average(), &[&last]);
    let linear = Op::Linear { in_features: inputs, out_features: classes };
    spec.outputs = vec![spec.add("linear".to_owned(), linear, &[&last])];
    spec
}

/// The shape of the first convolution's weights.
pub(crate) fn first(channels: usize) -> Vec<usize> {
    vec![CHANNELS[0], channels, 3, 3]
}

/// Names, shapes and order of its parameters, which no height or width changes.
pub(crate) fn layout(channels: usize, classes: usize) -> Layout {
    Layout::of(&[&spec(ImageShape { channels, height: 1, width: 1 }, classes)])
}

/// Trains on images, with all that is random drawn from `seed`, and tells `progress` how many images it has seen since it last told. The
/// weights do not depend on the number of threads, but on the kind of processor, by rounding.
///
/// # Errors
/// [`Error::Label`] for a label that is none, [`Error::TooFewImages`] without an image, [`Error::Model`] for images that
/// are too large, or if the weights do not stay finite.
pub fn train_second(examples: &Examples<'_>, seed: u64, progress: &mut dyn FnMut(usize)) -> Result<Fit, Error> {
    let &Examples { shape, classes, labels, read } = examples;
    if labels.is_empty() {
        return Err(Error::TooFewImages { found: 0, least: 1 });
    }
    if let Some(&found) = labels.iter().find(|label| **label as usize >= classes) {
        return Err(Error::Label { found, classes });
    }
    let failed = |error| Error::model("train a second network")(error);
    let mut network =
        Network::new(Isa::detect(), &spec(shape, classes)).map_err(|error| failed(candle_core::Error::wrap(error)))?;
    let layout = layout(shape.channels, classes);
    let mut parameters = start(&layout, seed);
    let mut adam = Adam::new(parameters.len());
    let mut workers: Vec<(Memory, Vec<f32>)> =
        (0..BATCH / PART).map(|_| (Memory::new(&network, PART), vec![0.0; parameters.len()])).collect();
    let mut shuffled = Shuffled::new(labels.len(), stream(seed, "shuffle", &[]));
    let steps = (Examples::EPOCHS * labels.len()).div_ceil(BATCH);
    for step in 0..steps {
        network.take(&parameters);
        let batch = shuffled.next(BATCH);
        workers.par_iter_mut().zip(batch.par_chunks(PART)).for_each(|((memory, gradient), part)| {
            let mut pixels = Vec::with_capacity(PART * shape.pixels());
            part.iter().for_each(|&image| read(image, &mut pixels));
            network.forward(&[&pixels], memory);
            let slopes: Vec<f32> = memory
                .output(0)
                .chunks_exact(classes)
                .zip(part)
                .flat_map(|(logits, &image)| slope(logits, labels[image]))
                .collect();
            network.backward(&[Some(&slopes)], memory, &mut [None], Some(gradient));
        });
        let mut gradient = vec![0.0; parameters.len()];
        for (_, part) in &workers {
            gradient.iter_mut().zip(part).for_each(|(sum, slope)| *sum += slope / BATCH as f32);
        }
        adam.descend(&mut parameters, &gradient, falling(RATE, step, steps));
        progress(BATCH);
    }
    if parameters.iter().any(|value| !value.is_finite()) {
        return Err(failed(candle_core::Error::msg("its weights do not stay finite")));
    }
    Ok(store(&layout, &parameters))
}

/// The slope of an image's cross-entropy along its logits: the softmax, less 1 for the label.
fn slope(logits: &[f32], label: u32) -> Vec<f32> {
    let all = softmax::log_sum_exp(logits, None);
    let of = |(class, &logit): (usize, &f32)| {
        (f64::from(logit) - all).exp() as f32 - f32::from(u8::from(class == label as usize))
    };
    logits.iter().enumerate().map(of).collect()
}

/// The arrays of a fit, in PyTorch's shapes.
pub(crate) fn store(layout: &Layout, parameters: &[f32]) -> Fit {
    let array = |fit: Fit, slot: &robust_networks::Slot| {
        fit.with(&slot.name, slot.shape.clone(), parameters[slot.range()].to_vec())
    };
    layout.tensors().iter().fold(Fit::default(), array)
}

/// Weights uniform as He, Zhang, Ren and Sun (2015) have them for rectifiers, biases 0.
fn start(layout: &Layout, seed: u64) -> Vec<f32> {
    let mut rng = stream(seed, "init", &[]);
    let mut parameters = Vec::with_capacity(layout.len());
    for slot in layout.tensors() {
        let bound = (6.0 / slot.fan_in as f32).sqrt();
        let weights = Uniform::new_inclusive(-bound, bound).ok().filter(|_| slot.shape.len() > 1);
        parameters.extend((0..slot.len()).map(|_| weights.map_or(0.0, |weights| weights.sample(&mut rng))));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};
    use robust_attacks::Model;
    use robust_networks::Classifier;

    use super::*;

    const SHAPE: ImageShape = ImageShape::new(2, 6, 5);
    const IMAGES: usize = 90;

    /// Image `i` has label `i % 3`: noise that is stronger in the left half of the first plane, in the right half, or in the second plane.
    fn write(image: usize, found: &mut Vec<f32>) {
        let is_bright = |at: usize| match (at / 30, image % 3) {
            (0, 0) => at % 5 < 2,
            (0, 1) => at % 5 > 2,
            (1, 2) => true,
            _ => false,
        };
        let noise = |at: usize| 0.5 + 0.5 * ((image * 60 + at) as f32 * 1.7).sin();
        found.extend((0..SHAPE.pixels()).map(|at| noise(at) * if is_bright(at) { 1.0 } else { 0.6 }));
    }

    fn trained(labels: &[u32], threads: usize) -> Result<Fit, Error> {
        let examples = Examples { shape: SHAPE, classes: 3, labels, read: &write };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train_second(&examples, 4, &mut |_| ()))
    }

    #[test]
    fn it_learns_what_is_shown_whatever_the_number_of_threads() {
        let labels: Vec<u32> = (0..IMAGES as u32).map(|image| image % 3).collect();
        let fit = trained(&labels, 1).unwrap();
        assert_eq!(fit, trained(&labels, 3).unwrap());
        let parameters: Vec<f32> = layout(2, 3)
            .tensors()
            .iter()
            .flat_map(|slot| fit.values(&slot.name, &slot.shape).unwrap().to_vec())
            .collect();
        let network = Classifier::new(&spec(SHAPE, 3), &parameters, &Device::Cpu).unwrap();
        // Images that it has not seen.
        let mut pixels = Vec::new();
        (300..300 + IMAGES).for_each(|image| write(image, &mut pixels));
        let x = Tensor::from_vec(pixels, (IMAGES, 2, 6, 5), &Device::Cpu).unwrap();
        let found: Vec<u32> = network.logits(&x).unwrap().argmax(1).unwrap().to_vec1().unwrap();
        let right = found.iter().zip(&labels).filter(|(found, label)| found == label).count();
        assert!(right >= 80, "{right} of {IMAGES}");
    }

    #[test]
    fn labels_that_are_none_are_refused() {
        for (labels, expected) in [
            (&[][..], "found 0 clean images, expected at least 1"),
            (&[0, 1, 3][..], "found the label 3, expected one below 3"),
        ] {
            let error = trained(labels, 1).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
