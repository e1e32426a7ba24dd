//! Figures 9 and 10: from one image of a class to another by interpolating the style; and figure 11: from a capital to the small
//! letter of another shape, 'A' to 'a'.
//!
//! Unless the user names others, the pairs are, of every class, the two whose styles are farthest apart among its first
//! 100 images: the longest way there is.

use anyhow::Result;
use serde::Serialize;

use super::Choice;
use crate::draw::{Band, Canvas, Cell, Grid, Row};
use crate::files::serialize_cell;
use crate::study::measure::{Gallery, LAMBDAS, Pair, Walk, farthest_pairs, form_pairs, mean, style_path, walks};
use crate::study::{Figure, Study};

/// Images of a class among which the farthest pair is sought.
const AMONG: usize = 100;

#[derive(Default, Serialize)]
struct Interpolation<'a> {
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    from: u64,
    to: u64,
    shown: bool,
    largest_step_over_mean: Option<f64>,
    length_over_chord: Option<f64>,
    largest_deviation: f64,
    accepted: f64,
    accepted_straight: f64,
}

pub(super) fn make(figure: Figure, study: &Study, choice: &Choice) -> Result<Figure> {
    let gallery = &study.gallery;
    let mut pairs = choice.pair_positions(gallery)?;
    if pairs.is_empty() {
        pairs = farthest_pairs(gallery, AMONG);
    }
    let canvas = picture(study, &pairs, |pair| gallery.name(gallery.labels[pair.from]).to_owned())?;
    let (shown, random) = (walks(study.artist, gallery, &pairs)?, study.walks()?);
    let rows = shown.iter().map(|walk| row(gallery, walk, true));
    Ok(figure
        .picture("", &canvas)?
        .table(rows.chain(random.iter().map(|walk| row(gallery, walk, false))))?
        .finding("random pairs of one class", random.len() as f64)
        .finding("largest step over mean step", mean(random.iter().filter_map(|walk| walk.path.unevenness())))
        .finding("frames classified as the class", mean(random.iter().map(|walk| walk.style.accepted()))))
}

/// Figure 11; none where no letter is known in both of its forms.
pub(super) fn make_forms(figure: Figure, study: &Study) -> Result<Option<Figure>> {
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
        .finding("frames classified as the letter", mean(walks.iter().map(|walk| walk.style.accepted())));
    Ok(Some(figure))
}

/// The images of every pair with the paper's ten frames between them.
fn picture(study: &Study, pairs: &[Pair], title: impl Fn(&Pair) -> String) -> Result<Canvas> {
    let gallery = &study.gallery;
    let frames = style_path(study.artist, gallery, pairs)?;
    let rows = pairs.iter().zip(frames.chunks(LAMBDAS.len() * gallery.pixels())).map(|(pair, frames)| {
        let between = frames.chunks(gallery.pixels()).skip(1).map(Cell::of);
        let (from, to) = (Cell::of(gallery.image(pair.from)), Cell::of(gallery.image(pair.to)));
        Row::new(title(pair), std::iter::once(from).chain(between).chain([to]))
    });
    let lambdas = LAMBDAS[1..].iter().map(|lambda| format!("{lambda:.1}"));
    let columns = std::iter::once("from".to_owned()).chain(lambdas).chain(["to".to_owned()]);
    let band = Band { heading: Vec::new(), columns: columns.collect(), rows: rows.collect() };
    Ok(Grid { shape: gallery.shape, scale: 2, bands: vec![band] }.canvas())
}

fn row<'a>(gallery: &'a Gallery, walk: &Walk, shown: bool) -> Interpolation<'a> {
    Interpolation {
        label: gallery.name(gallery.labels[walk.pair.from]),
        from: gallery.indices[walk.pair.from],
        to: gallery.indices[walk.pair.to],
        shown,
        largest_step_over_mean: walk.path.unevenness(),
        length_over_chord: walk.path.detour(),
        largest_deviation: walk.path.largest_deviation(),
        accepted: walk.style.accepted(),
        accepted_straight: walk.straight.accepted(),
    }
}
