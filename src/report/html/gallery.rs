//! Some of a set's images, and what the network draws of them.
//!
//! Eight bits per pixel are for the eye alone; scores and errors are those of the exact images.

use anyhow::Result;
use candle_core::{DType, Device, Tensor};
use robust_attacks::ClassConditional;
use robust_detectors::{Perception, Reason};
use serde::Serialize;

use super::attacked::{Attacked, AttackedRow};
use super::pictures::Pixels;
use super::shown::{choose_at_most, fitting};
use crate::packed;

/// The images shown of a set, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Gallery {
    /// Channels, rows and columns of every picture.
    pub(crate) shape: [usize; 3],
    /// Their positions in the set.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) position: Vec<u32>,
    /// Confidence on the clean image.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) clean_confidence: Vec<f32>,
    /// Confidence on the adversarial image.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) confidence: Vec<f32>,
    /// Largest change of a pixel.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) linf: Vec<f32>,
    /// Euclidean length of the change.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) l2: Vec<f32>,
    /// Number of pixels changed.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) l0: Vec<f32>,
    /// Levels of the clean images, channel by channel.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) clean: Vec<u8>,
    /// Levels of the adversarial images.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) adversarial: Vec<u8>,
    /// Why the detector that flags does so, in plain words; no words where it does not, or where no file says it.
    pub(crate) reason: Vec<&'static str>,
    /// What the network draws of them; none without the network.
    pub(crate) drawn: Option<Drawn>,
    /// The adversarial images, exactly.
    #[serde(skip)]
    exact: Vec<f32>,
}

/// Reconstructions of the adversarial images from their own style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Drawn {
    /// Levels under the predicted label.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) predicted: Vec<u8>,
    /// Levels under the best of the other labels.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) alternative: Vec<u8>,
    /// That label.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) alternative_label: Vec<u32>,
    /// `||x̂ - x||²` under the predicted label.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) error_predicted: Vec<f32>,
    /// The same under the other.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) error_alternative: Vec<f32>,
}

impl Gallery {
    /// Of the images at `position` of `attacked`, those that fit into the page, which shows images of so many `sets`; `flagged` is as for
    /// [`choose`](super::shown::choose).
    pub(super) fn new(attacked: &Attacked, flagged: &[bool], position: &[usize], pixels: Pixels, sets: usize) -> Self {
        let Pixels { shape, clean, adversarial } = pixels;
        let rows: Vec<AttackedRow> = position.iter().map(|&i| attacked.rows[i]).collect();
        let flagged: Vec<bool> = position.iter().filter_map(|&i| flagged.get(i).copied()).collect();
        let kept = choose_at_most(&rows, &flagged, fitting(shape, sets));
        let column = |value: fn(&AttackedRow) -> f32| kept.iter().map(|&i| value(&rows[i])).collect();
        let values = shape.values();
        let images = |all: &[f32]| kept.iter().flat_map(|&i| &all[i * values..][..values]).copied().collect();
        let (clean, adversarial): (Vec<f32>, Vec<f32>) = (images(&clean), images(&adversarial));
        Self {
            shape: [shape.channels, shape.height, shape.width],
            clean_confidence: column(|row| row.clean_confidence),
            confidence: column(|row| row.confidence),
            linf: column(|row| row.linf),
            l2: column(|row| row.l2),
            l0: column(|row| row.l0),
            position: kept.iter().map(|&i| position[i] as u32).collect(),
            clean: packed::levels(&clean),
            adversarial: packed::levels(&adversarial),
            reason: vec![""; kept.len()],
            drawn: None,
            exact: adversarial,
        }
    }

    /// With the `reasons` of those that are shown, out of all of the set.
    pub(super) fn with_reasons(mut self, reasons: &[Option<Reason>]) -> Self {
        for (shown, &position) in self.reason.iter_mut().zip(&self.position) {
            *shown = reasons.get(position as usize).copied().flatten().map_or("", Reason::words);
        }
        self
    }

