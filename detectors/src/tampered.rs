//! [`Tampered`]: was the image made or changed otherwise than clean ones are?
//!
//! The sum of up to three [surprisals](crate::surprisal), in bits, each times the [trust](crate::trust) of the second opinion that it comes from:
//!
//! 1. how much better another label draws the image than the predicted one, `log(e_p / min over k != p of e_k)`, of a model that draws;
//! 2. how far autoencoders of clean images change it: the larger of the two errors of [`Magnet`];
//! 3. how far it is classified otherwise without its noise: the largest of its two divergences, after an autoencoder, and of the [odds lost](crate::odds_lost) to
//!    non-local means.
//!
//! For independent statistics the sum of `-log` p-values is the evidence against all of them at once (Fisher 1932, section 21.1); clean images that are odd in one
//! way are seldom odd in another, and attacks are. Where a second opinion contradicts the classifier about clean images as well, as a blurred drawing of a
//! photograph does, its bits say little and would drown the others'. Labels play no part in the fit, and the classifier's doubt none in the score: whether a prediction is
//! right is what [`Wrong`](crate::Wrong) asks. Ours; the parts are those of Qin et al. 2020 and Meng and Chen 2017, and the odds lost, after Xu, Evans and Qi
//! 2018.

use std::sync::Arc;

use candle_core::{Result as CandleResult, Tensor};

use crate::class_errors::{TINY, log_error};
use crate::magnet::Magnet;
use crate::odds_lost::OddsLost;
use crate::surprisal::Surprisal;
use crate::{
    ClassErrors, Detector, Error, Fit, Judgement, Made, Perception, Population, Reason, Recorded, Tape, softmax, trust,
};

/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// What the arrays of its `Magnet` are called before.
const MAGNET: &str = Magnet::ID;
const RATIO: &str = "ratio";
const TRUST: &str = "trust";

/// The detector; made by [`crate::DetectorInfo::making`].
#[derive(Clone)]
pub struct Tampered {
    /// Of the log ratio of errors, of a model that draws.
    ratio: Option<Surprisal>,
    magnet: Arc<Magnet>,
    odds_lost: OddsLost,
    /// How far the label that draws an image best is [trusted](crate::trust), where the model draws, and what an autoencoder makes of it.
    trust: [f64; 2],
}

impl Tampered {
    pub(crate) fn fit(clean: &Population) -> Made {
        Ok(Box::new(Self::of(clean)?))
    }

    pub(crate) fn restore(fit: &Fit, _classes: usize) -> Made {
        Ok(Box::new(Self::new(fit)?))
    }

    /// Learned from clean images.
    pub(crate) fn of(clean: &Population) -> Result<Self, Error> {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.classes();
        let magnet = Magnet::of(clean)?;
        let (mut ratios, mut drawn, mut redrawn) = (Vec::new(), Vec::new(), Vec::new());
        for batch in clean.batches() {
            let own = batch.seen.predictions();
            redrawn.extend(own.iter().copied().zip(magnet.labels(batch.seen)?));
            if batch.seen.draws() {
                let errors = batch.seen.errors()?;
                ratios.extend((0..own.len()).map(|image| log_ratio(errors, image) as f32));
                drawn.extend(own.iter().copied().zip(errors.best_label().iter().copied()));
            }
        }
        let ratio = if ratios.is_empty() { None } else { Some(Surprisal::fit(&ratios)?) };
        let trust = [trust::of_pairs(&drawn, classes), trust::of_pairs(&redrawn, classes)];
        Ok(Self { ratio, magnet, odds_lost: OddsLost::fit(clean)?, trust })
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit) -> Result<Self, Error> {
        let is_drawn = !fit.shape(RATIO).is_empty();
        let ratio = is_drawn.then(|| Surprisal::of_fit(fit, RATIO)).transpose()?.map(|[ratio]| ratio);
        let magnet = Magnet::new(&fit.part(MAGNET)).map_err(|error| error.of_part(MAGNET))?;
        let odds_lost = OddsLost::new(fit)?;
        Ok(Self { ratio, magnet: Arc::new(magnet), odds_lost, trust: trust::of_fit(fit, TRUST)? })
    }

    /// The bits of every image.
    pub(crate) fn bits(&self, perception: &Perception) -> Result<Vec<Bits>, Error> {
        let errors = self.ratio.as_ref().map(|_| perception.errors()).transpose()?;
        Ok(self.bits_with(errors, &self.magnet.bits(perception)?, &self.odds_lost.bits(perception)?))
    }

