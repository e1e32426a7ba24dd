//! [`Combined`]: will the prediction turn out wrong, or was the image tampered with? Both questions under one budget of false alarms.
//!
//! The score is `-log2 min(P_w / a, P_t / b)`: `P_w` the share of clean images with so high a score of [`Wrong`], `P_t` that of [`Tampered`], each by its
//! [surprisal](crate::surprisal), and `a + b = 1` the shares of the budget. An image is flagged at a rate `r` of false alarms if either share of clean images is
//! below its part of `r` (a union with Bonferroni's weights, as in Genovese, Roeder and Wasserman 2006).
//!
//! One ranking of both at once would trade one for the other: a network with many errors has many doubtful clean images. How the budget is shared
//! follows from the network, by a rule: `b = 0.1 / s`, but no less than 1/5 and no more than 1/2, where `s` is the share of its errors on clean images that `wrong`
//! alone flags at a rate of 5 %. Where a few alarms find most errors, `wrong` gets most of the budget, as a tenth of it still tells attacks from clean
//! images; where no budget of this size finds them, more goes to `tampered`. `docs/detector-choices.md` has what other shares do. Ours.

use candle_core::{Result as CandleResult, Tensor};

use crate::appearance::{Appearance, LOOKS};
use crate::surprisal::{Surprisal, along};
use crate::tampered::{Bits, Tampered};
use crate::wrong::{LogOdds, Wrong};
use crate::{Detector, Error, Fit, Judgement, Made, Perception, Population, Recorded, Tape, Threshold, softmax};

/// The rate of false alarms at which `s` is read.
const RATE: f64 = 0.05;
/// `b s`.
const PRODUCT: f64 = 0.1;
/// The least and the greatest `b`.
const SHARES: [f64; 2] = [0.2, 0.5];
/// Another label corrects a flagged prediction where its error is below `e_p` times this: above 1, since what is flagged is more often
/// wrong than right.
const BENEFIT: f32 = 1.28;
/// Clean images that a fit takes at least.
const LEAST: usize = 2;
/// What the arrays of its two detectors are called before.
const PARTS: [&str; 2] = ["wrong", "tampered"];
const TAILS: &str = "tails";
const SHARE: &str = "share";

/// The detector; made by [`crate::DetectorInfo::making`].
pub struct Combined {
    wrong: Wrong,
    tampered: Tampered,
    /// Of their scores.
    tails: [Surprisal; 2],
    appearance: Appearance,
    /// `a`.
    share: f64,
}

/// What is made of an image.
struct Reading {
    wrong: LogOdds,
    tampered: Bits,
    /// `-log2 (P_w / a)` and `-log2 (P_t / b)`.
    alarms: [f64; 2],
}

impl Combined {
    /// What the parts of a judgement are called: log odds against the prediction by the classifier and by the drawings; then bits,
    /// each times its trust: that another
    /// label draws it so much better, that autoencoders change it so far, and that they change its classification so far; then its looks, in
    /// deviations of clean images; then bits again: that other labels are so much likelier without its noise.
    pub(crate) const NAMES: [&str; 10] = {
        let [brightness, background, contrast, edges] = Appearance::NAMES;
        ["classifier", "drawings", "label", "error", "divergence", brightness, background, contrast, edges, "denoised"]
    };

    pub(crate) fn fit(clean: &Population) -> Made {
        let images = clean.images(LEAST)?;
        let classes = images[0].0.classes();
        let (wrong, tampered) = (Wrong::of(clean)?, Tampered::of(clean)?);
        let mut scores = [Vec::new(), Vec::new()];
        let mut errors = Vec::new();
        for batch in clean.batches() {
            scores[0].extend(wrong.scores(batch.seen)?);
            scores[1].extend(tampered.scores(batch.seen)?);
            errors.extend(batch.seen.predictions().iter().zip(batch.labels).map(|(found, label)| found != label));
        }
        let threshold = Threshold::at_fpr(&scores[0], RATE)?;
        let of_errors: Vec<f32> = scores[0].iter().zip(errors).filter(|(_, wrong)| *wrong).map(|(s, _)| *s).collect();
        let [least, greatest] = SHARES;
        let share =
            1.0 - threshold.flagged_share(&of_errors).map_or(greatest, |s| (PRODUCT / s).clamp(least, greatest));
        let tails = [Surprisal::fit(&scores[0])?, Surprisal::fit(&scores[1])?];
        // Made from its own fit, so that what was fitted and what is restored later score alike to the last bit.
        let appearance = Appearance::learn(clean.batches().iter().map(|batch| batch.seen))?;
        Self::restore(&Self { wrong, tampered, tails, appearance, share }.fit(), classes)
    }

    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        let [wrong, tampered] = PARTS.map(|name| fit.part(name));
        let share = f64::from(fit.values(SHARE, &[1])?[0]);
        if !(share > 0.0 && share < 1.0) {
            return Err(Error::Fit { name: SHARE.to_owned(), found: format!("holds {share}"), expected: vec![1] });
        }
        Ok(Box::new(Self {
            wrong: Wrong::new(&wrong, classes).map_err(|error| error.of_part(PARTS[0]))?,
            tampered: Tampered::new(&tampered).map_err(|error| error.of_part(PARTS[1]))?,
            tails: Surprisal::of_fit(fit, TAILS)?,
            appearance: Appearance::new(fit)?,
            share,
        }))
    }

    /// What each part of the budget adds to bits.
    fn bonuses(&self) -> [f64; 2] {
        [self.share.log2(), (1.0 - self.share).log2()]
    }

    fn readings(&self, wrong: Vec<LogOdds>, tampered: Vec<Bits>) -> Vec<Reading> {
        let ([of_wrong, of_tampered], [a, b]) = (&self.tails, self.bonuses());
        let alarms =
            |wrong: &LogOdds, tampered: &Bits| [of_wrong.bits(wrong.wrong) + a, of_tampered.bits(tampered.sum()) + b];
        let pairs = wrong.into_iter().zip(tampered);
        pairs.map(|(wrong, tampered)| Reading { alarms: alarms(&wrong, &tampered), wrong, tampered }).collect()
    }

    fn read(&self, perception: &Perception) -> Result<Vec<Reading>, Error> {
        Ok(self.readings(self.wrong.log_odds(perception)?, self.tampered.bits(perception)?))
    }
}

