//! Figures 3 and 4: the first two images of every class, right or wrong, and what the network draws of each from its
//! label distribution and style.

use anyhow::Result;
use serde::Serialize;

use super::class_bands;
use crate::draw::{Band, Cell, Grid, Row};
use crate::files::serialize_cell;
use crate::study::measure::Gallery;
use crate::study::{Figure, Study};

/// Images per class.
const IMAGES: usize = 2;

#[derive(Default, Serialize)]
struct Reconstruction<'a> {
    index: u64,
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    #[serde(serialize_with = "serialize_cell")]
    prediction: &'a str,
    confidence: f32,
    error: f64,
}

pub(super) fn make(figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let bands = class_bands(gallery.classes()).map(|classes| {
        let chosen: Vec<Vec<usize>> = classes.clone().map(|class| gallery.of_class(class as u32)).collect();
        let row = |title: &str, nth: usize, look: fn(&Gallery, usize) -> &[f32]| {
            let cells =
                chosen.iter().map(|images| images.get(nth).map_or(Cell::default(), |&i| Cell::of(look(gallery, i))));
            Row::new(title, cells)
        };
        let rows = (0..IMAGES).flat_map(|nth| {
            [
                row("image", nth, |gallery, i| gallery.image(i)),
                row("drawing", nth, |gallery, i| gallery.reconstruction(i)),
            ]
        });
        Band { columns: gallery.class_names[classes.clone()].to_vec(), rows: rows.collect(), ..Band::default() }
    });
    let table = (0..gallery.len()).map(|i| Reconstruction {
        index: gallery.indices[i],
        label: gallery.name(gallery.labels[i]),
        prediction: gallery.name(gallery.prediction(i)),
        confidence: gallery.codes.predictions[i].1,
        error: gallery.errors[i],
    });
    Ok(figure
        .picture("", &Grid { shape: gallery.shape, scale: 3, bands: bands.collect() }.canvas())?
        .table(table)?
        .finding("accuracy", gallery.accuracy())
        .finding("mean reconstruction error", gallery.mean_error()))
}
