//! [`Combined`]: three suspicions in one score, each in standard deviations of clean images.
//!
//! With `e_k` the reconstruction errors, `p` the prediction and `u` the log odds against it by the classifier's softmax:
//!
//! 1. **Disagreement** `d`: another label explains the image better. The sum of two measures, each divided by its clean
//!    deviation: `log(e_p / min over k != p of e_k)`, and the log odds against `p` of the [posterior](crate::posterior) given all `e_k`.
//! 2. **Surprise** `s`: a classifier that sure of `p` should have drawn better: `d` above its expectation given `p` and `u`. An
//!    attack that goes on after the decision has fallen raises the confidence, and the drawing does not keep up.
//! 3. **Error** `a`: not a typical `p` at all: `log e_p` above its expectation given `p`.
//!
//! The score is their soft maximum, `log(exp(B d) + exp(B (s - S)) + exp(B (a - A))) / B`: whoever objects is heard.
//!
//! Everything but `B`, `S` and `A` is fitted on clean images, so no attack is known to it. Those three were chosen on the MNIST
//! validation images and attacks on them (`docs/network.md`). Ours; the parts are in the manner of Qin et al. 2020 (`e_p`,
//! the best other label) and of Hendrycks and Gimpel 2017 (`u`).

use candle_core::{Device, Tensor};

use crate::expectation::{Expectation, Observed, moments};
use crate::posterior::Posterior;
use crate::reconstruction::log_error;
use crate::{Clean, Detector, Error, Fit, Judgement, Made, Perception, Tape, softmax};

/// `B`: how sharply the soft maximum chooses.
const SHARPNESS: f64 = 1.5;
/// `S`: how much more a surprise must be than a disagreement to weigh the same.
const SURPRISE_ALLOWANCE: f64 = 0.75;
/// `A`: the same of an error: it only speaks where it is far out, since styles that are rare draw badly too.
const ERROR_ALLOWANCE: f64 = 2.5;
/// Another label corrects a flagged prediction where its error is below `e_p` times this: above 1, since what is flagged is more often
/// wrong than right.
const BENEFIT: f32 = 1.28;
/// Clean images that a fit takes at least.
const LEAST: usize = 2;

/// The detector; made by [`crate::DetectorInfo::making`].
pub struct Combined {
    posterior: Posterior,
    /// `d = weights . (ratio, odds) + offset`.
    disagreement: [f64; 3],
    surprise: Expectation,
    error: Expectation,
    fit: Fit,
}

/// What is read off one image.
struct Reading {
    label: usize,
    /// `log(e_p / min over k != p of e_k)`.
    ratio: f64,
    /// Log odds against `p` by the errors.
    odds: f64,
    /// Log odds against `p` by the classifier, `u`.
    doubt: f64,
    /// `log e_p`.
    error: f64,
}

impl Reading {
    fn new(posterior: &Posterior, perception: &Perception, image: usize) -> Result<Self, Error> {
        let errors = perception.errors()?;
        let label = perception.predictions()[image] as usize;
        let log_errors: Vec<f64> = errors.rows()[image].iter().copied().map(log_error).collect();
        Ok(Self {
            label,
            ratio: log_errors[label] - log_errors[errors.alternative_label()[image] as usize],
            odds: softmax::log_odds_against(&posterior.scores(&log_errors), label),
            doubt: softmax::log_odds_against(&perception.logits()[image], label),
            error: log_errors[label],
        })
    }

    fn disagreement(&self, [ratio, odds, offset]: [f64; 3]) -> f64 {
        ratio * self.ratio + odds * self.odds + offset
    }

    fn surprise(&self, disagreement: [f64; 3]) -> Observed {
        Observed { label: self.label, covariate: self.doubt, value: self.disagreement(disagreement) }
    }

    fn error(&self) -> Observed {
        Observed { label: self.label, covariate: 0.0, value: self.error }
    }
}