impl Reading {
    fn score(&self) -> f32 {
        softmax::single(self.alarms[0].max(self.alarms[1]))
    }

    /// In the order of [`Combined::NAMES`].
    fn parts(&self, look: [f32; LOOKS]) -> Vec<Option<f32>> {
        let (wrong, tampered) = (&self.wrong, &self.tampered);
        let parts =
            [Some(wrong.classifier), wrong.drawings, tampered.label, Some(tampered.error), Some(tampered.divergence)];
        let parts = parts.into_iter().map(|part| part.map(softmax::single));
        parts.chain(look.map(Some)).chain([Some(softmax::single(tampered.denoised))]).collect()
    }
}

impl Combined {
    /// The name by which it is chosen.
    pub const ID: &'static str = "combined";
}

impl Detector for Combined {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> Result<Vec<f32>, Error> {
        Ok(self.read(perception)?.iter().map(Reading::score).collect())
    }

    /// Of a model that draws, the label is that with the smallest error, where `e_p` counts as 1.28 times what it is. The reason is that of the
    /// detector whose alarm is the louder one.
    fn judge(&self, perception: &Perception) -> Result<Judgement, Error> {
        let readings = self.read(perception)?;
        let reason = |reading: &Reading| match reading.alarms {
            [wrong, tampered] if wrong >= tampered => reading.wrong.reason,
            _ => reading.tampered.reason(),
        };
        let looks = self.appearance.of(perception)?;
        let errors = perception.draws().then(|| perception.errors()).transpose()?;
        let labels = errors.map(|errors| {
            let answers = perception.predictions().iter().zip(errors.predicted()).zip(errors.alternative());
            let answers = answers.zip(errors.alternative_label());
            answers.map(|(((&p, &own), &other), &label)| if other < BENEFIT * own { label } else { p }).collect()
        });
        Ok(Judgement {
            scores: readings.iter().map(Reading::score).collect(),
            labels,
            reasons: Some(readings.iter().map(reason).collect()),
            parts: Some(readings.iter().zip(looks).map(|(reading, look)| reading.parts(look)).collect()),
        })
    }

    /// The surrogate is the score itself: it is smooth but where another label becomes the prediction or the best of the others, where two pieces
    /// of a surprisal meet, and where a maximum changes hands. Softened, maxima are soft.
    fn record(&self, tape: &Tape) -> CandleResult<Option<Recorded>> {
        let (tampered, bits) = self.tampered.record_bits(tape)?;
        let (wrong, odds) = self.wrong.record_log_odds(tape)?;
        let readings = self.readings(odds, bits);
        let ([of_wrong, of_tampered], [a, b]) = (&self.tails, self.bonuses());
        let lines = |tail: &Surprisal, value: &dyn Fn(&Reading) -> f64, bonus: f64| -> Vec<(f64, f64)> {
            let line = |(slope, at): (f64, f64)| (slope, at + bonus);
            readings.iter().map(|reading| line(tail.line(value(reading)))).collect()
        };
        let wrong = along(&wrong, lines(of_wrong, &|reading| reading.wrong.wrong, a).into_iter())?;
        let tampered = along(&tampered, lines(of_tampered, &|reading| reading.tampered.sum(), b).into_iter())?;
        let surrogate = tape.maximum(&Tensor::stack(&[wrong, tampered], 1)?)?;
        Ok(Some(Recorded { scores: readings.iter().map(Reading::score).collect(), surrogate }))
    }

    fn fit(&self) -> Fit {
        let fit = self.appearance.fit().with(SHARE, vec![1], vec![self.share as f32]);
        let fit = Surprisal::into_fit(fit, TAILS, &self.tails);
        fit.with_part(PARTS[0], &self.wrong.fit()).with_part(PARTS[1], &self.tampered.fit())
    }
}
