//! [`Combined`]: three suspicions in one score.
//!
//! With `e_k` the reconstruction errors and `p` the prediction:
//!
//! 1. **Disagreement** `d`: another label explains the image better. The sum of two measures, each divided by its clean
//!    deviation: `log(e_p / min over k != p of e_k)`, and the log odds against `p` of the [posterior](crate::posterior) given all `e_k`.
//! 2. **Doubt** `u`: the classifier itself is not sure: the log odds against `p` of its softmax.
//! 3. **Strangeness** `b`: the image is not made like clean ones: the bits of [`Magnet`], with whose autoencoders they are found.
//!
//! `d` and `u` are in standard deviations above the mean of clean images. The score is a soft maximum,
//! `log(exp(d) + exp(u - U) + exp(W (b - B)))`: whoever objects is heard. Each part is blind where another is not: an attack that goes
//! on until the classifier is sure leaves a drawing that disagrees or an image that is strange, and what is drawn well under the wrong
//! label lies where the classifier doubts.
//!
//! Everything but `U`, `W` and `B` is fitted on clean images, so no attack is known to it. Those three were chosen on the MNIST
//! validation images and attacks on them (`docs/detection.md`). Ours; the parts are in the manner of Qin et al. 2020 (the best
//! other label), Hendrycks and Gimpel 2017 (doubt) and Meng and Chen 2017 (strangeness).

use candle_core::{Device, Error as CandleError, Result as CandleResult, Tensor};

use crate::class_errors::{TINY, log_error};
use crate::magnet::Magnet;
use crate::moments::moments;
use crate::posterior::Posterior;
use crate::tape::soft_maximum;
use crate::{ClassErrors, Detector, Error, Fit, Judgement, Made, Perception, Population, Recorded, Tape, softmax};

/// `U`: by how many deviations a doubt must be greater than a disagreement to weigh the same.
const DOUBT_ALLOWANCE: f64 = 0.5;
/// `W`: what a bit of strangeness weighs, in deviations.
const BIT: f64 = 0.6;
/// `B`: the bits of strangeness that weigh as much as an average disagreement. One clean image in 64 has more in any one part.
const BITS_ALLOWANCE: f64 = 6.0;
/// Another label corrects a flagged prediction where its error is below `e_p` times this: above 1, since what is flagged is more often
/// wrong than right.
const BENEFIT: f32 = 1.28;
/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// Its name.
const ID: &str = "combined";
/// What the arrays of its own `Magnet` are called before.
const MAGNET: &str = "magnet";

/// The detector; made by [`crate::DetectorInfo::making`].
pub struct Combined {
    posterior: Posterior,
    /// `d = weights . (ratio, odds) + offset`.
    disagreement: [f64; 3],
    /// `u = weight * doubt + offset`.
    doubt: [f64; 2],
    magnet: Magnet,
    fit: Fit,
}

/// What is read off one image.
struct Reading {
    /// `log(e_p / min over k != p of e_k)`.
    ratio: f64,
    /// Log odds against `p` by the errors.
    odds: f64,
    /// Log odds against `p` by the classifier.
    doubt: f64,
}

impl Reading {
    fn new(posterior: &Posterior, perception: &Perception, errors: &ClassErrors, image: usize) -> Self {
        let label = perception.predictions()[image] as usize;
        let log_errors: Vec<f64> = errors.rows()[image].iter().copied().map(log_error).collect();
        Self {
            ratio: log_errors[label] - log_errors[errors.alternative_label()[image] as usize],
            odds: softmax::log_odds_against(&posterior.scores(&log_errors), label),
            doubt: softmax::log_odds_against(&perception.logits()[image], label),
        }
    }
}