impl Combined {
    pub(crate) fn fit(clean: &[Clean]) -> Made {
        let images = Clean::images(clean, LEAST)?;
        let classes = images[0].0.model().classes();
        let mut log_errors = Vec::with_capacity(images.len());
        for (seen, image, _) in &images {
            log_errors.push(seen.errors()?.rows()[*image].iter().copied().map(log_error).collect::<Vec<f64>>());
        }
        let labels: Vec<u32> = images.iter().map(|(_, _, label)| *label).collect();
        let posterior = Posterior::fit(&log_errors, &labels, classes);
        let readings = images.iter().map(|(seen, image, _)| Reading::new(&posterior, seen, *image));
        let readings = readings.collect::<Result<Vec<_>, _>>()?;

        // The sum of both in their deviations, and then that in its own.
        let ([ratio, odds], of_sum) = {
            let spread = |of: &dyn Fn(&Reading) -> f64| 1.0 / moments(readings.iter().map(of)).1;
            let weights = [spread(&|one| one.ratio), spread(&|one| one.odds)];
            (weights, moments(readings.iter().map(|one| weights[0] * one.ratio + weights[1] * one.odds)))
        };
        let disagreement = [ratio / of_sum.1, odds / of_sum.1, -of_sum.0 / of_sum.1];
        let surprises: Vec<Observed> = readings.iter().map(|one| one.surprise(disagreement)).collect();
        let errors: Vec<Observed> = readings.iter().map(Reading::error).collect();

        let array = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        let fit = Fit::default()
            .with("posterior.weight", vec![classes, classes], array(&posterior.weight))
            .with("posterior.bias", vec![classes], array(&posterior.bias))
            .with("disagreement", vec![3], array(&disagreement));
        let fit = Expectation::fit(&surprises, classes).store("surprise", fit);
        // Made from its own fit, so that what was fitted and what is restored later score alike to the last bit.
        Self::restore(&Expectation::fit(&errors, classes).store("error", fit), classes)
    }

    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        let array = |name: &str, shape: &[usize]| -> Result<Vec<f64>, Error> {
            Ok(fit.values(name, shape)?.iter().map(|&value| f64::from(value)).collect())
        };
        let disagreement = array("disagreement", &[3])?;
        Ok(Box::new(Self {
            posterior: Posterior {
                weight: array("posterior.weight", &[classes, classes])?,
                bias: array("posterior.bias", &[classes])?,
            },
            disagreement: [disagreement[0], disagreement[1], disagreement[2]],
            surprise: Expectation::restore("surprise", fit, classes)?,
            error: Expectation::restore("error", fit, classes)?,
            fit: fit.clone(),
        }))
    }
}

impl Detector for Combined {
    fn id(&self) -> &'static str {
        "combined"
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        let score = |image: usize| {
            let reading = Reading::new(&self.posterior, perception, image)?;
            let suspicions = [
                reading.disagreement(self.disagreement),
                self.surprise.surplus(reading.surprise(self.disagreement)) - SURPRISE_ALLOWANCE,
                self.error.surplus(reading.error()) - ERROR_ALLOWANCE,
            ];
            Ok((softmax::log_sum_exp(&suspicions.map(|one| SHARPNESS * one), None) / SHARPNESS) as f32)
        };
        (0..perception.predictions().len()).map(score).collect()
    }

    /// The label is that with the smallest error, where `e_p` counts as 1.28 times what it is.
    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let errors = perception.errors()?;
        let answers = perception.predictions().iter().zip(errors.predicted()).zip(errors.alternative());
        let answers = answers.zip(errors.alternative_label());
        let answer = |(((&p, &own), &other), &label)| if other < BENEFIT * own { label } else { p };
        Ok(Judgement { scores: self.scores(perception)?, labels: Some(answers.map(answer).collect()) })
    }

    /// The score itself: it is smooth but where another label becomes the prediction or the best of the others.
    fn surrogate(&self, tape: &Tape) -> candle_core::Result<Option<Tensor>> {
        let log_errors = tape.log_errors()?;
        let perception = tape.perception();
        let (predictions, others) =
            (perception.predictions(), perception.errors().map_err(candle_core::Error::wrap)?.alternative_label());
        let classes = perception.model().classes();
        let device = tape.x().device();
        let tensor = |values: &[f64], shape: (usize, usize)| matrix(values, shape, device);
        let posterior = log_errors
            .matmul(&tensor(&self.posterior.weight, (classes, classes))?)?
            .broadcast_add(&tensor(&self.posterior.bias, (1, classes))?)?;
        let error = tape.pick(&log_errors, predictions)?;
        let ratio = (&error - tape.pick(&log_errors, others)?)?;
        let [of_ratio, of_odds, offset] = self.disagreement;
        let disagreement = (((ratio * of_ratio)? + (tape.log_odds(&posterior)? * of_odds)?)? + offset)?;
        let surplus = |expectation: &Expectation, covariate: &Tensor, value: &Tensor, allowance: f64| {
            let (intercept, slope, deviation) = expectation.lines(predictions);
            let expected = (Tensor::new(slope, device)? * covariate)? + Tensor::new(intercept, device)?;
            ((value - expected?)? / deviation)? - allowance
        };
        let doubt = tape.log_odds(tape.logits())?;
        let surprise = surplus(&self.surprise, &doubt, &disagreement, SURPRISE_ALLOWANCE)?;
        let error = surplus(&self.error, &doubt.zeros_like()?, &error, ERROR_ALLOWANCE)?;
        let all = (Tensor::stack(&[disagreement, surprise, error], 1)? * SHARPNESS)?;
        (all.log_sum_exp(1)? / SHARPNESS).map(Some)
    }

    fn fit(&self) -> Fit {
        self.fit.clone()
    }
}

fn matrix(values: &[f64], shape: (usize, usize), device: &Device) -> candle_core::Result<Tensor> {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    Tensor::from_vec(values, shape, device)
}
