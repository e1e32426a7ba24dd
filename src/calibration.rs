//! What detectors learn from clean validation images: their fits, and the scores from which thresholds come.

use std::collections::BTreeMap;

use anyhow::Result;
use candle_core::Device;
use rayon::prelude::*;
use robust_attacks::ClassConditional;
use robust_data::Split;
use robust_detectors::{Clean, Detector, Fit, Making, Perception, detectors};

/// Images per batch.
const BATCH: usize = 64;
/// A fitted detector is calibrated by as many fits, each of which leaves out one part of the images.
const FOLDS: usize = 5;

/// The fits and validation scores of all detectors. A checkpoint holds them beside its weights.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// What fitted detectors learned, by detector id.
    pub fits: BTreeMap<String, Fit>,
    /// Ascending scores of all images, correct and wrong alike, by detector id.
    pub scores: BTreeMap<String, Vec<f32>>,
}

impl Calibration {
    /// Fits every detector on the images of `validation` and scores them all.
    ///
    /// The scores of a fitted detector are those of images that its fit has not seen: the images are parted, and each part
    /// is scored by a fit on the others. Scores of images that the fit knows would be too low, and a threshold from
    /// them would flag too much.
    ///
    /// # Errors
    /// Whatever the network or a detector reports.
    pub fn new(model: &dyn ClassConditional, validation: &Split, device: &Device) -> Result<Self> {
        let starts: Vec<usize> = (0..validation.len()).step_by(BATCH).collect();
        let perceive = |start: usize| {
            let range = start..validation.len().min(start + BATCH);
            let seen = Perception::new(model, &validation.image_tensor(range, device)?)?;
            // What fits ask for one batch after the other is worked out on all threads here.
            seen.errors()?;
            seen.cycle_logits()?;
            Ok(seen)
        };
        let perceptions = starts.into_par_iter().map(perceive).collect::<Result<Vec<_>>>()?;
        let labels: Vec<u32> = validation.labels().iter().map(|&label| u32::from(label)).collect();
        let clean = |(seen, labels)| Clean { seen, labels };
        let all: Vec<Clean> = perceptions.iter().zip(labels.chunks(BATCH)).map(clean).collect();

        let mut calibration = Self::default();
        for info in detectors() {
            let mut scores = match info.making {
                Making::Plain(make) => score(&*make(), &all)?,
                Making::Fitted { fit, .. } => {
                    calibration.fits.insert(info.id.to_owned(), fit(&all)?.fit());
                    let part = |kept: &dyn Fn(usize) -> bool| {
                        all.iter().enumerate().filter(|(batch, _)| kept(*batch)).map(|(_, clean)| *clean).collect()
                    };
                    let left_out = (0..FOLDS).into_par_iter().map(|fold| {
                        let others: Vec<Clean> = part(&|batch| batch % FOLDS != fold);
                        let own: Vec<Clean> = part(&|batch| batch % FOLDS == fold);
                        score(&*fit(&others)?, &own)
                    });
                    left_out.collect::<Result<Vec<_>>>()?.concat()
                }
            };
            scores.sort_by(f32::total_cmp);
            calibration.scores.insert(info.id.to_owned(), scores);
        }
        Ok(calibration)
    }

    /// Whether it has all that the detectors of this build need.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        detectors()
            .iter()
            .all(|info| self.scores.contains_key(info.id) && (!info.is_fitted() || self.fits.contains_key(info.id)))
    }
}

/// The scores of all images of some batches.
fn score(detector: &dyn Detector, batches: &[Clean]) -> Result<Vec<f32>> {
    let scores = batches.par_iter().map(|clean| Ok(detector.scores(clean.seen)?)).collect::<Result<Vec<_>>>()?;
    Ok(scores.concat())
}
