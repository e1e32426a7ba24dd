//! [`Magnet`]: does an autoencoder of clean images change the image, or what the classifier makes of it?
//!
//! Meng and Chen, "MagNet: a Two-Pronged Defense against Adversarial Examples", CCS 2017 (arXiv 1705.09064). Two autoencoders `A`,
//! `A'`, as the paper has them on MNIST ([`Autoencoder`]), and four parts:
//!
//! - the mean squared error of `A` and the mean absolute error of `A'`, which is all that the paper looks at on MNIST;
//! - the Jensen-Shannon divergence of `softmax(z / T)` from that of `A(x)` at `T` of 10 and of 40, the paper's for other images. Here they see
//!   what the errors miss at small changes, which makes the baseline stronger.
//!
//! The paper flags an image if any part is above a threshold of its own, all of them made for one rate of clean images. So the score is the
//! largest [surprisal](Surprisal) of a part: whatever the rate, what lies above the score of that rate is what the rule flags. A baseline, not a
//! drawing: it never asks the decoder. Nor is it all of MagNet, which then classifies `A(x)` instead of `x`.

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};
use robust_attacks::Bounds;

use crate::autoencoder::{Architecture, Autoencoder, Reconstruct};
use crate::form::Form;
use crate::surprisal::Surprisal;
use crate::tape::log_softmax;
use crate::{Clean, Detector, Error, Fit, Made, Perception, Population, Tape, denoising};

const TEMPERATURES: [f64; 2] = [10.0, 40.0];
const PARTS: usize = 2 + TEMPERATURES.len();
/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// Of the noise and the first weights.
const SEED: u64 = 0;
/// The autoencoders, and what their arrays are called.
const NAMES: [(Architecture, &str); 2] = [(Architecture::Pooled, "pooled"), (Architecture::Plain, "plain")];
const QUANTILES: &str = "quantiles";

/// The detector; made by [`crate::DetectorInfo::making`].
#[derive(Clone)]
pub struct Magnet {
    /// `A` and `A'`.
    autoencoders: [Arc<Autoencoder>; 2],
    /// Of each part.
    surprisals: [Surprisal; PARTS],
}

impl Magnet {
    pub(crate) fn fit(clean: &Population) -> Made {
        Ok(Box::new(clean.magnet()?.clone()))
    }

    pub(crate) fn restore(fit: &Fit, _classes: usize) -> Made {
        Ok(Box::new(Self::new(fit)?))
    }

    /// Trains the autoencoders; [`Population`] keeps them for all who ask.
    pub(crate) fn learn(clean: &Population) -> std::result::Result<Self, Error> {
        let form = Form::of(clean.images(LEAST)?[0].0.x().dims());
        let mut examples = Vec::new();
        for Clean { seen, .. } in clean.batches() {
            let pixels = unit(seen.x(), seen.model().bounds()).and_then(|x| x.flatten_all()?.to_vec1::<f32>());
            examples.extend(pixels.map_err(Error::model("read the images"))?);
        }
        let train = |(architecture, _)| Arc::new(denoising::train(architecture, form, &examples, SEED));
        let (pooled, plain) = rayon::join(|| train(NAMES[0]), || train(NAMES[1]));
        let autoencoders = [pooled, plain];

        let mut parts: [Vec<f32>; PARTS] = Default::default();
        for Clean { seen, .. } in clean.batches() {
            for row in look(&autoencoders, seen)? {
                parts.iter_mut().zip(row).for_each(|(part, one)| part.push(one as f32));
            }
        }
        let [a, b, c, d] = parts.map(|part| Surprisal::fit(&part));
        Ok(Self { autoencoders, surprisals: [a?, b?, c?, d?] })
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> std::result::Result<Self, Error> {
        let [pooled, plain] = NAMES.map(|(architecture, name)| Autoencoder::restore(architecture, name, fit));
        let quantiles = fit.values(QUANTILES, &[PARTS, Surprisal::QUANTILES])?;
        let of_part = |part: usize| Surprisal::restore(&quantiles[part * Surprisal::QUANTILES..]);
        Ok(Self { autoencoders: [Arc::new(pooled?), Arc::new(plain?)], surprisals: std::array::from_fn(of_part) })
    }

    /// The score of every image.
    pub(crate) fn bits(&self, perception: &Perception) -> std::result::Result<Vec<f64>, Error> {
        let bits = |row: Vec<f64>| self.surprisals.iter().zip(row).map(|(clean, part)| clean.bits(part));
        Ok(look(&self.autoencoders, perception)?.into_iter().map(|row| bits(row).fold(f64::MIN, f64::max)).collect())
    }

    /// The same `(B)` as a function of the images.
    pub(crate) fn bits_on(&self, tape: &Tape) -> Result<Tensor> {
        let parts = parts(&self.autoencoders, tape.perception(), tape.x(), tape.logits())?;
        // The piece of the line that each part lies in.
        let (mut slopes, mut intercepts) = (Vec::new(), Vec::new());
        for row in parts.detach().to_vec2::<f64>()? {
            let (slope, intercept): (Vec<_>, Vec<_>) =
                self.surprisals.iter().zip(row).map(|(clean, part)| clean.line(part)).unzip();
            slopes.extend(slope);
            intercepts.extend(intercept);
        }
        let tensor = |values: Vec<f64>| Tensor::from_vec(values, parts.shape(), parts.device());
        let bits = ((&parts * tensor(slopes)?)? + tensor(intercepts)?)?;
        bits.max(1)?.to_dtype(DType::F32)
    }
}

impl Detector for Magnet {
    fn id(&self) -> &'static str {
        "magnet"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(self.bits(perception)?.into_iter().map(|bits| bits as f32).collect())
    }

