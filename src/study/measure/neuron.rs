//! What each style neuron does: how its value goes with the shape of the images, and how the drawings change with it.

use anyhow::Result;

use super::{Artist, Gallery, Shape, correlation, quantile, within_classes};
use robust_networks::STYLES;

/// Images whose style is changed, one neuron at a time.
const PROBES: usize = 200;

/// One style neuron. Arrays are in the order of [`Shape::NAMES`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neuron {
    /// Its 5 % quantile over all images.
    pub(crate) low: f32,
    /// Its 95 % quantile.
    pub(crate) high: f32,
    /// Pearson's correlation of its value with the shape of the image, within classes.
    pub(crate) correlations: [Option<f64>; 5],
    /// How the shape of a drawing changes when this neuron alone goes from low to high, on average, in standard
    /// deviations of the images' shapes within classes.
    pub(crate) effects: [Option<f64>; 5],
}

/// All style neurons, measured on the gallery; `shapes` are those of its images ([`Shape::columns`]).
pub(crate) fn neurons(artist: Artist, gallery: &Gallery, shapes: &[Vec<f64>; 5]) -> Result<Vec<Neuron>> {
    let manners = shapes.each_ref().map(|values| within_classes(values, &gallery.labels));
    let spreads = manners
        .each_ref()
        .map(|values| (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt());
    let probes = gallery.spread(PROBES);
    let labels: Vec<u32> = probes.iter().map(|&i| gallery.labels[i]).collect();
    let neuron = |neuron: usize| -> Result<Neuron> {
        let values: Vec<f64> = (0..gallery.len()).map(|i| f64::from(gallery.style(i)[neuron])).collect();
        let (low, high) = (quantile(&values, 0.05) as f32, quantile(&values, 0.95) as f32);
        let drawn = |value: f32| -> Result<[Vec<f64>; 5]> {
            let mut styles = gallery.styles_of(&probes);
            styles.iter_mut().skip(neuron).step_by(STYLES).for_each(|style| *style = value);
            Ok(Shape::columns(&artist.draw_as(&labels, &styles)?))
        };
        let (at_low, at_high) = (drawn(low)?, drawn(high)?);
        let manner = within_classes(&values, &gallery.labels);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let effect = |q: usize| (spreads[q] > 0.0).then(|| (mean(&at_high[q]) - mean(&at_low[q])) / spreads[q]);
        Ok(Neuron {
            low,
            high,
            correlations: std::array::from_fn(|q| correlation(&manner, &manners[q])),
            effects: std::array::from_fn(effect),
        })
    };
    (0..STYLES).map(neuron).collect()
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
        let found = neurons(artist(), &gallery, &Shape::columns(&gallery.images)).unwrap();
        let (ink, first) = (4, &found[0]);
        assert!((first.low - 0.05).abs() < 1e-6 && (first.high - 0.95).abs() < 1e-6, "{first:?}");
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
