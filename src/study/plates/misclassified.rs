//! Figures 5 and 6: misclassified images, evenly spread over all of them, drawn from the label distribution (with the
//! prediction and its confidence) and from the true label, one-hot.

use anyhow::Result;
use serde::Serialize;

use crate::draw::{Band, Cell, Grid, Row};
use crate::files::serialize_cell;
use crate::study::measure::{Correction, share};
use crate::study::{Figure, Study};

/// Images shown at most.
const IMAGES: usize = 10;

#[derive(Default, Serialize)]
struct Misclassified<'a> {
    index: u64,
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    #[serde(serialize_with = "serialize_cell")]
    prediction: &'a str,
    confidence: f32,
    error_predicted: f64,
    error_corrected: f64,
    #[serde(serialize_with = "serialize_cell")]
    seen_predicted: &'a str,
    #[serde(serialize_with = "serialize_cell")]
    seen_corrected: &'a str,
}

pub(super) fn make(figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let all = study.corrections()?;
    let count = IMAGES.min(all.len());
    let shown: Vec<&Correction> = (0..count).map(|i| &all[i * all.len() / count]).collect();
    let row = |title: &str, cell: &dyn Fn(&Correction) -> Cell| Row::new(title, shown.iter().map(|found| cell(found)));
    let rows = vec![
        row("image", &|found| Cell::of(gallery.image(found.position))),
        row("as predicted", &|found| {
            let (prediction, confidence) = gallery.codes.predictions[found.position];
            let caption = format!("{} {:.0}%", gallery.name(prediction), 100.0 * confidence);
            Cell::of(gallery.reconstruction(found.position)).caption(caption)
        }),
        row("as labelled", &|found| Cell::of(&found.corrected).caption(gallery.name(gallery.labels[found.position]))),
    ];
    let heading = format!("{} of {} images are misclassified", all.len(), gallery.len());
    let grid =
        Grid { shape: gallery.shape, scale: 3, bands: vec![Band { heading: vec![heading], rows, ..Band::default() }] };
    let table = all.iter().map(|found| Misclassified {
        index: gallery.indices[found.position],
        label: gallery.name(gallery.labels[found.position]),
        prediction: gallery.name(gallery.prediction(found.position)),
        confidence: gallery.codes.predictions[found.position].1,
        error_predicted: found.error_predicted,
        error_corrected: found.error_corrected,
        seen_predicted: gallery.name(found.seen_predicted),
        seen_corrected: gallery.name(found.seen_corrected),
    });
    let label = |found: &Correction| gallery.labels[found.position];
    Ok(figure
        .picture("", &grid.canvas())?
        .table(table)?
        .finding("misclassified images", all.len() as f64)
        .finding("corrected drawings classified as the label", share(all, |found| found.seen_corrected == label(found)))
        .finding(
            "drawings as predicted classified as the label",
            share(all, |found| found.seen_predicted == label(found)),
        )
        .finding(
            "corrected drawings nearer to the image",
            share(all, |found| found.error_corrected < found.error_predicted),
        ))
}
