//! The generic sample of a class: its label drawn in its mean style.
//!
//! A classifier run backwards without a style (bidirectional backpropagation, Luo, Fu and Glass 2017) can draw no more
//! than one image per class. How much better a drawing in an image's own style fits it is what the style memory adds.

use anyhow::Result;

use super::{Artist, Gallery, squared_distance};

/// The generic sample of a class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Generic {
    pub(crate) label: u32,
    /// Its images in the gallery.
    pub(crate) images: usize,
    /// `(S)`, their mean style.
    pub(crate) style: Vec<f32>,
    /// `(P)`.
    pub(crate) drawing: Vec<f32>,
    /// What the classifier says of the drawing, and how sure it is.
    pub(crate) seen: (u32, f32),
    /// Mean over the class of `||drawing - x||²`.
    pub(crate) error: f64,
    /// Mean over the class of `||x̂ - x||²`, each image drawn in its own style.
    pub(crate) error_in_own_style: f64,
}

/// The generic sample of every class that has images.
pub(crate) fn generics(artist: Artist, gallery: &Gallery) -> Result<Vec<Generic>> {
    let classes = (0..gallery.classes() as u32).map(|label| (label, gallery.of_class(label)));
    let filled = classes.filter(|(_, images)| !images.is_empty());
    filled.map(|(label, images)| generic(artist, gallery, label, &images)).collect()
}

fn generic(artist: Artist, gallery: &Gallery, label: u32, images: &[usize]) -> Result<Generic> {
    let mean = |value: &dyn Fn(usize) -> f64| images.iter().map(|&i| value(i)).sum::<f64>() / images.len() as f64;
    let style: Vec<f32> =
        (0..gallery.styles()).map(|neuron| mean(&|i| f64::from(gallery.style(i)[neuron])) as f32).collect();
    let drawing = artist.draw_as(&[label], &style)?;
    Ok(Generic {
        label,
        images: images.len(),
        seen: artist.read(&drawing)?.predictions[0],
        error: mean(&|i| squared_distance(&drawing, gallery.image(i))),
        error_in_own_style: mean(&|i| gallery.errors[i]),
        style,
        drawing,
    })
}

/// `(N)`: the error of every image's generic sample, that of its class.
pub(crate) fn generic_errors(gallery: &Gallery, generics: &[Generic]) -> Vec<f64> {
    let of = |image: usize| generics.iter().find(|generic| generic.label == gallery.labels[image]);
    let error = |image| of(image).map_or(0.0, |generic| squared_distance(&generic.drawing, gallery.image(image)));
    (0..gallery.len()).map(error).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::measure::toy::{artist, gallery};

    #[test]
    fn the_generic_sample_has_the_mean_style_and_its_error_is_the_variance() {
        let gallery = gallery(&[(0, 0, 0.2), (0, 0, 0.6), (2, 2, 0.5)]);
        let found = generics(artist(), &gallery).unwrap();
        assert_eq!(found.iter().map(|generic| (generic.label, generic.images)).collect::<Vec<_>>(), [(0, 2), (2, 1)]);
        assert!((found[0].style[0] - 0.4).abs() < 1e-6 && found[0].seen.0 == 0);
        assert!((found[0].error - 0.04).abs() < 1e-6 && found[1].error < 1e-12, "{found:?}");
        assert_eq!(found[0].error_in_own_style, 0.25);
        let errors = generic_errors(&gallery, &found);
        assert_eq!(errors.len(), 3);
        assert!((errors.iter().sum::<f64>() - 0.08).abs() < 1e-6, "{errors:?}");
    }
}
