//! Figure 11: from a capital to the small letter of another shape, 'A' to 'a', by interpolating the style.

use anyhow::Result;

use super::interpolation::{picture, row};
use crate::study::measure::{Pair, Walk, form_pairs, mean, walks};
use crate::study::{Figure, Study};

pub(super) fn make(figure: Figure, study: &Study) -> Result<Option<Figure>> {
    let gallery = &study.gallery;
    let pairs = form_pairs(gallery);
    if pairs.is_empty() {
        return Ok(None);
    }
    let form = |position: usize| gallery.characters[position].map_or(String::new(), String::from);
    let canvas = picture(study, &pairs, |pair: &Pair| format!("{} {}", form(pair.from), form(pair.to)))?;
    let walks = walks(study.artist, gallery, &pairs)?;
    let figure = figure
        .picture("", &canvas)?
        .table(walks.iter().map(|walk| row(gallery, walk, true)))?
        .finding("pairs of incongruous forms", walks.len() as f64)
        .finding("largest step over mean step", mean(walks.iter().filter_map(|walk| walk.path.unevenness())))
        .finding("frames classified as the letter", mean(walks.iter().map(Walk::accepted)));
    Ok(Some(figure))
}