impl Combined {
    pub(crate) fn fit(clean: &Population) -> Made {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.classes();
        images[0].0.decoder_for(ID)?;
        let mut log_errors = Vec::with_capacity(images.len());
        for (seen, image, _) in &images {
            log_errors.push(seen.errors()?.rows()[*image].iter().copied().map(log_error).collect::<Vec<f64>>());
        }
        let labels: Vec<u32> = images.iter().map(|(_, _, label)| *label).collect();
        if labels.iter().all(|&label| label == labels[0]) {
            return Err(Error::OneClass { found: labels[0] });
        }
        let posterior = Posterior::fit(&log_errors, &labels, classes);
        let readings = images.iter().map(|(seen, image, _)| Ok(Reading::new(&posterior, seen, seen.errors()?, *image)));
        let readings = readings.collect::<Result<Vec<_>, Error>>()?;

        // The sum of both in their deviations, and then that in its own.
        let ([ratio, odds], of_sum) = {
            let spread = |of: &dyn Fn(&Reading) -> f64| 1.0 / moments(readings.iter().map(of)).1;
            let weights = [spread(&|one| one.ratio), spread(&|one| one.odds)];
            (weights, moments(readings.iter().map(|one| weights[0] * one.ratio + weights[1] * one.odds)))
        };
        let of_doubt = moments(readings.iter().map(|one| one.doubt));
        let disagreement = [ratio / of_sum.1, odds / of_sum.1, -of_sum.0 / of_sum.1];
        let doubt = [1.0 / of_doubt.1, -of_doubt.0 / of_doubt.1];

        let array = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        let fit = Fit::default()
            .with("posterior.weight", vec![classes, classes], array(&posterior.weight))
            .with("posterior.bias", vec![classes], array(&posterior.bias))
            .with("disagreement", vec![3], array(&disagreement))
            .with("doubt", vec![2], array(&doubt))
            .with_part(MAGNET, &Magnet::of(clean)?.fit());
        // Made from its own fit, so that what was fitted and what is restored later score alike to the last bit.
        Self::restore(&fit, classes)
    }

    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        let array = |name: &str, shape: &[usize]| -> Result<Vec<f64>, Error> {
            Ok(fit.values(name, shape)?.iter().map(|&value| f64::from(value)).collect())
        };
        let (disagreement, doubt) = (array("disagreement", &[3])?, array("doubt", &[2])?);
        Ok(Box::new(Self {
            posterior: Posterior {
                weight: array("posterior.weight", &[classes, classes])?,
                bias: array("posterior.bias", &[classes])?,
            },
            disagreement: [disagreement[0], disagreement[1], disagreement[2]],
            doubt: [doubt[0], doubt[1]],
            magnet: Magnet::new(&fit.part(MAGNET)).map_err(|error| error.of_part(MAGNET))?,
            fit: fit.clone(),
        }))
    }

    /// The score of every image, of which the errors and the bits of strangeness are known.
    fn soft_maxima(&self, perception: &Perception, errors: &ClassErrors, bits: &[f64]) -> Vec<f32> {
        let ([ratio, odds, offset], [weight, shift]) = (self.disagreement, self.doubt);
        let score = |(image, bits): (usize, &f64)| {
            let reading = Reading::new(&self.posterior, perception, errors, image);
            let suspicions = [
                ratio * reading.ratio + odds * reading.odds + offset,
                weight * reading.doubt + shift - DOUBT_ALLOWANCE,
                BIT * (bits - BITS_ALLOWANCE),
            ];
            softmax::single(softmax::log_sum_exp(&suspicions, None))
        };
        bits.iter().enumerate().map(score).collect()
    }
}

impl Detector for Combined {
    fn id(&self) -> &'static str {
        ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        perception.decoder_for(ID)?;
        Ok(self.soft_maxima(perception, perception.errors()?, &self.magnet.bits(perception)?))
    }

    /// The label is that with the smallest error, where `e_p` counts as 1.28 times what it is.
    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let scores = self.scores(perception)?;
        let errors = perception.errors()?;
        let answers = perception.predictions().iter().zip(errors.predicted()).zip(errors.alternative());
        let answers = answers.zip(errors.alternative_label());
        let answer = |(((&p, &own), &other), &label)| if other < BENEFIT * own { label } else { p };
        Ok(Judgement { scores, labels: Some(answers.map(answer).collect()) })
    }

    /// The surrogate is the score itself: it is smooth but where another label becomes the prediction or the best of the others, another
    /// part of the strangeness the largest, or two pieces of a surprisal meet. Softened at a temperature `T` the parts of the strangeness have
    /// a soft maximum of their own at `T / 3`, and all three one at `T`, neither of them sharper or softer than is of use.
    fn record(&self, tape: &Tape) -> CandleResult<Option<Recorded>> {
        let perception = tape.perception();
        perception.decoder_for(ID).map_err(CandleError::wrap)?;
        let (recorded, errors) = tape.errors()?;
        let of_parts = tape.temperature().map(|temperature| (temperature / 3.0).clamp(0.05, 1.0) / BIT);
        let (strangeness, bits) = self.magnet.record_bits(tape, of_parts)?;
        let log_errors = (recorded + TINY)?.log()?;
        let classes = perception.classes();
        let tensor = |values: &[f64], shape: (usize, usize)| matrix(values, shape, tape.x().device());
        let posterior = log_errors
            .matmul(&tensor(&self.posterior.weight, (classes, classes))?)?
            .broadcast_add(&tensor(&self.posterior.bias, (1, classes))?)?;
        let (predictions, others) = (perception.predictions(), errors.alternative_label());
        let ratio = (tape.pick(&log_errors, predictions)? - tape.pick(&log_errors, others)?)?;
        let ([of_ratio, of_odds, offset], [weight, shift]) = (self.disagreement, self.doubt);
        let disagreement = (((ratio * of_ratio)? + (tape.log_odds(&posterior)? * of_odds)?)? + offset)?;
        let doubt = tape.log_odds(tape.logits())?.affine(weight, shift - DOUBT_ALLOWANCE)?;
        let strangeness = strangeness.affine(BIT, -BIT * BITS_ALLOWANCE)?;
        let of_all = tape.temperature().map_or(1.0, |temperature| temperature.max(1.0));
        let surrogate = soft_maximum(&Tensor::stack(&[disagreement, doubt, strangeness], 1)?, of_all)?;
        Ok(Some(Recorded { scores: self.soft_maxima(perception, &errors, &bits), surrogate }))
    }

    fn fit(&self) -> Fit {
        self.fit.clone()
    }
}

fn matrix(values: &[f64], shape: (usize, usize), device: &Device) -> candle_core::Result<Tensor> {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    Tensor::from_vec(values, shape, device)
}
