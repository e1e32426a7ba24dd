//! Figures 7 and 8: the 97 nearest neighbours of an image in image space and in style space; and the same counts and
//! distances with every image as query.
//!
//! Unless the user names others, the queries are the images at a quarter and at three quarters of the file.

use anyhow::Result;
use serde::Serialize;

use super::Choice;
use crate::draw::{Band, Canvas, Cell, Grid, Line, Lines, Row, plot_lines};
use crate::files::serialize_cell;
use crate::study::measure::{Gallery, Neighbourhood, Neighbourhoods, Space};
use crate::study::{Figure, Study};

/// Images in a row: the query and its 97 neighbours fill seven.
const ROW: usize = 14;
/// Bars of the histogram are so many neighbours wide: 0 to 97 in 14 bars.
const BAR: usize = 7;

#[derive(Default, Serialize)]
struct Query<'a> {
    index: u64,
    #[serde(serialize_with = "serialize_cell")]
    label: &'a str,
    neighbours: usize,
    same_class_in_images: usize,
    same_class_in_styles: usize,
    image_distance_in_images: f64,
    image_distance_in_styles: f64,
    style_distance_in_images: f64,
    style_distance_in_styles: f64,
    #[serde(serialize_with = "serialize_cell")]
    vote_in_images: &'a str,
    #[serde(serialize_with = "serialize_cell")]
    vote_in_styles: &'a str,
}

pub(super) fn make(mut figure: Figure, study: &Study, choice: &Choice) -> Result<Figure> {
    let gallery = &study.gallery;
    let mut queries = choice.query_positions(gallery)?;
    if queries.is_empty() {
        queries = vec![gallery.len() / 4, gallery.len() * 3 / 4];
        queries.dedup();
    }
    let found = study.neighbourhoods()?;
    for &query in &queries {
        figure = figure.picture(&format!("-{}", gallery.indices[query]), &picture(gallery, found, query))?;
    }
    let table = (0..gallery.len()).map(|i| {
        let (in_images, in_styles) = (&found.images.sums[i], &found.styles.sums[i]);
        Query {
            index: gallery.indices[i],
            label: gallery.name(gallery.labels[i]),
            neighbours: found.count(),
            same_class_in_images: in_images.same_class,
            same_class_in_styles: in_styles.same_class,
            image_distance_in_images: in_images.image_distance,
            image_distance_in_styles: in_styles.image_distance,
            style_distance_in_images: in_images.style_distance,
            style_distance_in_styles: in_styles.style_distance,
            vote_in_images: gallery.name(in_images.vote),
            vote_in_styles: gallery.name(in_styles.vote),
        }
    });
    figure = figure.plot(histogram(found)?).table(table)?;
    figure = figure.finding("neighbours per query", found.count() as f64);
    for (space, all) in [("image", &found.images.sums), ("style", &found.styles.sums)] {
        let mean = |value: fn(&Neighbourhood) -> f64| all.iter().map(value).sum::<f64>() / all.len() as f64;
        figure = figure
            .finding(format!("of the query's class in {space} space"), mean(|one| one.same_class as f64))
            .finding(format!("mean image distance in {space} space"), mean(|one| one.image_distance))
            .finding(format!("mean style distance in {space} space"), mean(|one| one.style_distance));
    }
    Ok(figure)
}

/// The query and its neighbours in both spaces; those of its class have a light frame.
fn picture(gallery: &Gallery, found: &Neighbourhoods, query: usize) -> Canvas {
    let band = |name: &str, space: &Space| {
        let (near, sum) = (&space.near[query], &space.sums[query]);
        let first = Cell { frame: 3, ..Cell::of(gallery.image(query)) };
        let others = near.iter().map(|neighbour| {
            let same = gallery.labels[neighbour.position] == gallery.labels[query];
            Cell { frame: usize::from(same), ..Cell::of(gallery.image(neighbour.position)) }
        });
        let cells: Vec<Cell> = std::iter::once(first).chain(others).collect();
        let heading = vec![
            format!("nearest in {name} space: {} of {} are of its class (thin frames)", sum.same_class, near.len()),
            format!("mean image distance {:.2}, mean style distance {:.3}", sum.image_distance, sum.style_distance),
        ];
        let rows = cells.chunks(ROW).map(|cells| Row::new("", cells.to_vec())).collect();
        Band { heading, columns: Vec::new(), rows }
    };
    let title = format!("image {}, class {}", gallery.indices[query], gallery.name(gallery.labels[query]));
    let bands = vec![
        Band { heading: vec![title], ..Band::default() },
        band("image", &found.images),
        band("style", &found.styles),
    ];
    Grid { shape: gallery.shape, scale: 2, bands }.canvas()
}

/// How many queries have how many neighbours of their class, in both spaces.
fn histogram(found: &Neighbourhoods) -> Result<String> {
    let line = |name: &str, all: &[Neighbourhood]| {
        let mut bars = vec![0; found.count() / BAR + 1];
        all.iter().for_each(|one| bars[one.same_class / BAR] += 1);
        let share = |bar: usize| 100.0 * f64::from(bars[bar]) / all.len() as f64;
        let corners = |bar: usize| [((bar * BAR) as f64, share(bar)), (((bar + 1) * BAR) as f64, share(bar))];
        Line { name: name.to_owned(), points: (0..bars.len()).flat_map(corners).collect(), range: Vec::new() }
    };
    plot_lines(&Lines {
        title: "Neighbours of the query's class",
        x: &format!("of the {} nearest neighbours", found.count()),
        y: "share of all queries, %",
        lines: vec![line("image space", &found.images.sums), line("style space", &found.styles.sums)],
    })
}
