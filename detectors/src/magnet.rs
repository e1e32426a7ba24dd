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
//! largest [surprisal](Surprisal) of (the logarithm of) a part: whatever the rate, what lies above the score of that rate is what the rule flags. A baseline, not a
//! drawing: it never asks the decoder. MagNet then classifies `A(x)` instead of `x`: that is [`Purified`](crate::Purified).

use std::sync::Arc;

use candle_core::{DType, Error as CandleError, Result, Tensor};

use crate::architecture::Architecture;
use crate::autoencoder::Autoencoder;
use crate::form::Form;
use crate::look::{PARTS, look, parts, unit};
use crate::surprisal::Surprisal;
use crate::{Clean, Detector, Error, Fit, Made, Perception, Population, Recorded, Tape, denoising};

/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// Of the noise and the first weights.
const SEED: u64 = 0;
/// The autoencoders, and what their arrays are called.
const NAMES: [(Architecture, &str); 2] = [(Architecture::Pooled, "pooled"), (Architecture::Plain, "plain")];
const TAILS: &str = "tails";
/// How many parts are errors; the others are divergences.
const ERRORS: usize = 2;

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
            for row in &look(&autoencoders, seen)?.parts {
                parts.iter_mut().zip(row).for_each(|(part, one)| part.push(*one as f32));
            }
        }
        let [a, b, c, d] = parts.map(|part| Surprisal::fit(&part));
        Ok(Self { autoencoders, surprisals: [a?, b?, c?, d?] })
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> std::result::Result<Self, Error> {
        let [pooled, plain] = NAMES.map(|(architecture, name)| Autoencoder::restore(architecture, name, fit));
        let [a, b, c, d] = Surprisal::of_fit(fit, TAILS)?;
        Ok(Self { autoencoders: [Arc::new(pooled?), Arc::new(plain?)], surprisals: [a, b, c, d] })
    }

    /// The autoencoder that makes of an image what the paper classifies in its place.
    pub(crate) fn reformer(&self) -> Arc<Autoencoder> {
        self.autoencoders[0].clone()
    }

    /// What the paper's drawing of every image is classified as.
    pub(crate) fn labels(&self, perception: &Perception) -> std::result::Result<Vec<u32>, Error> {
        Ok(look(&self.autoencoders, perception)?.labels.clone())
    }

    /// The bits of every image: the largest of its errors, and the largest of its divergences.
    pub(crate) fn bits(&self, perception: &Perception) -> std::result::Result<Vec<[f64; 2]>, Error> {
        Ok(self.largest(&look(&self.autoencoders, perception)?.parts))
    }

    /// The bits of every image: as a function of the images, `(B, 2)`, and as numbers. With a temperature, in bits, the function is smoother: each
    /// maximum a soft one.
    pub(crate) fn record_bits(&self, tape: &Tape) -> Result<(Tensor, Vec<[f64; 2]>)> {
        let (parts, _) = parts(&self.autoencoders, tape.perception(), tape.x(), tape.logits())?;
        let rows: Vec<Vec<f64>> = parts.detach().to_vec2()?;
        // The piece of the line that each part lies in.
        let lines = rows.iter().flat_map(|row| self.surprisals.iter().zip(row).map(|(clean, &part)| clean.line(part)));
        let (slopes, intercepts): (Vec<f64>, Vec<f64>) = lines.unzip();
        let tensor = |values: Vec<f64>| Tensor::from_vec(values, parts.shape(), parts.device());
        let bits = ((&parts * tensor(slopes)?)? + tensor(intercepts)?)?;
        let errors = tape.maximum(&bits.narrow(1, 0, ERRORS)?)?;
        let divergences = tape.maximum(&bits.narrow(1, ERRORS, PARTS - ERRORS)?)?;
        Ok((Tensor::stack(&[errors, divergences], 1)?.to_dtype(DType::F32)?, self.largest(&rows)))
    }

    /// The largest surprisals of each row of parts.
    fn largest(&self, rows: &[Vec<f64>]) -> Vec<[f64; 2]> {
        let bits = |row: &Vec<f64>| {
            let bits: Vec<f64> = self.surprisals.iter().zip(row).map(|(clean, &part)| clean.bits(part)).collect();
            let (errors, divergences) = bits.split_at(ERRORS);
            [errors, divergences].map(|bits| bits.iter().copied().fold(f64::MIN, f64::max))
        };
        rows.iter().map(bits).collect()
    }
}

impl Magnet {
    /// The name by which it is chosen.
    pub const ID: &'static str = "magnet";
}

impl Detector for Magnet {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        Ok(largest(self.bits(perception)?))
    }

    /// The surrogate is the score itself, or a soft maximum.
    fn record(&self, tape: &Tape) -> Result<Option<Recorded>> {
        let (bits, numbers) = self.record_bits(tape)?;
        Ok(Some(Recorded { scores: largest(numbers), surrogate: tape.maximum(&bits)? }))
    }

    fn fit(&self) -> Fit {
        let fit = Surprisal::into_fit(Fit::default(), TAILS, &self.surprisals);
        NAMES.iter().zip(&self.autoencoders).fold(fit, |fit, ((_, name), one)| one.store(name, fit))
    }
}

fn largest(bits: Vec<[f64; 2]>) -> Vec<f32> {
    bits.into_iter().map(|[errors, divergences]| errors.max(divergences) as f32).collect()
}
