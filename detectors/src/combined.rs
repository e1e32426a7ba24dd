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

use candle_core::{Device, Tensor};

use crate::magnet::Magnet;
use crate::moments::moments;
use crate::posterior::Posterior;
use crate::reconstruction::log_error;
use crate::{Detector, Error, Fit, Judgement, Made, Perception, Population, Tape, softmax};

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
    fn new(posterior: &Posterior, perception: &Perception, image: usize) -> Result<Self, Error> {
        let errors = perception.errors()?;
        let label = perception.predictions()[image] as usize;
        let log_errors: Vec<f64> = errors.rows()[image].iter().copied().map(log_error).collect();
        Ok(Self {
            ratio: log_errors[label] - log_errors[errors.alternative_label()[image] as usize],
            odds: softmax::log_odds_against(&posterior.scores(&log_errors), label),
            doubt: softmax::log_odds_against(&perception.logits()[image], label),
        })
    }
}

impl Combined {
    pub(crate) fn fit(clean: &Population) -> Made {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.model().signature().classes;
        let mut log_errors = Vec::with_capacity(images.len());
        for (seen, image, _) in &images {
            log_errors.push(seen.errors()?.rows()[*image].iter().copied().map(log_error).collect::<Vec<f64>>());
        }
        let labels: Vec<u32> = images.iter().map(|(_, _, label)| *label).collect();
        if labels.iter().all(|&label| label == labels[0]) {
            return Err(Error::OneClass { found: labels[0] });
        }
        let posterior = Posterior::fit(&log_errors, &labels, classes);
        let readings = images.iter().map(|(seen, image, _)| Reading::new(&posterior, seen, *image));
        let readings = readings.collect::<Result<Vec<_>, _>>()?;

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
            .with_part(MAGNET, &clean.magnet()?.fit());
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
}

impl Detector for Combined {
    fn id(&self) -> &'static str {
        "combined"
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let ([ratio, odds, offset], [weight, shift]) = (self.disagreement, self.doubt);
        let score = |(image, bits): (usize, f64)| {
            let reading = Reading::new(&self.posterior, perception, image)?;
            let suspicions = [
                ratio * reading.ratio + odds * reading.odds + offset,
                weight * reading.doubt + shift - DOUBT_ALLOWANCE,
                BIT * (bits - BITS_ALLOWANCE),
            ];
            Ok(softmax::single(softmax::log_sum_exp(&suspicions, None)))
        };
        self.magnet.bits(perception)?.into_iter().enumerate().map(score).collect()
    }

    /// The label is that with the smallest error, where `e_p` counts as 1.28 times what it is.
    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let errors = perception.errors()?;
        let answers = perception.predictions().iter().zip(errors.predicted()).zip(errors.alternative());
        let answers = answers.zip(errors.alternative_label());
        let answer = |(((&p, &own), &other), &label)| if other < BENEFIT * own { label } else { p };
        Ok(Judgement { scores: self.scores(perception)?, labels: Some(answers.map(answer).collect()) })
    }

    /// The score itself: it is smooth but where another label becomes the prediction or the best of the others, another part of the
    /// strangeness the largest, or two pieces of a surprisal meet.
    fn surrogate(&self, tape: &Tape) -> candle_core::Result<Option<Tensor>> {
        let log_errors = tape.log_errors()?;
        let perception = tape.perception();
        let (predictions, others) =
            (perception.predictions(), perception.errors().map_err(candle_core::Error::wrap)?.alternative_label());
        let classes = perception.model().signature().classes;
        let tensor = |values: &[f64], shape: (usize, usize)| matrix(values, shape, tape.x().device());
        let posterior = log_errors
            .matmul(&tensor(&self.posterior.weight, (classes, classes))?)?
            .broadcast_add(&tensor(&self.posterior.bias, (1, classes))?)?;
        let ratio = (tape.pick(&log_errors, predictions)? - tape.pick(&log_errors, others)?)?;
        let ([of_ratio, of_odds, offset], [weight, shift]) = (self.disagreement, self.doubt);
        let disagreement = (((ratio * of_ratio)? + (tape.log_odds(&posterior)? * of_odds)?)? + offset)?;
        let doubt = tape.log_odds(tape.logits())?.affine(weight, shift - DOUBT_ALLOWANCE)?;
        let strangeness = self.magnet.bits_on(tape)?.affine(BIT, -BIT * BITS_ALLOWANCE)?;
        Tensor::stack(&[disagreement, doubt, strangeness], 1)?.log_sum_exp(1).map(Some)
    }

    fn fit(&self) -> Fit {
        self.fit.clone()
    }
}

fn matrix(values: &[f64], shape: (usize, usize), device: &Device) -> candle_core::Result<Tensor> {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    Tensor::from_vec(values, shape, device)
}
