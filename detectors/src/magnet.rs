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

use candle_core::{DType, Error as CandleError, Result, Tensor};

use crate::architecture::Architecture;
use crate::autoencoder::Autoencoder;
use crate::form::Form;
use crate::look::{PARTS, look, parts, unit};
use crate::surprisal::Surprisal;
use crate::tape::soft_maximum;
use crate::{Clean, Detector, Error, Fit, Made, Perception, Population, Recorded, Tape, denoising};

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
        Ok(Box::new(Self::of(clean)?.as_ref().clone()))
    }

    pub(crate) fn restore(fit: &Fit, _classes: usize) -> Made {
        Ok(Box::new(Self::new(fit)?))
    }

    /// Of all clean images, even if this is a part of them; learned once.
    pub(crate) fn of(clean: &Population) -> std::result::Result<Arc<Self>, Error> {
        clean.learned_of_all(Self::learn)
    }

    /// Trains the autoencoders.
    fn learn(clean: &Population) -> std::result::Result<Self, Error> {
        let form = Form::of(clean.images(LEAST)?[0].0.x().dims());
        let mut examples = Vec::new();
        for Clean { seen, .. } in clean.batches() {
            let pixels = unit(seen.x(), seen.subject().bounds()).and_then(|x| x.flatten_all()?.to_vec1::<f32>());
            examples.extend(pixels.map_err(Error::model("read the images"))?);
        }
        let train = |(architecture, _)| {
            let trained = denoising::train(architecture, form, &examples, SEED).map(Arc::new);
            trained.map_err(|error| Error::model("train an autoencoder of the images")(CandleError::wrap(error)))
        };
        let (pooled, plain) = rayon::join(|| train(NAMES[0]), || train(NAMES[1]));
        let autoencoders = [pooled?, plain?];

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
        let shape = [PARTS, Surprisal::QUANTILES];
        let quantiles = fit.values(QUANTILES, &shape)?;
        if !quantiles.chunks(Surprisal::QUANTILES).all(<[f32]>::is_sorted) {
            let (name, found) = (QUANTILES.to_owned(), "does not ascend in each row".to_owned());
            return Err(Error::Fit { name, found, expected: shape.to_vec() });
        }
        let of_part = |part: usize| Surprisal::restore(&quantiles[part * Surprisal::QUANTILES..]);
        Ok(Self { autoencoders: [Arc::new(pooled?), Arc::new(plain?)], surprisals: std::array::from_fn(of_part) })
    }

    /// The score of every image.
    pub(crate) fn bits(&self, perception: &Perception) -> std::result::Result<Vec<f64>, Error> {
        Ok(self.largest(&look(&self.autoencoders, perception)?))
    }

    /// The score of every image: as a function of the images, `(B)`, and as numbers. With a temperature, in bits, the function is smoother: a soft
    /// maximum of tempered surprisals.
    pub(crate) fn record_bits(&self, tape: &Tape, temperature: Option<f64>) -> Result<(Tensor, Vec<f64>)> {
        let parts = parts(&self.autoencoders, tape.perception(), tape.x(), tape.logits())?;
        let rows: Vec<Vec<f64>> = parts.detach().to_vec2()?;
        // The piece of the line that each part lies in.
        let line = if temperature.is_some() { Surprisal::tempered_line } else { Surprisal::line };
        let (mut slopes, mut intercepts) = (Vec::new(), Vec::new());
        for row in &rows {
            let (slope, intercept): (Vec<_>, Vec<_>) =
                self.surprisals.iter().zip(row).map(|(clean, &part)| line(clean, part)).unzip();
            slopes.extend(slope);
            intercepts.extend(intercept);
        }
        let tensor = |values: Vec<f64>| Tensor::from_vec(values, parts.shape(), parts.device());
        let bits = ((&parts * tensor(slopes)?)? + tensor(intercepts)?)?;
        let largest = match temperature {
            Some(temperature) => soft_maximum(&bits, temperature)?,
            None => bits.max(1)?,
        };
        Ok((largest.to_dtype(DType::F32)?, self.largest(&rows)))
    }

    /// The largest surprisal of each row of parts.
    fn largest(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let bits = |row: &Vec<f64>| {
            self.surprisals.iter().zip(row).map(|(clean, &part)| clean.bits(part)).fold(f64::MIN, f64::max)
        };
        rows.iter().map(bits).collect()
    }
}

impl Detector for Magnet {
    fn id(&self) -> &'static str {
        "magnet"
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(single(self.bits(perception)?))
    }

    /// The surrogate is the score itself, or a soft maximum.
    fn record(&self, tape: &Tape) -> Result<Option<Recorded>> {
        let (surrogate, bits) = self.record_bits(tape, tape.temperature())?;
        Ok(Some(Recorded { scores: single(bits), surrogate }))
    }

    fn fit(&self) -> Fit {
        let quantiles = self.surprisals.iter().flat_map(Surprisal::quantiles).copied().collect();
        let fit = Fit::default().with(QUANTILES, vec![PARTS, Surprisal::QUANTILES], quantiles);
        NAMES.iter().zip(&self.autoencoders).fold(fit, |fit, ((_, name), one)| one.store(name, fit))
    }
}

fn single(bits: Vec<f64>) -> Vec<f32> {
    bits.into_iter().map(|bits| bits as f32).collect()
}