    /// Adds what `network` draws.
    pub(super) fn draw(&mut self, network: &dyn ClassConditional) -> Result<()> {
        let [channels, rows, columns] = self.shape;
        let x = Tensor::from_slice(&self.exact, (self.position.len(), channels, rows, columns), &Device::Cpu)?;
        let perception = Perception::new(network, &x)?;
        let errors = perception.errors()?;
        let style = perception.style()?;
        self.drawn = Some(Drawn {
            predicted: drawn(network, style, perception.predictions())?,
            alternative: drawn(network, style, errors.alternative_label())?,
            alternative_label: errors.alternative_label().to_vec(),
            error_predicted: errors.predicted().to_vec(),
            error_alternative: errors.alternative().to_vec(),
        });
        Ok(())
    }
}

/// Levels of what `network` draws from each `style` under its label.
pub(super) fn drawn(network: &dyn ClassConditional, style: &Tensor, labels: &[u32]) -> Result<Vec<u8>> {
    let one_hot = Tensor::eye(network.signature().classes, DType::F32, &Device::Cpu)?;
    let labels = one_hot.index_select(&Tensor::new(labels, &Device::Cpu)?, 0)?;
    Ok(packed::levels(&network.decode(&labels, style)?.flatten_all()?.to_vec1()?))
}

#[cfg(test)]
mod tests {
    use robust_data::ImageShape;
    use robust_networks::{Parameters, StyleMemory, StyleMemorySpec};
    use serde_json::Map;

    use super::*;
    use crate::report::html::shown::choose;

    fn attacked(images: u32) -> Attacked {
        let row = |index| AttackedRow { index, l2: index as f32, ..AttackedRow::default() };
        let rows = (0..images).map(row).collect();
        Attacked { rows, summary: Map::new(), name: String::new(), folder: String::new(), images: None }
    }

    #[test]
    fn a_gallery_keeps_what_fits_of_images_of_any_shape() {
        let shapes = [[1, 28, 28], [3, 32, 32], [3, 24, 40], [1, 64, 64], [3, 224, 224]];
        for ([channels, height, width], shown) in shapes.into_iter().zip([96, 49, 52, 36, 4]) {
            let shape = ImageShape { channels, height, width };
            let attacked = attacked(200);
            let position = choose(&attacked.rows, &[]);
            let image = |row: usize, change: usize| vec![(row + change) as f32 / 255.0; shape.values()];
            let images = |change| position.iter().flat_map(|&row| image(row, change)).collect();
            let pixels = Pixels { shape, clean: images(0), adversarial: images(2) };
            let gallery = Gallery::new(&attacked, &[], &position, pixels, 1);
            assert_eq!((gallery.shape, gallery.position.len()), ([channels, height, width], shown), "{shape}");
            for (i, &row) in gallery.position.iter().enumerate() {
                assert_eq!(gallery.l2[i], row as f32);
                assert_eq!(gallery.clean[(i + 1) * shape.values() - 1], row as u8, "image {row} of {shape}");
                assert_eq!(gallery.adversarial[i * shape.values()], row as u8 + 2, "image {row} of {shape}");
            }
            assert_eq!(gallery.clean.len(), shown * shape.values());
        }
    }

    #[test]
    fn the_network_of_a_shape_draws_its_pictures_and_no_others() {
        let network = |input| {
            let parameters = Parameters::random(StyleMemorySpec::new(input, 5), 3);
            StyleMemory::new(&parameters, &Device::Cpu).unwrap()
        };
        for input in [[1, 28, 28], [3, 32, 32], [3, 24, 40], [1, 64, 64]] {
            let shape = ImageShape { channels: input[0], height: input[1], width: input[2] };
            let images = vec![0.5; 2 * shape.values()];
            let pixels = Pixels { shape, clean: images.clone(), adversarial: images };
            let mut gallery = Gallery::new(&attacked(2), &[], &[0, 1], pixels, 1);
            let error = gallery.draw(&network([2, 5, 5])).unwrap_err().to_string();
            assert!(error.contains("images have shape") && gallery.drawn.is_none(), "{error}");
            gallery.draw(&network(input)).unwrap();
            assert_eq!(gallery.drawn.unwrap().alternative.len(), 2 * shape.values(), "{shape}");
        }
    }
}
