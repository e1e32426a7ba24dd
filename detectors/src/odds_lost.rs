//! [`OddsLost`]: how much likelier other labels are once the image's noise is taken away.
//!
//! The log odds against the prediction, `log((1 - s_p) / s_p)` by the softmax `s`, of the image after [non-local means](crate::non_local_means) minus those of
//! the image itself, at two strengths: one for noise of a few levels, one for noise that everybody sees. It is the idea of feature squeezing (Xu, Evans and Qi
//! 2018) with another distance: the L1 distance of softmaxes saturates where the classifier changes its mind, and a change of mind in favour of the
//! prediction is no sign of an attack. Of the two [surprisals](crate::surprisal), each times its [trust](crate::trust), the larger counts. A part of
//! [`Tampered`](crate::Tampered). Ours.

use std::sync::Arc;

use candle_core::{Error as CandleError, Result, Tensor};
use rayon::prelude::*;
use robust_attacks::{Signature, prediction};

use crate::non_local_means::Denoise;
use crate::surprisal::Surprisal;
use crate::tensors::rows;
use crate::{Clean, Error, Fit, Perception, Population, Tape, softmax, trust};

/// How different patches may be that count as alike, in levels of a byte.
const STRENGTHS: [f32; 2] = [4.0, 20.0];
/// What the arrays of its tails and of its trust are called.
const TAILS: &str = "odds-lost";
const TRUST: &str = "odds-lost-trust";

/// At each strength what clean images lose, and how far it is [trusted](crate::trust).
#[derive(Clone)]
pub(crate) struct OddsLost {
    lost: [Surprisal; STRENGTHS.len()],
    trust: [f64; STRENGTHS.len()],
}

/// The logits of the denoised images of a batch, at each strength `B` rows of `K` finite numbers, one strength after the other.
struct DenoisedLogits(Vec<Vec<f32>>);

impl DenoisedLogits {
    /// Those of an image at each strength.
    fn of(&self, image: usize) -> [&[f32]; STRENGTHS.len()] {
        let images = self.0.len() / STRENGTHS.len();
        std::array::from_fn(|strength| &*self.0[strength * images + image])
    }
}

