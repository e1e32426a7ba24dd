//! Remarks on the scores of detectors on clean images: flagged at another rate than was asked for, all alike, or not numbers.
//!
//! A threshold for a rate is read off validation scores. If clean images are like validation images, the number of them that it flags is
//! beta-binomial (`chance.rs`). Scores from elsewhere differ in their body too, so the share above the median of the validation scores is
//! looked at beside the share that is flagged: it is what tells a calibration that flags none from images that are easy.

use robust_detectors::Threshold;
use serde::{Deserialize, Serialize};

use super::chance::beta_binomial;
use super::clean::{ALIKE, LEVEL};
use super::{Kind, Remark};
use crate::words::{listed, percent};

/// A whole file is no sample of the same images as the validation images either: it is held against no more than so many of them.
const ALIKE_FILES: f64 = 100.0;
/// So many times the rate asked for are too many, and so many times less too few.
const TIMES: [f64; 2] = [1.5, 0.5];
/// Below so many images equal scores are no surprise.
const LEAST: usize = 10;

/// What is asked of a detector's scores of clean validation images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Validated {
    /// How many there are.
    pub images: usize,
    /// The score that half of them are above.
    pub median: f32,
}

impl Validated {
    /// Of these scores; none without any.
    #[must_use]
    pub fn of(scores: &[f32]) -> Option<Self> {
        let median = Threshold::at_fpr(scores, 0.5).ok()?.score();
        Some(Self { images: scores.len(), median })
    }
}

/// What a detector gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoresSeen<'a> {
    /// Its id.
    pub detector: &'a str,
    /// The threshold in use, read off the validation scores for a rate.
    pub threshold: Threshold,
    /// Scores of clean validation images, where they are known.
    pub validation: Option<Validated>,
    /// Scores of the clean images.
    pub clean: &'a [f32],
}

/// A detector that flags another share of the clean images than was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    detector: String,
    share: f64,
}

/// The detectors whose clean scores do not fit their calibration, beyond chance and by much. `is_whole` where the clean images are a whole file
/// of the dataset, not a part of it in its order.
#[must_use]
pub fn misfits(seen: &[ScoresSeen], rate: f64, is_whole: bool) -> Vec<Misfit> {
    let misfit = |seen: &ScoresSeen| {
        let share = seen.threshold.flagged_share(seen.clean)?;
        let most = if is_whole { ALIKE_FILES } else { ALIKE };
        let known = seen.validation.map_or(most, |validation| most.min(validation.images as f64));
        let is_more = share > rate;
        let is_far = if is_more { share >= TIMES[0] * rate } else { share <= TIMES[1] * rate };
        let flagged = seen.clean.iter().filter(|&&score| seen.threshold.flags(score)).count();
        let is_surprising = |count, rate| is_surprising(count, seen.clean.len(), rate, known, is_more);
        let is_beyond_chance = is_surprising(flagged, rate)
            || seen.validation.is_some_and(|known| is_surprising(above(known.median, seen.clean), 0.5));
        (is_far && is_beyond_chance).then(|| Misfit { detector: seen.detector.to_owned(), share })
    };
    seen.iter().filter_map(misfit).collect()
}

/// What is to be said of the detectors that do not fit; `accuracies` are the network's on the clean images and on the validation images,
/// where they are known to differ.
#[must_use]
pub fn flagged_share(misfits: &[Misfit], rate: f64, images: usize, accuracies: Option<[f64; 2]>) -> Option<Remark> {
    let accuracies = accuracies.map_or(String::new(), |[clean, validation]| {
        format!(
            "; the network is right on {} of them and on {} of the validation images",
            percent(clean),
            percent(validation)
        )
    });
    let shares = listed(misfits.iter().map(|misfit| format!("{} {}", misfit.detector, percent(misfit.share))));
    about(Kind::FlaggedShare, misfits.iter().map(|misfit| &*misfit.detector), || {
        format!(
            "thresholds for {} of clean images flag another share of these {images}: {shares}{accuracies}; their calibration is not of such images, and \
             rates at these thresholds mean little: calibrate the network on validation images like these (--validation)",
            percent(rate)
        )
    })
}

/// What is to be said of detectors that give all clean images, ten or more, the same score.
#[must_use]
pub fn constant_scores(seen: &[ScoresSeen]) -> Option<Remark> {
    let is_constant =
        |seen: &&ScoresSeen| seen.clean.len() >= LEAST && seen.clean.iter().all(|&score| score == seen.clean[0]);
    let found: Vec<&ScoresSeen> = seen.iter().filter(is_constant).collect();
    let scores = listed(found.iter().map(|seen| format!("{} {}", seen.detector, seen.clean[0])));
    about(Kind::ConstantScores, found.iter().map(|seen| seen.detector), || {
        format!(
            "all {} images have the same score: {scores}; a detector that gives everything one score tells nothing apart: \
             look at the network's weights, or choose another with --detector",
            found[0].clean.len()
        )
    })
}

/// What is to be said of scores that are no numbers: `found` are the detectors with how many of their scores in `file` are NaN.
#[must_use]
pub fn nan_scores(found: &[(&str, usize)], file: &str) -> Option<Remark> {
    let found: Vec<_> = found.iter().filter(|(_, count)| *count > 0).collect();
    about(Kind::NanScores, found.iter().map(|(id, _)| *id), || {
        format!(
            "{file} holds scores that are not numbers: {}; such an image is never flagged, and there is no ROC curve: run `robust detect` again",
            listed(found.iter().map(|(id, count)| format!("{id} {count}")))
        )
    })
}

