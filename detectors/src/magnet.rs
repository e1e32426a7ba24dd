//! [`Magnet`]: does an autoencoder of clean images change the image, or what the classifier makes of it?
//!
//! Meng and Chen, "MagNet: a Two-Pronged Defense against Adversarial Examples", CCS 2017 (arXiv 1705.09064). Two autoencoders `A`,
//! `A'`, as the paper has them on MNIST ([`Autoencoder`]), and four parts:
//!
//! - the mean squared error of `A`, the mean absolute error of `A'` (section 4.3.1);
//! - the Jensen-Shannon divergence of `softmax(z / T)` from that of `A(x)`, at `T` of 10 and of 40 (section 4.3.2).
//!
//! The paper flags an image if any part is above a threshold of its own, all made for one rate of clean images. So the score is
//! the largest part in units of such a threshold, at 1 % of clean images, and 1 is where that rule flags. A baseline, not a drawing: it never asks the
//! decoder. Nor is it all of MagNet, which then classifies `A(x)` instead of `x`.

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};
use robust_attacks::Bounds;

use crate::autoencoder::{Architecture, Autoencoder, Form, Reconstruct};
use crate::tape::log_softmax;
use crate::{Clean, Detector, Error, Fit, Made, Perception, Tape, Threshold, denoising};

const TEMPERATURES: [f64; 2] = [10.0, 40.0];
const PARTS: usize = 2 + TEMPERATURES.len();
/// The rate of the thresholds that parts are measured in.
const RATE: f64 = 0.01;
/// Clean images that the autoencoders learn from, at most.
const EXAMPLES: usize = 500;
/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// Of the noise and the first weights.
const SEED: u64 = 0;
/// The autoencoders, and what their arrays are called.
const NAMES: [(Architecture, &str); 2] = [(Architecture::Pooled, "pooled"), (Architecture::Plain, "plain")];
const THRESHOLDS: &str = "thresholds";

/// The detector; made by [`crate::DetectorInfo::making`].
pub struct Magnet {
    /// `A` and `A'`.
    autoencoders: [Arc<Autoencoder>; 2],
    thresholds: [f32; PARTS],
}

impl Magnet {
    pub(crate) fn fit(clean: &[Clean]) -> Made {
        let images = Clean::images(clean, LEAST)?;
        let form = Form::of(images[0].0.x().dims());
        let step = images.len().div_ceil(EXAMPLES);
        let mut examples = Vec::new();
        for (seen, image, _) in images.iter().step_by(step) {
            let pixels = seen.x().get(*image).and_then(|x| unit(&x, seen.model().bounds())?.flatten_all()?.to_vec1());
            examples.extend::<Vec<f32>>(pixels.map_err(Error::model("read the images"))?);
        }
        let train = |(architecture, _)| Arc::new(denoising::train(architecture, form, &examples, SEED));
        let mut fitted = Self { autoencoders: NAMES.map(train), thresholds: [1.0; PARTS] };

        let mut parts: [Vec<f32>; PARTS] = Default::default();
        for batch in clean {
            for row in fitted.look(batch.seen)? {
                parts.iter_mut().zip(row).for_each(|(part, one)| part.push(one as f32));
            }
        }
        for (threshold, part) in fitted.thresholds.iter_mut().zip(&parts) {
            let score = Threshold::at_fpr(part, RATE)?.score();
            // A part that never varies is measured in its own units.
            *threshold = if score > 0.0 { score } else { 1.0 };
        }
        Ok(Box::new(fitted))
    }

    pub(crate) fn restore(fit: &Fit, _classes: usize) -> Made {
        let [pooled, plain] = NAMES.map(|(architecture, name)| Autoencoder::restore(architecture, name, fit));
        let mut thresholds = [1.0; PARTS];
        thresholds.copy_from_slice(fit.values(THRESHOLDS, &[PARTS])?);
        Ok(Box::new(Self { autoencoders: [Arc::new(pooled?), Arc::new(plain?)], thresholds }))
    }

