//! The paper's conclusion: a drawing that does not fit its image gives a wrong prediction away.

use anyhow::Result;
use robust_detectors::{ImageScores, Roc, auroc_interval};

use super::claim::Asked;
use super::number::number;
use super::{Claim, Side, Unit};
use crate::remarks::few;
use crate::study::Study;

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
    let doubt = auroc(&scores(&|i| 1.0 - gallery.codes.predictions[i].1))?;
    let wrong = errors.iter().filter(|image| image.positive.is_some()).count();
    let few = few(wrong, errors.len() - wrong);
    let asked = Asked {
        claim: "a mismatch of image and drawing marks misclassification",
        paper: "conclusion",
        criterion: "above chance, 0.5",
        quantity: "of the reconstruction error",
        unit: Unit::Number,
        side: Side::Above,
        bound: 0.5,
    };
    let interval = interval.map(|interval| [interval.low, interval.high]);
    let ours = format!("AUROC of the classifier's own doubt {}{few}", number(doubt, 3));
    Ok(asked.measured(ours, auroc(&errors)?, interval))
}
