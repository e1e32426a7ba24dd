//! The network as the figures use it: on slices, as many images at once as one likes.

use anyhow::{Result, bail, ensure};
use candle_core::{Device, Tensor};
use candle_nn::ops;
use robust_attacks::{ImageShape, prediction};
use robust_detectors::Subject;

/// Images per call of the network, which spreads them over the threads.
const BATCH: usize = 1024;
/// Pixels of these images at most: of large ones there are fewer.
const PIXELS: usize = 4096 * BATCH;

/// A network that reads and, if it has a decoder, draws.
#[derive(Clone, Copy)]
pub(crate) struct Artist<'a> {
    network: Subject<'a>,
    device: &'a Device,
}

/// What the network reads in `B` images.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Codes {
    /// `(B)`: the most likely class and its softmax.
    pub(crate) predictions: Vec<(u32, f32)>,
    /// `(B, K)`: the softmax of the logits.
    pub(crate) distributions: Vec<f32>,
    /// `(B, S)`; empty of a network that does not draw.
    pub(crate) styles: Vec<f32>,
}

impl<'a> Artist<'a> {
    pub(crate) fn new(network: impl Into<Subject<'a>>, device: &'a Device) -> Self {
        Self { network: network.into(), device }
    }

    /// Whether it draws.
    pub(crate) fn draws(&self) -> bool {
        matches!(self.network, Subject::Drawing(_))
    }

    /// Number of labels, `K`.
    pub(crate) fn classes(&self) -> usize {
        self.network.classes()
    }

    /// The shape of the images.
    pub(crate) fn shape(&self) -> ImageShape {
        self.network.model().signature().shape
    }

    /// Images that are worked on at once.
    pub(crate) fn batch(&self) -> usize {
        (PIXELS / self.shape().pixels()).clamp(1, BATCH)
    }

    /// Reads images `(B, P)`.
    ///
    /// # Errors
    /// Whatever the network reports; numbers that are not finite.
    pub(crate) fn read(&self, images: &[f32]) -> Result<Codes> {
        let mut codes = Codes { predictions: Vec::new(), distributions: Vec::new(), styles: Vec::new() };
        let ImageShape { channels, height, width } = self.shape();
        let pixels = self.shape().pixels();
        for batch in images.chunks(self.batch() * pixels) {
            let x = Tensor::from_slice(batch, (batch.len() / pixels, channels, height, width), self.device)?;
            let logits = match self.network {
                Subject::Classifier(model) => model.logits(&x)?,
                Subject::Drawing(model) => {
                    let code = model.encode(&x)?;
                    codes.styles.extend(flat(&code.style)?);
                    code.logits
                }
            };
            codes.predictions.extend(logits.to_vec2::<f32>()?.iter().map(|logits| prediction(logits)));
            codes.distributions.extend(flat(&ops::softmax(&logits, 1)?)?);
        }
        Ok(codes)
    }

    /// Draws what label distributions `(B, K)` and styles `(B, S)` stand for: images `(B, P)`.
    ///
    /// # Errors
    /// Whatever the network reports; pixels that are not finite.
    pub(crate) fn draw(&self, distributions: &[f32], styles: &[f32]) -> Result<Vec<f32>> {
        let Subject::Drawing(network) = self.network else { bail!("the network does not draw") };
        let (classes, batch) = (self.classes(), self.batch());
        let all = distributions.len() / classes;
        let Some(width) = styles.len().checked_div(all) else { return Ok(Vec::new()) };
        let mut images = Vec::with_capacity(all * self.shape().pixels());
        for (labels, styles) in distributions.chunks(batch * classes).zip(styles.chunks(batch * width)) {
            let count = labels.len() / classes;
            let labels = Tensor::from_slice(labels, (count, classes), self.device)?;
            let styles = Tensor::from_slice(styles, (count, width), self.device)?;
            images.extend(flat(&network.decode(&labels, &styles)?)?);
        }
        Ok(images)
    }

    /// Draws one image for each of `labels`, as sure of it as can be (one-hot), in styles `(B, S)`.
    pub(crate) fn draw_as(&self, labels: &[u32], styles: &[f32]) -> Result<Vec<f32>> {
        let classes = self.classes();
        let mut one_hot = vec![0.0; labels.len() * classes];
        for (row, &label) in one_hot.chunks_mut(classes).zip(labels) {
            row[label as usize] = 1.0;
        }
        self.draw(&one_hot, styles)
    }
}

fn flat(tensor: &Tensor) -> Result<Vec<f32>> {
    let values: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
    ensure!(
        values.iter().all(|value| value.is_finite()),
        "the network gives numbers that are not finite: its weights are too large"
    );
    Ok(values)
}
