//! What each style neuron does: where its values lie, and where the images are written characters, how they go with the shape of the
//! strokes, and how the drawings change with them.

use anyhow::Result;

use super::{Artist, Gallery, Shape, correlation, quantile, within_classes};

/// Images whose style is changed, one neuron at a time.
const PROBES: usize = 200;

/// Where the values of a style neuron lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// The 5 % quantile over all images.
    pub(crate) low: f32,
    /// The 95 % quantile.
    pub(crate) high: f32,
}

/// Of every style neuron.
pub(crate) fn ranges(gallery: &Gallery) -> Vec<Range> {
    let range = |neuron: usize| {
        let values = values_of(gallery, neuron);
        Range { low: quantile(&values, 0.05) as f32, high: quantile(&values, 0.95) as f32 }
    };
    (0..gallery.styles()).map(range).collect()
}

fn values_of(gallery: &Gallery, neuron: usize) -> Vec<f64> {
    (0..gallery.len()).map(|i| f64::from(gallery.style(i)[neuron])).collect()
}

/// What one style neuron does to strokes. Arrays are in the order of [`Shape::NAMES`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neuron {
    /// Pearson's correlation of its value with the shape of the image, within classes.
    pub(crate) correlations: [Option<f64>; 5],
    /// How the shape of a drawing changes when this neuron alone goes from low to high, on average, in standard
    /// deviations of the images' shapes within classes.
    pub(crate) effects: [Option<f64>; 5],
}

/// All style neurons, measured on the gallery; `shapes` are those of its images ([`Shape::columns`]), and `ranges` those of the neurons.
pub(crate) fn neurons(
    artist: Artist,
    gallery: &Gallery,
    shapes: &[Vec<f64>; 5],
    ranges: &[Range],
) -> Result<Vec<Neuron>> {
    let manners = shapes.each_ref().map(|values| within_classes(values, &gallery.labels));
    let spreads = manners
        .each_ref()
        .map(|values| (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt());
    let probes = gallery.spread(PROBES);
    let labels: Vec<u32> = probes.iter().map(|&i| gallery.labels[i]).collect();
    let neuron = |(neuron, &Range { low, high }): (usize, &Range)| -> Result<Neuron> {
        let drawn = |value: f32| -> Result<[Vec<f64>; 5]> {
            let mut styles = gallery.styles_of(&probes);
            styles.iter_mut().skip(neuron).step_by(gallery.styles()).for_each(|style| *style = value);
            Ok(Shape::columns(&artist.draw_as(&labels, &styles)?))
        };
        let (at_low, at_high) = (drawn(low)?, drawn(high)?);
        let manner = within_classes(&values_of(gallery, neuron), &gallery.labels);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let effect = |q: usize| (spreads[q] > 0.0).then(|| (mean(&at_high[q]) - mean(&at_low[q])) / spreads[q]);
        Ok(Neuron {
            correlations: std::array::from_fn(|q| correlation(&manner, &manners[q])),
            effects: std::array::from_fn(effect),
        })
    };
    ranges.iter().enumerate().map(neuron).collect()
}

/// The neuron (from 0) that goes most closely with number `q` of the shape, and its correlation.
pub(crate) fn strongest(neurons: &[Neuron], q: usize) -> Option<(usize, f64)> {
    let correlations = neurons.iter().enumerate().filter_map(|(i, neuron)| Some((i, neuron.correlations[q]?)));
    correlations.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::{artist, gallery};

    #[test]
    fn a_neuron_that_is_ink_goes_with_the_ink() {
        let images: Vec<(u32, u32, f32)> = (0..41).map(|i| (i % 2, i % 2, i as f32 / 40.0)).collect();
        let gallery = gallery(&images);
        let ranges = ranges(&gallery);
        assert!((ranges[0].low - 0.05).abs() < 1e-6 && (ranges[0].high - 0.95).abs() < 1e-6, "{ranges:?}");
        let found = neurons(artist(), &gallery, &Shape::columns(&gallery.images), &ranges).unwrap();
        let (ink, first) = (4, &found[0]);
        assert!((first.correlations[ink].unwrap() - 1.0).abs() < 1e-6);
        // The ink rises by 0.9; its spread is that of the first neuron within classes.
        let values =
            within_classes(&images.iter().map(|image| f64::from(image.2)).collect::<Vec<_>>(), &gallery.labels);
        let spread = (values.iter().map(|value| value * value).sum::<f64>() / 41.0).sqrt();
        assert!((first.effects[ink].unwrap() - 0.9 / spread).abs() < 1e-4);
        assert_eq!((found[1].correlations, found[1].effects[ink]), ([None; 5], Some(0.0)), "a constant neuron");
        assert_eq!(strongest(&found, ink).map(|(neuron, _)| neuron), Some(0));
    }
}