impl OddsLost {
    /// From clean images.
    pub(crate) fn fit(clean: &Population) -> std::result::Result<Self, Error> {
        let after = clean.batches().par_iter().map(|batch| logits(batch.seen));
        let after = after.collect::<std::result::Result<Vec<_>, Error>>()?;
        let (mut values, mut labels) =
            ([(); STRENGTHS.len()].map(|()| Vec::new()), [(); STRENGTHS.len()].map(|()| Vec::new()));
        for (Clean { seen, .. }, after) in clean.batches().iter().zip(&after) {
            for (image, (lost, &own)) in lost(seen, after).into_iter().zip(seen.predictions()).enumerate() {
                for (strength, logits) in after.of(image).into_iter().enumerate() {
                    values[strength].push(softmax::single(lost[strength]));
                    labels[strength].push((own, prediction(logits).0));
                }
            }
        }
        let classes = clean.batches().first().map_or(0, |batch| batch.seen.classes());
        let [light, strong] = values.map(|values| Surprisal::fit(&values));
        Ok(Self { lost: [light?, strong?], trust: labels.map(|pairs| trust::of_pairs(&pairs, classes)) })
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> std::result::Result<Self, Error> {
        Ok(Self { lost: Surprisal::of_fit(fit, TAILS)?, trust: trust::of_fit(fit, TRUST)? })
    }

    /// The fit with this.
    pub(crate) fn add_to(&self, fit: Fit) -> Fit {
        trust::into_fit(Surprisal::into_fit(fit, TAILS, &self.lost), TRUST, &self.trust)
    }

    /// The bits of every image.
    pub(crate) fn bits(&self, perception: &Perception) -> std::result::Result<Vec<f64>, Error> {
        Ok(self.largest(&lost(perception, &*logits(perception)?)))
    }

    /// The bits of every image: as a function of the images, `(B, 2)` for both strengths, and the larger as a number.
    pub(crate) fn record_bits(&self, tape: &Tape) -> Result<(Tensor, Vec<f64>)> {
        let perception = tape.perception();
        let before = tape.log_odds(tape.logits())?;
        let logits = perception.subject().logits(&denoised(perception, tape.x())?)?;
        let after = DenoisedLogits(checked(perception, &logits).map_err(CandleError::wrap)?);
        let images = perception.predictions().len();
        let found = |strength| tape.log_odds(&logits.narrow(0, strength * images, images)?)? - &before;
        let mut found = (0..STRENGTHS.len()).map(found).collect::<Result<Vec<_>>>()?;
        let rows = lost(perception, &after);
        for (number, (lost, clean)) in found.iter_mut().zip(&self.lost).enumerate() {
            *lost = (clean.record(lost, rows.iter().map(|row| row[number]))? * self.trust[number])?;
        }
        Ok((Tensor::stack(&found, 1)?, self.largest(&rows)))
    }

    fn largest(&self, lost: &[[f64; STRENGTHS.len()]]) -> Vec<f64> {
        let largest = |row: &[f64; STRENGTHS.len()]| {
            let bits = self.lost.iter().zip(row).map(|(clean, &lost)| clean.bits(lost));
            let trusted = bits.zip(self.trust).map(|(bits, trust)| trust * bits);
            trusted.fold(f64::MIN, f64::max)
        };
        lost.iter().map(largest).collect()
    }
}

/// What every image loses at each strength, where these are the logits of the denoised ones.
fn lost(perception: &Perception, after: &DenoisedLogits) -> Vec<[f64; STRENGTHS.len()]> {
    let images = perception.logits().iter().zip(perception.predictions()).enumerate();
    let of = |(image, (logits, &label)): (usize, (&Vec<f32>, &u32))| {
        let odds = |logits: &[f32]| softmax::log_odds_against(logits, label as usize);
        after.of(image).map(|after| odds(after) - odds(logits))
    };
    images.map(of).collect()
}

/// The logits of the denoised images; the perception keeps them for all who ask.
fn logits(perception: &Perception) -> std::result::Result<Arc<DenoisedLogits>, Error> {
    perception.memo().get_or_make(|| {
        let images = denoised(perception, &perception.x().detach()).map_err(Error::model("read the images"))?;
        let logits = perception.subject().logits(&images).map_err(Error::model("classify the denoised images"))?;
        Ok(DenoisedLogits(checked(perception, &logits)?))
    })
}

fn checked(perception: &Perception, logits: &Tensor) -> std::result::Result<Vec<Vec<f32>>, Error> {
    let images = perception.predictions().len();
    let found = rows("logits", "the denoised image", logits, [STRENGTHS.len() * images, perception.classes()]);
    found.map_err(|error| match error {
        Error::Value { what, of, image, value, expected } => {
            Error::Value { what, of, image: image % images, value, expected }
        }
        other => other,
    })
}

/// The images `(B, ...)` without their noise, those of one strength after those of the other: `(2 B, ...)`.
fn denoised(perception: &Perception, x: &Tensor) -> Result<Tensor> {
    let Signature { shape, bounds, .. } = perception.subject().model().signature();
    Denoise { size: [shape.height, shape.width], bounds, strengths: STRENGTHS }.of(x)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use robust_attacks::{Bounds, ImageShape, Model};

    use super::*;
    use crate::Subject;

    const SIDE: usize = 8;

    /// How far the squares of a chessboard that are white are above those that are black is the second logit; the first is 0.
    struct Chess;

    fn white(at: usize) -> f32 {
        if (at / SIDE + at % SIDE).is_multiple_of(2) { 1.0 } else { -1.0 }
    }

    impl Model for Chess {
        fn signature(&self) -> Signature {
            Signature { shape: ImageShape::new(1, SIDE, SIDE), classes: 2, bounds: Bounds::UNIT }
        }

        fn logits(&self, x: &Tensor) -> Result<Tensor> {
            let weights: Vec<f32> = (0..SIDE * SIDE).map(white).collect();
            let board = x.flatten_from(1)?.matmul(&Tensor::from_vec(weights, (SIDE * SIDE, 1), x.device())?)?;
            Tensor::cat(&[board.zeros_like()?, board], 1)
        }
    }

    #[test]
    fn what_the_noise_alone_tells_is_lost_and_what_is_drawn_large_is_not() {
        let grey =
            |height: f32| -> Vec<f32> { (0..SIDE * SIDE).map(|at| (128.0 + height * white(at)) / 255.0).collect() };
        // Noise of one level, of ten, and squares of black and white.
        let heights = [1.0, 10.0, 100.0];
        let x = Tensor::from_vec(heights.map(grey).concat(), (3, 1, SIDE, SIDE), &Device::Cpu).unwrap();
        let perception = Perception::new(Subject::Classifier(&Chess), &x).unwrap();
        assert_eq!(perception.predictions(), [1; 3]);
        let found = lost(&perception, &logits(&perception).unwrap());
        for (row, height) in found.iter().zip(heights.map(f64::from)) {
            for (lost, strength) in row.iter().zip(STRENGTHS.map(f64::from)) {
                // A square becomes the mean of all, those of the other colour weighted by how far they are from it; then a byte.
                let weight = (-(2.0 * height / strength).powi(2)).exp();
                let left = height * (1.0 - weight) / (1.0 + weight);
                let (found, expected) = (lost / ((SIDE * SIDE) as f64 / 255.0), height - left);
                assert!((found - expected).abs() < 0.6, "{height} at {strength}: {found} and {expected}");
            }
        }
    }
}
