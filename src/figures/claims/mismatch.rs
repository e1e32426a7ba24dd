//! The paper's conclusion: a drawing that does not fit its image gives a wrong prediction away.

use anyhow::Result;
use robust_detectors::{ImageScores, Roc, auroc_interval};

use super::Claim;
use super::number::number;
use crate::figures::Study;
use crate::remarks::few;

/// How well the reconstruction error tells misclassified images from others.
pub(super) fn mismatch(study: &Study) -> Result<Claim> {
    let gallery = &study.gallery;
    let scores = |score: &dyn Fn(usize) -> f32| -> Vec<ImageScores> {
        let of = |i: usize| {
            let (right, score) = (gallery.is_correct(i), score(i));
            ImageScores { negative: right.then_some(score), positive: (!right).then_some(score) }
        };
        (0..gallery.len()).map(of).collect()
    };
    let auroc = |scores: &[ImageScores]| -> Result<Option<f64>> {
        let negatives: Vec<f32> = scores.iter().filter_map(|image| image.negative).collect();
        let positives: Vec<f32> = scores.iter().filter_map(|image| image.positive).collect();
        Ok(Roc::new(&negatives, &positives)?.map(|roc| roc.auroc()))
    };
    let errors = scores(&|i| gallery.errors[i] as f32);
    let interval = auroc_interval(&errors)?;
    let range = interval.map_or(String::new(), |interval| format!(" ({:.3} to {:.3})", interval.low, interval.high));
    let doubt = auroc(&scores(&|i| 1.0 - gallery.codes.predictions[i].1))?;
    let wrong = errors.iter().filter(|image| image.positive.is_some()).count();
    let few = few(wrong, errors.len() - wrong);
    let ours = format!(
        "AUROC of the reconstruction error {}{few}{range}; of the classifier's own doubt {}{few}",
        number(auroc(&errors)?, 3),
        number(doubt, 3)
    );
    let holds = interval.map(|interval| interval.low > 0.5);
    let criterion = "above chance with 95 % confidence";
    Ok(Claim::new("a mismatch of image and drawing marks misclassification", "conclusion", ours, criterion, holds))
}