    /// Of which the errors under all labels, for a model that draws, the bits of strangeness and those of the odds lost are known.
    fn bits_with(&self, errors: Option<&ClassErrors>, strange: &[[f64; 2]], lost: &[f64]) -> Vec<Bits> {
        let [of_label, of_autoencoder] = self.trust;
        let of = |(image, (&[error, divergence], lost)): (usize, (&[f64; 2], &f64))| {
            let drawn = self.ratio.as_ref().zip(errors);
            let label = drawn.map(|(ratio, errors)| of_label * ratio.bits(log_ratio(errors, image)));
            Bits { label, error: of_autoencoder * error, divergence: of_autoencoder * divergence, denoised: *lost }
        };
        strange.iter().zip(lost).enumerate().map(of).collect()
    }

    /// The score as a function of the images, `(B)`, and the bits. Softened, the maxima within the second and third are soft.
    pub(crate) fn record_bits(&self, tape: &Tape) -> CandleResult<(Tensor, Vec<Bits>)> {
        let (strange, numbers) = self.magnet.record_bits(tape)?;
        let (lost, lost_numbers) = self.odds_lost.record_bits(tape)?;
        let [of_label, of_autoencoder] = self.trust;
        let strange = (strange * of_autoencoder)?;
        let divergence = tape.maximum(&Tensor::cat(&[strange.narrow(1, 1, 1)?, lost], 1)?)?;
        let sum = (strange.narrow(1, 0, 1)?.squeeze(1)? + divergence)?;
        let Some(surprisal) = &self.ratio else { return Ok((sum, self.bits_with(None, &numbers, &lost_numbers))) };
        let (recorded, errors) = tape.errors()?;
        let log_errors = (recorded + TINY)?.log()?;
        let (own, other) = (tape.perception().predictions(), errors.alternative_label());
        let ratio = (tape.pick(&log_errors, own)? - tape.pick(&log_errors, other)?)?;
        let bits = surprisal.record(&ratio, (0..own.len()).map(|image| log_ratio(&errors, image)))?;
        let sum = (sum + (bits * of_label)?)?;
        Ok((sum, self.bits_with(Some(&errors), &numbers, &lost_numbers)))
    }
}

/// How rare an image is, in bits, each times its trust.
pub(crate) struct Bits {
    /// That another label draws it so much better, of a model that draws.
    pub(crate) label: Option<f64>,
    /// That autoencoders change it so far.
    pub(crate) error: f64,
    /// That they change its classification so far.
    pub(crate) divergence: f64,
    /// That other labels are so much likelier once its noise is taken away.
    pub(crate) denoised: f64,
}

impl Bits {
    /// The score.
    pub(crate) fn sum(&self) -> f64 {
        self.label.unwrap_or(0.0) + self.error + self.divergence.max(self.denoised)
    }

    /// The rarest of them.
    pub(crate) fn reason(&self) -> Reason {
        match self.label {
            Some(label) if label > self.error.max(self.divergence).max(self.denoised) => Reason::AnotherLabel,
            _ => Reason::Unlike,
        }
    }
}

/// `log(e_p / min over k != p of e_k)`.
fn log_ratio(errors: &ClassErrors, image: usize) -> f64 {
    log_error(errors.predicted()[image]) - log_error(errors.alternative()[image])
}

impl Tampered {
    /// The name by which it is chosen.
    pub const ID: &'static str = "tampered";
}

impl Detector for Tampered {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        Ok(self.judge(perception)?.scores)
    }

    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let bits = self.bits(perception)?;
        let (scores, reasons) = bits.iter().map(|bits| (softmax::single(bits.sum()), bits.reason())).unzip();
        Ok(Judgement { reasons: Some(reasons), ..Judgement::of(scores) })
    }

    /// The surrogate is the score itself, or a smoother one.
    fn record(&self, tape: &Tape) -> CandleResult<Option<Recorded>> {
        let (surrogate, bits) = self.record_bits(tape)?;
        Ok(Some(Recorded { scores: bits.iter().map(|bits| softmax::single(bits.sum())).collect(), surrogate }))
    }

    fn fit(&self) -> Fit {
        let fit = self.odds_lost.add_to(Fit::default().with_part(MAGNET, &self.magnet.fit()));
        let fit = trust::into_fit(fit, TRUST, &self.trust);
        match &self.ratio {
            Some(ratio) => Surprisal::into_fit(fit, RATIO, std::slice::from_ref(ratio)),
            None => fit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, Reason};

    #[test]
    fn the_reason_is_the_rarest_part() {
        for (label, error, divergence, denoised, expected) in [
            (Some(9.0), 3.0, 2.0, 1.0, Reason::AnotherLabel),
            (Some(3.0), 9.0, 2.0, 1.0, Reason::Unlike),
            (Some(3.0), 2.0, 9.0, 1.0, Reason::Unlike),
            (Some(3.0), 2.0, 1.0, 9.0, Reason::Unlike),
            (None, 2.0, 1.0, 0.0, Reason::Unlike),
        ] {
            let bits = Bits { label, error, divergence, denoised };
            let sum = label.unwrap_or(0.0) + error + f64::max(divergence, denoised);
            assert_eq!((bits.reason(), bits.sum()), (expected, sum));
        }
    }
}
