//! What detectors learn from clean validation images: their fits, and the scores from which thresholds come.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use rayon::prelude::*;
use robust_data::Split;
use robust_detectors::{Clean, Detector, DetectorInfo, Fit, Made, Making, Perception, Population, Subject, detector};

/// The most images of a batch.
const BATCH: usize = 64;
/// A fitted detector is calibrated by as many fits, each of which leaves out one part of the images: every fifth batch.
const FOLDS: usize = 5;
/// How often each part has its turn at least, so that all of them see all classes, even if the file is sorted by class: where images
/// are few, batches are small.
const TURNS: usize = 5;

/// The fits and validation scores of detectors. A checkpoint holds those of all of them beside its weights.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// What fitted detectors learned, by detector id.
    pub fits: BTreeMap<String, Fit>,
    /// Ascending scores of all images, correct and wrong alike, by detector id.
    pub scores: BTreeMap<String, Vec<f32>>,
}

/// Detectors that cannot be calibrated, for one and the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Their ids.
    pub ids: Vec<&'static str>,
    /// What is in the way, such as too few images.
    pub reason: String,
}

impl Calibration {
    /// Fits these detectors on the images of `validation` and scores them all. A detector for which that is not possible is left out.
    ///
    /// The scores of a detector that could remember images of its fit are those of images that the fit has not seen: the images are
    /// parted, and each part is scored by a fit on the others. Scores of images that the fit knows would be too low, and a
    /// threshold from them would flag too much. What [`Population::part`] keeps is from all images. A detector that asks a network trained beside
    /// the model is of the fit in `trained`, by its id.
    ///
    /// # Errors
    /// Whatever the network reports of the images.
    pub fn new<'a>(
        subject: impl Into<Subject<'a>>,
        validation: &Split,
        device: &Device,
        detectors: &[&DetectorInfo],
        trained: &BTreeMap<String, Fit>,
    ) -> Result<(Self, Vec<LeftOut>)> {
        let (subject, batch) = (subject.into(), batch_size(validation.len()));
        let starts: Vec<usize> = (0..validation.len()).step_by(batch).collect();
        let perceive = |start: usize| {
            let range = start..validation.len().min(start + batch);
            let seen = Perception::new(subject, &validation.image_tensor(range, device)?)?;
            // What fits ask for one batch after the other is worked out on all threads here.
            if seen.draws() {
                seen.errors()?;
                seen.cycle_logits()?;
            }
            Ok(seen)
        };
        let perceptions = starts.into_par_iter().map(perceive).collect::<Result<Vec<_>>>()?;
        let clean = |(seen, labels)| Clean { seen, labels };
        let all = Population::new(perceptions.iter().zip(validation.labels().chunks(batch)).map(clean).collect());

        let (mut calibration, mut left_out) = (Self::default(), Vec::<LeftOut>::new());
        for info in detectors {
            match calibrated(info, &all, trained.get(info.id)) {
                Ok((fit, scores)) => {
                    calibration.fits.extend(fit.map(|fit| (info.id.to_owned(), fit)));
                    calibration.scores.insert(info.id.to_owned(), scores);
                }
                Err(error) => {
                    let reason = error.to_string();
                    match left_out.iter_mut().find(|other| other.reason == reason) {
                        Some(other) => other.ids.push(info.id),
                        None => left_out.push(LeftOut { ids: vec![info.id], reason }),
                    }
                }
            }
        }
        Ok((calibration, left_out))
    }

    /// What no validation images told: the fits of networks that were trained beside the model.
    #[must_use]
    pub fn of_trained(&self) -> Self {
        let is_trained = |id: &String| detector(id).is_ok_and(DetectorInfo::is_trained);
        let fits = self.fits.iter().filter(|(id, _)| is_trained(id)).map(|(id, fit)| (id.clone(), fit.clone()));
        Self { fits: fits.collect(), scores: BTreeMap::new() }
    }

    /// Those of the detectors that it has not all of, for a network of so many classes: a fit of an older version may lack something.
    #[must_use]
    pub fn missing(&self, detectors: &[&'static DetectorInfo], classes: usize) -> Vec<&'static DetectorInfo> {
        let is_whole = |info: &DetectorInfo| self.fits.get(info.id).is_some_and(|fit| !info.is_older(fit, classes));
        let is_here = |info: &DetectorInfo| self.scores.contains_key(info.id) && (!info.is_fitted() || is_whole(info));
        detectors.iter().filter(|info| !is_here(info)).copied().collect()
    }

    /// Together with another, which counts where both have a detector.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.fits.extend(other.fits);
        self.scores.extend(other.scores);
        self
    }
}

/// Images of a batch, of so many in all.
fn batch_size(images: usize) -> usize {
    (images / (FOLDS * TURNS)).clamp(1, BATCH)
}

/// The fit of a detector that has one, and the ascending scores of all images.
fn calibrated(info: &DetectorInfo, all: &Population, trained: Option<&Fit>) -> Result<(Option<Fit>, Vec<f32>)> {
    let (fit, mut scores) = match info.making {
        Making::Plain(make) => (None, score(&*make(), all)?),
        Making::Fitted { fit, remembers, .. } => {
            let fitted = fit(all)?;
            let scores = if remembers { score_left_out(fit, all)? } else { score(&*fitted, all)? };
            (Some(fitted.fit()), scores)
        }
        Making::Trained(restore) => {
            let of_another = "it asks a second network, which `robust train --second` trains beside the first";
            let (fit, classes) =
                (trained.context(of_another)?, all.batches().first().map_or(0, |clean| clean.seen.classes()));
            (Some(fit.clone()), score(&*restore(fit, classes)?, all)?)
        }
    };
    if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
        bail!("found a score of {score} among those of clean images, expected finite numbers to make a threshold from");
    }
    scores.sort_by(f32::total_cmp);
    Ok((fit, scores))
}

/// The scores of all images, each by a fit that has not seen it, but for what [`Population::part`] keeps.
fn score_left_out(fit: fn(&Population) -> Made, all: &Population) -> Result<Vec<f32>> {
    let of_fold = |fold| {
        let (others, own) = (all.part(|batch| batch % FOLDS != fold), all.part(|batch| batch % FOLDS == fold));
        score(&*fit(&others)?, &own)
    };
    Ok((0..FOLDS).into_par_iter().map(of_fold).collect::<Result<Vec<_>>>()?.concat())
}

/// The scores of all images.
fn score(detector: &dyn Detector, images: &Population) -> Result<Vec<f32>> {
    let scores = images.batches().par_iter().map(|clean| Ok(detector.scores(clean.seen)?));
    Ok(scores.collect::<Result<Vec<_>>>()?.concat())
}

#[cfg(test)]
mod tests {
    use super::{BATCH, FOLDS, batch_size};

    #[test]
    fn every_fold_has_images_and_those_of_large_sets_stay_what_they_were() {
        for (images, expected) in [(1, 1), (5, 1), (49, 1), (50, 2), (500, 20), (1600, BATCH), (5000, BATCH)] {
            assert_eq!(batch_size(images), expected, "{images} images");
        }
        for images in FOLDS..2000 {
            let mut sizes = [0; FOLDS];
            (0..images).for_each(|image| sizes[image / batch_size(images) % FOLDS] += 1);
            assert!(sizes.iter().all(|&size| size > 0 && size < images), "{images} images: {sizes:?}");
        }
    }
}