/// One remark about these detectors; none if there are none.
fn about<'a>(kind: Kind, detectors: impl Iterator<Item = &'a str>, text: impl FnOnce() -> String) -> Option<Remark> {
    let detectors: Vec<String> = detectors.map(str::to_owned).collect();
    (!detectors.is_empty()).then(|| Remark { kind, sets: Vec::new(), detectors, text: text() })
}

/// Whether chance rarely flags so many of `n` images at a rate that is known.
pub(super) fn is_beyond_chance(flagged: usize, n: usize, rate: f64) -> bool {
    const KNOWN: f64 = 1e6;
    is_surprising(flagged, n, rate, KNOWN, true)
}

/// Whether chance rarely leaves so many (`is_more`) or so few of `n` above what a share of `rate` of `known` scores is above.
fn is_surprising(count: usize, n: usize, rate: f64, known: f64, is_more: bool) -> bool {
    let above = rate * known;
    let chance = if is_more {
        beta_binomial(count.., n, [above + 1.0, known - above])
    } else {
        beta_binomial(..=count, n, [above, known - above + 1.0])
    };
    chance < LEVEL
}

/// How many scores are above a median; those that equal it count half.
fn above(median: f32, scores: &[f32]) -> usize {
    let count = |counts: &dyn Fn(f32) -> bool| scores.iter().filter(|&&score| counts(score)).count();
    count(&|score| score > median) + count(&|score| score == median) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(n: usize, low: f32, high: f32) -> Vec<f32> {
        (0..n).map(|i| low + (high - low) * (i as f32 + 0.5) / n as f32).collect()
    }

    #[test]
    fn a_calibration_that_does_not_fit_is_told_in_both_directions() {
        let same = vec![0.0; 5000];
        let fitting = uniform(5000, 0.0, 1.0);
        for (validation, rate, n, low, high, is_whole, expected) in [
            (&fitting, 0.05, 200, 0.0, 1.0, true, false),
            (&fitting, 0.05, 200, 0.0, 1.0, false, false),
            // Flags 80 %.
            (&fitting, 0.05, 200, 0.75, 2.0, true, true),
            (&fitting, 0.05, 200, 0.75, 2.0, false, true),
            // Flags none.
            (&fitting, 0.05, 200, 0.0, 0.45, true, true),
            (&fitting, 0.05, 200, 0.0, 0.45, false, true),
            // Flags none, but the images may be easy.
            (&fitting, 0.05, 200, 0.0, 0.9, false, false),
            (&fitting, 0.05, 200, 0.0, 0.9, true, false),
            // 13.6 and 20.8 %.
            (&fitting, 0.05, 10_000, 0.0, 1.1, true, false),
            (&fitting, 0.05, 10_000, 0.0, 1.2, true, true),
            (&fitting, 0.0, 200, 0.0, 1.0, true, false),
            (&fitting, 1.0, 200, 0.0, 1.0, true, false),
            (&fitting, 0.05, 1, 0.99, 1.0, true, false),
            // All validation scores are one: above all scores, or below.
            (&same, 0.05, 200, -1.0, -0.5, true, true),
            (&same, 0.05, 200, 0.5, 1.0, true, true),
        ] {
            let threshold = Threshold::at_fpr(validation, rate).unwrap();
            let clean = uniform(n, low, high);
            let seen = ScoresSeen { detector: "msp", threshold, validation: Validated::of(validation), clean: &clean };
            let found = misfits(&[seen], rate, is_whole);
            assert_eq!(!found.is_empty(), expected, "{n} from {low} to {high} at {rate}, whole {is_whole}: {found:?}");
        }
    }

    #[test]
    fn the_sentence_names_shares_rate_and_accuracies() {
        let misfit = |detector: &str, share| Misfit { detector: detector.to_owned(), share };
        let found =
            flagged_share(&[misfit("msp", 0.8), misfit("magnet", 0.1)], 0.05, 200, Some([0.9398, 0.9546])).unwrap();
        let start = "thresholds for 5.00 % of clean images flag another share of these 200: msp 80.00 %, magnet 10.00 %; the network is right on \
                     93.98 % of them and on 95.46 % of the validation images; ";
        assert!(found.text.starts_with(start), "{}", found.text);
        assert_eq!(found.detectors, ["msp", "magnet"]);
        assert_eq!(flagged_share(&[], 0.05, 200, None), None);
    }

    #[test]
    fn equal_scores_and_scores_that_are_no_numbers_are_told() {
        let threshold = Threshold::new(0.0).unwrap();
        let (equal, few, varied) = ([0.5; 10], [0.5; 9], uniform(20, 0.0, 1.0));
        let seen = |detector, clean| ScoresSeen { detector, threshold, validation: None, clean };
        let found =
            constant_scores(&[seen("msp", &equal[..]), seen("cycle", &varied), seen("entropy", &equal[..])]).unwrap();
        assert_eq!(found.detectors, ["msp", "entropy"]);
        assert!(found.text.starts_with("all 10 images have the same score: msp 0.5, entropy 0.5; "), "{}", found.text);
        assert_eq!(constant_scores(&[seen("msp", &few)]), None);
        assert_eq!(nan_scores(&[("msp", 0)], "detect.csv"), None);
        assert_eq!(nan_scores(&[("msp", 0), ("cycle", 3)], "detect.csv").unwrap().detectors, ["cycle"]);
    }
}
