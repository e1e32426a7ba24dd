//! What the network reads and draws: accuracy and figures 3 to 6.

use anyhow::Result;

use super::Claim;
use super::number::{number, percent, percents};
use super::paper::Paper;
use crate::figures::Study;
use crate::figures::measure::{Shape, correlation, mean_generic_error, share, within_classes};

/// The accuracies.
pub(super) fn accuracy(study: &Study, paper: &Paper) -> Claim {
    let ours = study.gallery.accuracy();
    let theirs = paper.accuracy.map(percent).unwrap_or_default();
    let holds = paper.accuracy.map(|theirs| ours >= theirs);
    Claim::new("it classifies well", &theirs, percent(ours), "at least the paper's accuracy", holds)
}

/// Figures 3 and 4.
pub(super) fn manner(study: &Study, paper: &Paper) -> Result<[Claim; 2]> {
    let gallery = &study.gallery;
    let (own, generic) = (gallery.mean_error(), mean_generic_error(study.generics()?));
    let share = generic.map(|generic| own / generic);
    let drawn = Shape::columns(&gallery.reconstructions);
    let manner = |values: &[f64]| within_classes(values, &gallery.labels);
    let pairs = study.shapes().iter().zip(&drawn);
    let kept: Vec<Option<f64>> = pairs.map(|(image, drawn)| correlation(&manner(image), &manner(drawn))).collect();
    let named = Shape::NAMES.iter().zip(&kept).map(|(name, kept)| format!("{name} {}", number(*kept, 3)));
    Ok([
        Claim::new(
            "drawings from prediction and style resemble the image",
            paper.figures[0],
            format!("error {own:.2}, {} of the {} of the class's generic sample", percents(share), number(generic, 1)),
            "less than half of the generic sample's error",
            share.map(|share| share < 0.5),
        ),
        Claim::new(
            "they keep the manner of writing",
            paper.figures[0],
            format!("correlation of image and drawing within classes: {}", named.collect::<Vec<_>>().join(", ")),
            "every correlation at least 0.9",
            kept.iter().copied().collect::<Option<Vec<f64>>>().map(|kept| kept.iter().all(|&kept| kept >= 0.9)),
        ),
    ])
}

/// Figures 5 and 6.
pub(super) fn correction(study: &Study, paper: &Paper) -> Result<Claim> {
    let all = study.corrections()?;
    let label = |position: usize| study.gallery.labels[position];
    let corrected = share(all, |found| found.seen_corrected == label(found.position));
    let predicted = share(all, |found| found.seen_predicted == label(found.position));
    let (corrections, as_corrected, as_predicted) = (all.len(), percents(corrected), percents(predicted));
    Ok(Claim::new(
        "the true label corrects the drawing of a misclassified image",
        paper.figures[1],
        format!(
            "of {corrections} drawings {as_corrected} are classified as the true label; as predicted {as_predicted}"
        ),
        "at least 90 %",
        corrected.map(|corrected| corrected >= 0.9),
    ))
}
