//! The way that a style interpolation takes through image space beside the straight line between the same ends: how far
//! apart they are, and on which of them the classifier goes on seeing the class. The paper leaves it open.

use anyhow::Result;
use serde::Serialize;

use crate::draw::{Band, Cell, Grid, Line, Lines, Row, plot_lines};
use crate::study::measure::{LAMBDAS, Pair, Walk, mean, quantile, straight_path, style_path};
use crate::study::{Figure, Study};

/// Pairs shown, of classes spread over all.
const SHOWN: usize = 4;

#[derive(Default, Serialize)]
struct Place {
    lambda: f32,
    pairs: usize,
    deviation_mean: f64,
    deviation_low: f64,
    deviation_high: f64,
    confidence: f64,
    confidence_straight: f64,
}

pub(super) fn make(figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let walks = study.walks()?;
    let count = SHOWN.min(walks.len());
    let shown: Vec<Pair> = (0..count).map(|i| walks[i * walks.len() / count].pair).collect();
    let frames = style_path(study.artist, gallery, &shown)?;
    let row = |title: &str, frames: &[f32]| Row::new(title, frames.chunks(gallery.pixels()).map(Cell::of));
    let bands =
        shown.iter().zip(frames.chunks(LAMBDAS.len() * gallery.pixels())).enumerate().map(|(place, (_, frames))| {
            Band {
                heading: Vec::new(),
                columns: if place == 0 {
                    LAMBDAS.iter().map(|lambda| format!("{lambda:.1}")).collect()
                } else {
                    Vec::new()
                },
                rows: vec![row("style", frames), row("straight", &straight_path(frames))],
            }
        });
    let places: Vec<Place> = (0..LAMBDAS.len()).map(|place| place_of(walks, place)).collect();
    let line = Line {
        name: format!("mean of {} pairs; shaded: 5 % to 95 %", walks.len()),
        points: places.iter().map(|at| (f64::from(at.lambda), at.deviation_mean)).collect(),
        range: places.iter().map(|at| (f64::from(at.lambda), at.deviation_low, at.deviation_high)).collect(),
    };
    let plot = plot_lines(&Lines {
        title: "Style interpolation leaves the straight line in image space",
        x: "lambda",
        y: "distance from the line / distance of the ends",
        lines: vec![line],
    })?;
    Ok(figure
        .picture("", &Grid { shape: gallery.shape, scale: 2, bands: bands.collect() }.canvas())?
        .plot(plot)
        .table(places)?
        .finding(
            "largest deviation over the distance of the ends",
            mean(walks.iter().map(|walk| walk.path.largest_deviation())),
        )
        .finding("length over the distance of the ends", mean(walks.iter().filter_map(|walk| walk.path.detour())))
        .finding("frames classified as the class", mean(walks.iter().map(|walk| walk.style.accepted())))
        .finding("the same on the straight line", mean(walks.iter().map(|walk| walk.straight.accepted()))))
}

fn place_of(walks: &[Walk], place: usize) -> Place {
    let deviations: Vec<f64> = walks.iter().map(|walk| walk.path.deviations[place]).collect();
    let average = |value: &dyn Fn(&Walk) -> f64| mean(walks.iter().map(value)).unwrap_or(0.0);
    Place {
        lambda: LAMBDAS[place],
        pairs: walks.len(),
        deviation_mean: average(&|walk| walk.path.deviations[place]),
        deviation_low: quantile(&deviations, 0.05),
        deviation_high: quantile(&deviations, 0.95),
        confidence: average(&|walk| f64::from(walk.style.confidences[place])),
        confidence_straight: average(&|walk| f64::from(walk.straight.confidences[place])),
    }
}
