//! What each style neuron does: the generic sample of a class, drawn while one neuron goes from its 5 % to its 95 % quantile;
//! and how the neurons go with slant, width, height, thickness and ink.
//!
//! The class is the one whose styles vary most.

use anyhow::Result;
use serde::Serialize;

use crate::draw::{Band, Cell, Grid, Heat, Row, heat_map};
use crate::study::measure::{Gallery, Generic, Neuron, Shape, squared_distance, strongest};
use crate::study::{Figure, Study};
use robust_networks::{PIXELS, STYLES};

/// Drawings per neuron.
const PLACES: usize = 11;

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
    let (neurons, generics) = (study.neurons()?, study.generics()?);
    let widest = generics.iter().max_by(|a, b| spread(gallery, a).total_cmp(&spread(gallery, b)));
    if let Some(generic) = widest {
        figure = figure.picture("", &traversal(study, generic, neurons)?.canvas())?;
    }
    let heat = |title, values: &dyn Fn(&Neuron) -> [Option<f64>; 5]| Heat {
        title,
        columns: Shape::NAMES.to_vec(),
        rows: neurons.iter().enumerate().map(|(i, neuron)| (format!("m{}", i + 1), values(neuron).to_vec())).collect(),
    };
    let plot = heat_map(&[
        heat("correlation with the image, within classes", &|neuron| neuron.correlations),
        heat("effect on the drawing, in standard deviations", &|neuron| neuron.effects),
    ])?;
    let rows = neurons.iter().enumerate().flat_map(|(i, neuron)| {
        Shape::NAMES.iter().enumerate().map(move |(q, shape)| Influence {
            neuron: i + 1,
            low: neuron.low,
            high: neuron.high,
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

fn traversal(study: &Study, generic: &Generic, neurons: &[Neuron]) -> Result<Grid> {
    let mut rows = Vec::new();
    for (i, neuron) in neurons.iter().enumerate() {
        let mut styles = generic.style.repeat(PLACES);
        for (place, style) in styles.chunks_mut(STYLES).enumerate() {
            style[i] = neuron.low + (neuron.high - neuron.low) * place as f32 / (PLACES - 1) as f32;
        }
        let drawings = study.artist.draw_as(&[generic.label; PLACES], &styles)?;
        rows.push(Row::new(format!("m{}", i + 1), drawings.chunks(PIXELS).map(Cell::of)));
    }
    let columns = (0..PLACES).map(|place| match place {
        0 => "low".to_owned(),
        place if place == PLACES - 1 => "high".to_owned(),
        _ => String::new(),
    });
    let heading = vec![format!("class {} in its mean style, one neuron changed", study.gallery.name(generic.label))];
    let bands = vec![Band { heading, columns: columns.collect(), rows }];
    Ok(Grid { scale: 2, bands })
}