    /// The parts of every image.
    fn look(&self, perception: &Perception) -> std::result::Result<Vec<Vec<f64>>, Error> {
        let logits = perception.logits();
        let parts = || {
            let shape = (logits.len(), perception.model().classes());
            let logits = Tensor::from_vec(logits.concat(), shape, perception.x().device())?;
            self.parts(perception, perception.x(), &logits)?.to_vec2()
        };
        let parts = parts().map_err(Error::model("classify what an autoencoder makes of the images"))?;
        for (image, row) in parts.iter().enumerate() {
            if let Some(value) = row.iter().find(|value: &&f64| !value.is_finite()) {
                let (what, value) = ("logits of an autoencoder's images", *value as f32);
                return Err(Error::Value { what, image, value, expected: "finite numbers" });
            }
        }
        Ok(parts)
    }

    /// The parts `(B, 4)` of images and their logits, in f64: divergences are small differences.
    fn parts(&self, perception: &Perception, x: &Tensor, logits: &Tensor) -> Result<Tensor> {
        let model = perception.model();
        let Bounds { min, max } = model.bounds();
        let x = unit(x, model.bounds())?;
        let [pooled, plain] = &self.autoencoders;
        let (drawn, drawn_plain) = (redraw(pooled, &x)?, redraw(plain, &x)?);
        let mean = |off: Tensor| off.flatten_from(1)?.mean(1)?.to_dtype(DType::F64);
        let drawn_logits = model.encode(&drawn.affine(f64::from(max - min), f64::from(min))?)?.logits;
        let mut parts = vec![mean((&drawn - &x)?.sqr()?)?, mean((drawn_plain - &x)?.abs()?)?];
        for temperature in TEMPERATURES {
            parts.push(divergence(logits, &drawn_logits, temperature)?);
        }
        Tensor::stack(&parts, 1)
    }
}

impl Detector for Magnet {
    fn id(&self) -> &'static str {
        "magnet"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        let units = self.thresholds.map(f64::from);
        let largest = |row: Vec<f64>| row.iter().zip(units).map(|(part, unit)| part / unit).fold(f64::MIN, f64::max);
        Ok(self.look(perception)?.into_iter().map(|row| largest(row) as f32).collect())
    }

    /// The score itself.
    fn surrogate(&self, tape: &Tape) -> Result<Option<Tensor>> {
        let units = Tensor::new(self.thresholds.map(f64::from).as_slice(), tape.x().device())?;
        let parts = self.parts(tape.perception(), tape.x(), tape.logits())?.broadcast_div(&units)?;
        parts.max(1)?.to_dtype(DType::F32).map(Some)
    }

    fn fit(&self) -> Fit {
        let fit = Fit::default().with(THRESHOLDS, vec![PARTS], self.thresholds.to_vec());
        NAMES.iter().zip(&self.autoencoders).fold(fit, |fit, ((_, name), one)| one.store(name, fit))
    }
}

/// Pixels brought from the model's bounds into [0, 1].
fn unit(x: &Tensor, Bounds { min, max }: Bounds) -> Result<Tensor> {
    let scale = 1.0 / f64::from(max - min);
    x.affine(scale, -scale * f64::from(min))
}

/// What an autoencoder makes of images; it works on the host.
fn redraw(autoencoder: &Arc<Autoencoder>, x: &Tensor) -> Result<Tensor> {
    let drawn = x.to_device(&Device::Cpu)?.contiguous()?.apply_op1(Reconstruct(autoencoder.clone()))?;
    drawn.to_device(x.device())
}

/// The Jensen-Shannon divergence in nats of the softmaxes of logits `(B, K)` divided by `temperature`: `(B)`.
fn divergence(a: &Tensor, b: &Tensor, temperature: f64) -> Result<Tensor> {
    let log = |logits: &Tensor| log_softmax(&(logits.to_dtype(DType::F64)? / temperature)?);
    let (log_a, log_b) = (log(a)?, log(b)?);
    let (a, b) = (log_a.exp()?, log_b.exp()?);
    let log_mean = ((&a + &b)? / 2.0)?.log()?;
    let twice = ((a * (log_a - &log_mean)?)? + (b * (log_b - log_mean)?)?)?;
    twice.sum(1)? / 2.0
}
