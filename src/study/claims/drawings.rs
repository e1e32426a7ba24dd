//! What the network reads and draws: accuracy, figures 3 to 6, and the paper's conclusion, that a drawing that does not fit its image
//! gives a wrong prediction away.

use anyhow::Result;
use robust_detectors::{ImageScores, Roc, auroc_interval};

use super::claim::Asked;
use super::paper::Paper;
use super::verdict::{number, percents, unmeasured};
use super::{Claim, Side, Unit};
use crate::remarks::few;
use crate::study::Study;
use crate::study::measure::{Shape, bootstrap, correlation, mean, share, wilson, within_classes};
use crate::words::{listed, percent};

/// The accuracies.
pub(super) fn accuracy(study: &Study, paper: &Paper) -> Claim {
    let (ours, images) = (study.gallery.accuracy(), study.gallery.len());
    let right = (0..images).filter(|&i| study.gallery.is_correct(i)).count();
    let asked = Asked {
        claim: "it classifies well",
        paper: &paper.accuracy.map(percent).unwrap_or_default(),
        criterion: "at least the paper's accuracy",
        quantity: "",
        unit: Unit::Share,
        side: Side::AtLeast,
        bound: paper.accuracy.unwrap_or_default(),
    };
    asked.measured(percent(ours), paper.accuracy.map(|_| ours), wilson(right, images))
}

/// Figures 3 and 4.
pub(super) fn manner(study: &Study, paper: &Paper) -> Result<[Claim; 2]> {
    Ok([resemblance(study, paper)?, manner_kept(study, paper)])
}

fn resemblance(study: &Study, paper: &Paper) -> Result<Claim> {
    let gallery = &study.gallery;
    let generic = study.generic_errors()?;
    let ratio = |positions: &[usize]| {
        let sum = |values: &[f64]| positions.iter().map(|&position| values[position]).sum::<f64>();
        let (own, generic) = (sum(&gallery.errors), sum(generic));
        (generic > 0.0).then(|| own / generic)
    };
    let all: Vec<usize> = (0..gallery.len()).collect();
    let (own, generic, share) = (gallery.mean_error(), mean(generic.iter().copied()), ratio(&all));
    let ours =
        format!("error {own:.2}, {} of the {} of the class's generic sample", percents(share), number(generic, 1));
    let asked = Asked {
        claim: "drawings from prediction and style resemble the image",
        paper: paper.figures[0],
        criterion: "less than half of the generic sample's error",
        quantity: "",
        unit: Unit::Share,
        side: Side::Below,
        bound: 0.5,
    };
    Ok(asked.measured(ours, share, bootstrap(gallery.len(), study.seed, ratio)))
}

fn manner_kept(study: &Study, paper: &Paper) -> Claim {
    let gallery = &study.gallery;
    let asked = Asked {
        claim: "they keep the manner of writing",
        paper: paper.figures[0],
        criterion: "every correlation at least 0.9",
        quantity: "smallest",
        unit: Unit::Number,
        side: Side::AtLeast,
        bound: 0.9,
    };
    let Some(shapes) = study.shapes() else { return asked.measured(unmeasured(study), None, None) };
    let drawn = Shape::columns(&gallery.reconstructions);
    let manner = |values: &Vec<f64>| within_classes(values, &gallery.labels);
    let pairs: Vec<[Vec<f64>; 2]> =
        shapes.iter().zip(&drawn).map(|(image, drawn)| [image, drawn].map(manner)).collect();
    let kept: Vec<Option<f64>> = pairs.iter().map(|[image, drawn]| correlation(image, drawn)).collect();
    let smallest = |kept: Option<Vec<f64>>| kept?.into_iter().reduce(f64::min);
    let of = |positions: &[usize]| {
        let take = |values: &Vec<f64>| positions.iter().map(|&position| values[position]).collect::<Vec<_>>();
        smallest(pairs.iter().map(|[image, drawn]| correlation(&take(image), &take(drawn))).collect())
    };
    let named = Shape::NAMES.iter().zip(&kept).map(|(name, kept)| format!("{name} {}", number(*kept, 3)));
    asked.measured(
        format!("correlation of image and drawing within classes: {}", listed(named)),
        smallest(kept.iter().copied().collect()),
        bootstrap(gallery.len(), study.seed, of),
    )
}

/// Figures 5 and 6.
pub(super) fn correction(study: &Study, paper: &Paper) -> Result<Claim> {
    let all = study.corrections()?;
    let label = |position: usize| study.gallery.labels[position];
    let right = all.iter().filter(|found| found.seen_corrected == label(found.position)).count();
    let corrected = share(all, |found| found.seen_corrected == label(found.position));
    let predicted = share(all, |found| found.seen_predicted == label(found.position));
    let (corrections, as_predicted) = (all.len(), percents(predicted));
    let asked = Asked {
        claim: "the true label corrects the drawing of a misclassified image",
        paper: paper.figures[1],
        criterion: "at least 90 % are classified as the true label",
        quantity: "and drawn from the true label",
        unit: Unit::Share,
        side: Side::AtLeast,
        bound: 0.9,
    };
    Ok(asked.measured(
        format!("of {corrections} drawings from the prediction {as_predicted} are classified as the true label"),
        corrected,
        wilson(right, corrections),
    ))
}

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