    /// The score itself.
    fn surrogate(&self, tape: &Tape) -> Result<Option<Tensor>> {
        self.bits_on(tape).map(Some)
    }

    fn fit(&self) -> Fit {
        let quantiles = self.surprisals.iter().flat_map(Surprisal::quantiles).copied().collect();
        let fit = Fit::default().with(QUANTILES, vec![PARTS, Surprisal::QUANTILES], quantiles);
        NAMES.iter().zip(&self.autoencoders).fold(fit, |fit, ((_, name), one)| one.store(name, fit))
    }
}

/// The parts of every image.
fn look(autoencoders: &[Arc<Autoencoder>; 2], perception: &Perception) -> std::result::Result<Vec<Vec<f64>>, Error> {
    let logits = perception.logits();
    let look = || {
        let shape = (logits.len(), perception.model().classes());
        let logits = Tensor::from_vec(logits.concat(), shape, perception.x().device())?;
        parts(autoencoders, perception, perception.x(), &logits)?.to_vec2()
    };
    let rows = look().map_err(Error::model("classify what an autoencoder makes of the images"))?;
    for (image, row) in rows.iter().enumerate() {
        if let Some(value) = row.iter().find(|value: &&f64| !value.is_finite()) {
            let (what, value) = ("logits of an autoencoder's images", *value as f32);
            return Err(Error::Value { what, image, value, expected: "finite numbers" });
        }
    }
    Ok(rows)
}

/// The parts `(B, 4)` of images and their logits, in f64: divergences are small differences.
fn parts(
    [pooled, plain]: &[Arc<Autoencoder>; 2],
    perception: &Perception,
    x: &Tensor,
    logits: &Tensor,
) -> Result<Tensor> {
    let model = perception.model();
    let Bounds { min, max } = model.bounds();
    let x = unit(x, model.bounds())?;
    let (drawn, drawn_plain) = (redraw(pooled, &x)?, redraw(plain, &x)?);
    let mean = |off: Tensor| off.flatten_from(1)?.mean(1)?.to_dtype(DType::F64);
    let drawn_logits = model.encode(&drawn.affine(f64::from(max - min), f64::from(min))?)?.logits;
    let mut parts = vec![mean((&drawn - &x)?.sqr()?)?, mean((drawn_plain - &x)?.abs()?)?];
    for temperature in TEMPERATURES {
        parts.push(divergence(logits, &drawn_logits, temperature)?);
    }
    Tensor::stack(&parts, 1)
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
