//! What each style neuron does: the generic sample of a class, drawn while one neuron goes from its 5 % to its 95 % quantile;
//! and how the neurons go with slant, width, height, thickness and ink, where the images are written characters.
//!
//! The class is the one whose styles vary most.

use anyhow::Result;
use serde::Serialize;

use crate::draw::{Band, Cell, Grid, Heat, Row, heat_map};
use crate::study::measure::{Gallery, Generic, Neuron, Range, Shape, squared_distance, strongest};
use crate::study::{Figure, Study};

/// Drawings per neuron.
const PLACES: usize = 11;

/// What a neuron does to strokes; without them, where its values lie alone.
#[derive(Default, Serialize)]
struct Influence<'a> {
    neuron: usize,
    low: f32,
    high: f32,
    shape: &'a str,
    correlation: Option<f64>,
    effect: Option<f64>,
}

pub(super) fn make(mut figure: Figure, study: &Study) -> Result<Figure> {
    let gallery = &study.gallery;
    let (ranges, generics) = (study.ranges(), study.generics()?);
    let widest = generics.iter().max_by(|a, b| spread(gallery, a).total_cmp(&spread(gallery, b)));
    if let Some(generic) = widest {
        figure = figure.picture("", &traversal(study, generic, ranges)?.canvas())?;
    }
    match study.neurons()? {
        Some(neurons) => on_strokes(figure, ranges, neurons),
        None => {
            let row = |(&Range { low, high }, neuron)| Influence { neuron, low, high, ..Influence::default() };
            let without = "have no strokes: traversal is without its plot of what neurons do to them";
            Ok(figure.table(ranges.iter().zip(1..).map(row))?.remark(format!("images of {} {without}", gallery.shape)))
        }
    }
}

/// How the neurons go with the shape of strokes.
fn on_strokes(mut figure: Figure, ranges: &[Range], neurons: &[Neuron]) -> Result<Figure> {
    let heat = |title, values: &dyn Fn(&Neuron) -> [Option<f64>; 5]| Heat {
        title,
        columns: Shape::NAMES.to_vec(),
        rows: neurons.iter().enumerate().map(|(i, neuron)| (format!("m{}", i + 1), values(neuron).to_vec())).collect(),
    };
    let plot = heat_map(&[
        heat("correlation with the image, within classes", &|neuron| neuron.correlations),
        heat("effect on the drawing, in standard deviations", &|neuron| neuron.effects),
    ])?;
    let rows = neurons.iter().zip(ranges).enumerate().flat_map(|(i, (neuron, range))| {
        Shape::NAMES.iter().enumerate().map(move |(q, shape)| Influence {
            neuron: i + 1,
            low: range.low,
            high: range.high,
            shape,
            correlation: neuron.correlations[q],
            effect: neuron.effects[q],
        })
    });
    figure = figure.plot(plot).table(rows)?;
    for (q, shape) in Shape::NAMES.iter().enumerate() {
        let quantity = format!("strongest correlation of a neuron with {shape}");
        figure = figure.finding(quantity, strongest(neurons, q).map(|(_, correlation)| correlation));
    }
    Ok(figure)
}

/// Mean squared distance of a class's styles from their mean.
fn spread(gallery: &Gallery, generic: &Generic) -> f64 {
    let images = gallery.of_class(generic.label);
    images.iter().map(|&i| squared_distance(gallery.style(i), &generic.style)).sum::<f64>() / images.len() as f64
}

fn traversal(study: &Study, generic: &Generic, ranges: &[Range]) -> Result<Grid> {
    let (gallery, mut rows) = (&study.gallery, Vec::new());
    for (i, range) in ranges.iter().enumerate() {
        let mut styles = generic.style.repeat(PLACES);
        for (place, style) in styles.chunks_mut(gallery.styles()).enumerate() {
            style[i] = range.low + (range.high - range.low) * place as f32 / (PLACES - 1) as f32;
        }
        let drawings = study.artist.draw_as(&[generic.label; PLACES], &styles)?;
        rows.push(Row::new(format!("m{}", i + 1), drawings.chunks(gallery.pixels()).map(Cell::of)));
    }
    let columns = (0..PLACES).map(|place| match place {
        0 => "low".to_owned(),
        place if place == PLACES - 1 => "high".to_owned(),
        _ => String::new(),
    });
    let heading = vec![format!("class {} in its mean style, one neuron changed", gallery.name(generic.label))];
    let bands = vec![Band { heading, columns: columns.collect(), rows }];
    Ok(Grid { shape: gallery.shape, scale: 2, bands })
}
