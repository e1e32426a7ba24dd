//! [`OddsLost`]: how much likelier other labels are once the image's noise is taken away.
//!
//! The log odds against the prediction, `log((1 - s_p) / s_p)` by the softmax `s`, of the image after [non-local means](crate::non_local_means) minus those of
//! the image itself, at two strengths: one for noise of a few levels, one for noise that everybody sees. It is the idea of feature squeezing (Xu, Evans and Qi
//! 2018) with another distance: the L1 distance of softmaxes saturates where the classifier changes its mind, and a change of mind in favour of the
//! prediction is no sign of an attack. Of the two the rarer [surprisal](crate::surprisal) counts. A part of [`Tampered`](crate::Tampered). Ours.

use std::sync::Arc;

use candle_core::{Error as CandleError, Result, Tensor};
use rayon::prelude::*;
use robust_attacks::Signature;

use crate::non_local_means::denoised;
use crate::surprisal::Surprisal;
use crate::tensors::{as_identity, rows};
use crate::{Clean, Error, Fit, Perception, Population, Tape, softmax};

/// How different patches may be that count as alike, in levels of a byte.
const STRENGTHS: [f32; 2] = [4.0, 20.0];
/// What the array of its tails is called.
const TAILS: &str = "odds-lost";

/// What clean images lose, at each strength.
#[derive(Clone)]
pub(crate) struct OddsLost([Surprisal; STRENGTHS.len()]);

/// The logits of the denoised images of a batch, at each strength `B` rows of `K` finite numbers.
struct Denoised([Vec<Vec<f32>>; STRENGTHS.len()]);

impl OddsLost {
    /// From clean images.
    pub(crate) fn fit(clean: &Population) -> std::result::Result<Self, Error> {
        let of_batch = |batch: &Clean| Ok(lost(batch.seen, &logits(batch.seen)?.0));
        let rows = clean.batches().par_iter().map(of_batch).collect::<std::result::Result<Vec<_>, Error>>()?.concat();
        let [light, strong] = std::array::from_fn(|strength| {
            let lost: Vec<f32> = rows.iter().map(|row| softmax::single(row[strength])).collect();
            Surprisal::fit(&lost)
        });
        Ok(Self([light?, strong?]))
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> std::result::Result<Self, Error> {
        Surprisal::of_fit(fit, TAILS).map(Self)
    }

    /// The fit with this.
    pub(crate) fn add_to(&self, fit: Fit) -> Fit {
        Surprisal::into_fit(fit, TAILS, &self.0)
    }

    /// The bits of every image.
    pub(crate) fn bits(&self, perception: &Perception) -> std::result::Result<Vec<f64>, Error> {
        Ok(self.largest(&lost(perception, &logits(perception)?.0)))
    }

    /// The bits of every image: as a function of the images, `(B, 2)` for both strengths, and the larger as a number. An attacker takes denoising for the
    /// identity.
    pub(crate) fn record_bits(&self, tape: &Tape) -> Result<(Tensor, Vec<f64>)> {
        let (x, perception) = (tape.x(), tape.perception());
        let before = tape.log_odds(tape.logits())?;
        let (mut found, mut after) = (Vec::new(), [(); STRENGTHS.len()].map(|()| Vec::new()));
        for (denoised, after) in images(perception)?.into_iter().zip(&mut after) {
            let logits = perception.subject().logits(&as_identity(x, &denoised)?)?;
            *after = checked(perception, &logits).map_err(CandleError::wrap)?;
            found.push((tape.log_odds(&logits)? - &before)?);
        }
        let rows = lost(perception, &after);
        for (number, (lost, clean)) in found.iter_mut().zip(&self.0).enumerate() {
            *lost = clean.record(lost, rows.iter().map(|row| row[number]))?;
        }
        Ok((Tensor::stack(&found, 1)?, self.largest(&rows)))
    }

    fn largest(&self, lost: &[[f64; STRENGTHS.len()]]) -> Vec<f64> {
        let largest = |row: &[f64; STRENGTHS.len()]| {
            let bits = self.0.iter().zip(row).map(|(clean, &lost)| clean.bits(lost));
            bits.fold(f64::MIN, f64::max)
        };
        lost.iter().map(largest).collect()
    }
}

/// What every image loses at each strength, where these are the logits of the denoised ones.
fn lost(perception: &Perception, after: &[Vec<Vec<f32>>; STRENGTHS.len()]) -> Vec<[f64; STRENGTHS.len()]> {
    let images = perception.logits().iter().zip(perception.predictions()).enumerate();
    let of = |(image, (logits, &label)): (usize, (&Vec<f32>, &u32))| {
        let odds = |logits: &[f32]| softmax::log_odds_against(logits, label as usize);
        std::array::from_fn(|strength| odds(&after[strength][image]) - odds(logits))
    };
    images.map(of).collect()
}

/// The logits of the denoised images; the perception keeps them for all who ask.
fn logits(perception: &Perception) -> std::result::Result<Arc<Denoised>, Error> {
    perception.memo().get_or_make(|| {
        let logits = |x: &Tensor| perception.subject().logits(x).map_err(Error::model("classify the denoised images"));
        let images = images(perception).map_err(Error::model("read the images"))?;
        let [light, strong] = images.map(|x| logits(&x).and_then(|logits| checked(perception, &logits)));
        Ok(Denoised([light?, strong?]))
    })
}

fn checked(perception: &Perception, logits: &Tensor) -> std::result::Result<Vec<Vec<f32>>, Error> {
    rows("logits", "the denoised image", logits, [perception.predictions().len(), perception.classes()])
}

/// The images without their noise, at each strength.
fn images(perception: &Perception) -> Result<[Tensor; STRENGTHS.len()]> {
    let (x, Signature { shape, bounds, .. }) = (perception.x(), perception.subject().model().signature());
    let size = [shape.height, shape.width];
    let mut found = [(); STRENGTHS.len()].map(|()| Vec::with_capacity(x.elem_count()));
    for image in x.flatten_from(1)?.to_vec2::<f32>()? {
        found.iter_mut().zip(denoised(&image, size, bounds, STRENGTHS)).for_each(|(all, one)| all.extend(one));
    }
    let [light, strong] = found.map(|pixels| Tensor::from_vec(pixels, x.dims(), x.device()));
    Ok([light?, strong?])
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
        let found = lost(&perception, &logits(&perception).unwrap().0);
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
