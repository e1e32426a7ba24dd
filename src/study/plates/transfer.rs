//! Style transfer: the style of the first image of every class (down) under every label (across).

use anyhow::Result;
use serde::Serialize;

use super::COLUMNS;
use crate::draw::{Band, Cell, Grid, Row};
use crate::files::serialize_cell;
use crate::study::{Figure, Study};

#[derive(Default, Serialize)]
struct Rate<'a> {
    #[serde(serialize_with = "serialize_cell")]
    style_of: &'a str,
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    images: usize,
    accepted: Option<f64>,
}

pub(super) fn make(figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let labels: Vec<u32> = (0..gallery.classes() as u32).collect();
    let firsts: Vec<usize> = labels.iter().filter_map(|&label| gallery.of_class(label).first().copied()).collect();
    let mut rows = Vec::new();
    for &image in &firsts {
        let drawings = study.artist.draw_as(&labels, &gallery.style(image).repeat(labels.len()))?;
        let own = Cell { frame: 2, ..Cell::of(gallery.image(image)) };
        rows.push(Row::new("", std::iter::once(own).chain(drawings.chunks(gallery.pixels()).map(Cell::of))));
    }
    // Letters twice as large would not fit a page, and a column as narrow has no room for a word.
    let (scale, corner) = if labels.len() > COLUMNS { (1, "") } else { (2, "style") };
    let columns = std::iter::once(corner.to_owned()).chain(gallery.class_names.iter().cloned()).collect();
    let grid = Grid { shape: gallery.shape, scale, bands: vec![Band { heading: Vec::new(), columns, rows }] };
    let transfer = study.transfer()?;
    let pairs = labels.iter().flat_map(|&from| labels.iter().map(move |&to| (from, to)));
    let table = pairs.map(|(from, to)| Rate {
        style_of: gallery.name(from),
        label: gallery.name(to),
        images: transfer.images(from as usize),
        accepted: transfer.rate(from as usize, to as usize),
    });
    Ok(figure
        .picture("", &grid.canvas())?
        .table(table)?
        .finding("drawings under another label classified as that label", transfer.rate_across())
        .finding("drawings under the own label classified as it", transfer.rate_within()))
}
