//! The generic sample of every class (its label in its mean style), which is all that a classifier run backwards without
//! a style could draw, beside the mean image, the first image, and that image drawn in its own style.

use anyhow::Result;
use serde::Serialize;

use super::class_bands;
use crate::draw::{Band, Cell, Grid, Row};
use crate::files::serialize_cell;
use crate::study::measure::{Generic, mean};
use crate::study::{Figure, Study};

#[derive(Default, Serialize)]
struct Sample<'a> {
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    images: usize,
    #[serde(serialize_with = "serialize_cell")]
    seen: &'a str,
    confidence: f32,
    error: f64,
    error_in_own_style: f64,
}

pub(super) fn make(figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let generics = study.generics()?;
    let mean_image = |label: u32| -> Vec<f32> {
        let images = gallery.of_class(label);
        let mean = |pixel: usize| images.iter().map(|&i| f64::from(gallery.image(i)[pixel])).sum::<f64>();
        (0..gallery.pixels()).map(|pixel| (mean(pixel) / images.len() as f64) as f32).collect()
    };
    let first = |label: u32| gallery.of_class(label).first().copied().unwrap_or(0);
    let bands = class_bands(generics.len()).map(|band| {
        let shown = &generics[band];
        let row = |title: &str, cell: &dyn Fn(&Generic) -> Cell| Row::new(title, shown.iter().map(cell));
        Band {
            heading: Vec::new(),
            columns: shown.iter().map(|generic| gallery.name(generic.label).to_owned()).collect(),
            rows: vec![
                row("mean style", &|generic| Cell::of(&generic.drawing)),
                row("mean image", &|generic| Cell::of(&mean_image(generic.label))),
                row("an image", &|generic| Cell::of(gallery.image(first(generic.label)))),
                row("its style", &|generic| Cell::of(gallery.reconstruction(first(generic.label)))),
            ],
        }
    });
    let table = generics.iter().map(|generic| Sample {
        label: gallery.name(generic.label),
        images: generic.images,
        seen: gallery.name(generic.seen.0),
        confidence: generic.seen.1,
        error: generic.error,
        error_in_own_style: generic.error_in_own_style,
    });
    Ok(figure
        .picture("", &Grid { shape: gallery.shape, scale: 3, bands: bands.collect() }.canvas())?
        .table(table)?
        .finding("mean error of the generic sample", mean(study.generic_errors()?.iter().copied()))
        .finding("mean error in the own style", gallery.mean_error()))
}
