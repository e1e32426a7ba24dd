//! [`Wrong`]: will the prediction turn out wrong?
//!
//! Two pieces of evidence, each the log odds against the prediction `p`:
//!
//! 1. the classifier's own: of its softmax;
//! 2. the drawings': of the [posterior](crate::posterior) of the labels given all reconstruction errors `e_k`.
//!
//! The score is `w_1 x_1 + w_2 x_2 + b`, the log odds that the prediction is wrong, by a [logistic regression](crate::logistic) on the labels of clean
//! images. Where errors are few it stays near the mean of both, a logarithmic opinion pool (Genest and Zidek 1986, section 3.3). A model that does not
//! draw has the first piece alone; the order is then that of `msp`. Ours.

use candle_core::{Result as CandleResult, Tensor};

use crate::class_errors::{TINY, log_error};
use crate::posterior::Posterior;
use crate::{
    ClassErrors, Detector, Error, Fit, Judgement, Made, Perception, Population, Reason, Recorded, Tape, logistic,
    softmax,
};

/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// What the arrays of its posterior are called before.
const POSTERIOR: &str = "posterior";
const WEIGHTS: &str = "weights";

/// The detector; made by [`crate::DetectorInfo::making`].
#[derive(Clone)]
pub struct Wrong {
    /// Of a model that draws.
    posterior: Option<Posterior>,
    /// Of each piece of evidence, then the offset.
    weights: Vec<f64>,
}

impl Wrong {
    pub(crate) fn fit(clean: &Population) -> Made {
        Ok(Box::new(Self::of(clean)?))
    }

    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        Ok(Box::new(Self::new(fit, classes)?))
    }

    /// Learned from clean images.
    pub(crate) fn of(clean: &Population) -> Result<Self, Error> {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.classes();
        let labels: Vec<u32> = images.iter().map(|(_, _, label)| *label).collect();
        if labels.iter().all(|&label| label == labels[0]) {
            return Err(Error::OneClass { found: labels[0] });
        }
        let posterior = if images[0].0.draws() {
            let log_errors = images.iter().map(|(seen, image, _)| Ok::<_, Error>(log_errors(seen.errors()?, *image)));
            Some(Posterior::fit(&log_errors.collect::<Result<Vec<_>, _>>()?, &labels, classes))
        } else {
            None
        };
        let evidence = images.iter().map(|(seen, image, _)| {
            let drawn = posterior.as_ref().map(|posterior| Ok::<_, Error>((posterior, seen.errors()?))).transpose()?;
            Ok::<_, Error>(evidence(drawn, seen, *image))
        });
        let errors: Vec<bool> =
            images.iter().map(|(seen, image, label)| seen.predictions()[*image] != *label).collect();
        let weights = logistic::fit(&evidence.collect::<Result<Vec<_>, _>>()?, &errors);
        // Made from its own fit, so that what was fitted and what is restored later score alike to the last bit.
        Self::new(&Self { posterior, weights }.fit(), classes)
    }

    /// From its fit.
    pub(crate) fn new(fit: &Fit, classes: usize) -> Result<Self, Error> {
        let of_posterior = fit.part(POSTERIOR);
        let posterior = (!of_posterior.is_empty()).then(|| Posterior::restore(&of_posterior, classes)).transpose();
        let posterior = posterior.map_err(|error| error.of_part(POSTERIOR))?;
        let weights = fit.values(WEIGHTS, &[2 + usize::from(posterior.is_some())])?;
        Ok(Self { posterior, weights: weights.iter().map(|&weight| weight.into()).collect() })
    }

    /// The log odds of every image: those of each piece of evidence, and the score.
    pub(crate) fn log_odds(&self, perception: &Perception) -> Result<Vec<LogOdds>, Error> {
        let errors = self.posterior.as_ref().map(|_| perception.errors()).transpose()?;
        Ok(self.log_odds_with(errors, perception))
    }

    /// Of which the errors under all labels are known, for a model that draws.
    fn log_odds_with(&self, errors: Option<&ClassErrors>, perception: &Perception) -> Vec<LogOdds> {
        let of = |image| {
            let evidence = evidence(self.posterior.as_ref().zip(errors), perception, image);
            let terms: Vec<f64> = evidence.iter().zip(&self.weights).map(|(x, weight)| weight * x).collect();
            let wrong = terms.iter().sum::<f64>() + self.weights[terms.len()];
            let drawn_better = terms.get(1).is_some_and(|drawings| *drawings > terms[0]);
            let reason = if drawn_better { Reason::AnotherLabel } else { Reason::Unsure };
            LogOdds { classifier: evidence[0], drawings: evidence.get(1).copied(), wrong, reason }
        };
        (0..perception.predictions().len()).map(of).collect()
    }

    /// The score as a function of the images, `(B)`, and the log odds.
    pub(crate) fn record_log_odds(&self, tape: &Tape) -> CandleResult<(Tensor, Vec<LogOdds>)> {
        let classifier = tape.log_odds(tape.logits())?;
        let Some(posterior) = &self.posterior else {
            let score = classifier.affine(self.weights[0], self.weights[1])?;
            return Ok((score, self.log_odds_with(None, tape.perception())));
        };
        let (recorded, errors) = tape.errors()?;
        let drawings = tape.log_odds(&posterior.record(&(recorded + TINY)?.log()?)?)?;
        let score = ((classifier * self.weights[0])? + drawings.affine(self.weights[1], self.weights[2])?)?;
        Ok((score, self.log_odds_with(Some(&errors), tape.perception())))
    }
}

/// What [`Wrong`] makes of an image: log odds against its prediction.
pub(crate) struct LogOdds {
    /// By the softmax.
    pub(crate) classifier: f64,
    /// By the drawings, of a model that draws.
    pub(crate) drawings: Option<f64>,
    /// By both: the score.
    pub(crate) wrong: f64,
    /// The weightier piece.
    pub(crate) reason: Reason,
}

fn log_errors(errors: &ClassErrors, image: usize) -> Vec<f64> {
    errors.rows()[image].iter().copied().map(log_error).collect()
}

fn evidence(drawn: Option<(&Posterior, &ClassErrors)>, perception: &Perception, image: usize) -> Vec<f64> {
    let label = perception.predictions()[image] as usize;
    let mut evidence = vec![softmax::log_odds_against(&perception.logits()[image], label)];
    if let Some((posterior, errors)) = drawn {
        evidence.push(softmax::log_odds_against(&posterior.scores(&log_errors(errors, image)), label));
    }
    evidence
}

impl Wrong {
    /// The name by which it is chosen.
    pub const ID: &'static str = "wrong";
}

impl Detector for Wrong {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        Ok(self.judge(perception)?.scores)
    }

    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let (scores, reasons) =
            self.log_odds(perception)?.iter().map(|odds| (softmax::single(odds.wrong), odds.reason)).unzip();
        Ok(Judgement { reasons: Some(reasons), ..Judgement::of(scores) })
    }

    /// The surrogate is the score itself.
    fn record(&self, tape: &Tape) -> CandleResult<Option<Recorded>> {
        let (surrogate, odds) = self.record_log_odds(tape)?;
        Ok(Some(Recorded { scores: odds.iter().map(|odds| softmax::single(odds.wrong)).collect(), surrogate }))
    }

    fn fit(&self) -> Fit {
        let weights = self.weights.iter().map(|&weight| weight as f32).collect();
        let fit = Fit::default().with(WEIGHTS, vec![self.weights.len()], weights);
        match &self.posterior {
            Some(posterior) => fit.with_part(POSTERIOR, &posterior.arrays()),
            None => fit,
        }
    }
}
