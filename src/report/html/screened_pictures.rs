//! The images of verdicts, and what the network draws of them.
//!
//! The images lie where they came from. They are shown if they can be read there again under the same names, and drawn if the network
//! that judged them still says the same of them.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use candle_core::{Device, Tensor};
use robust_attacks::ClassConditional;
use robust_data::{ImageShape, PIXELS, input};
use robust_detectors::Perception;
use robust_networks::SIDE;
use serde::Serialize;

use super::gallery::drawn;
use super::screened_row::ScreenedRow;
use crate::files::cell;
use crate::packed;

/// Standard input has no second reading.
const STREAM: &str = "-";
/// How far confidences of one network on two kinds of machine are apart at most.
const SAME: f32 = 1e-3;

/// Grey levels of the images shown, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Pictures {
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) image: Vec<u8>,
    /// What the network draws of them; none without the network.
    pub(crate) drawn: Option<DrawnTwice>,
    /// The images, exactly.
    #[serde(skip)]
    exact: Vec<f32>,
}

/// Reconstructions of the images from their own style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DrawnTwice {
    /// Under the prediction.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) predicted: Vec<u8>,
    /// Under the alternative.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) alternative: Vec<u8>,
}

impl Pictures {
    /// The images of `verdicts` out of `input`, which holds images of these names.
    pub(super) fn find(input: &str, key: Option<&str>, sources: &[String], verdicts: &[ScreenedRow]) -> Result<Self> {
        ensure!(input != STREAM, "the images came through standard input");
        let found = input::read(Path::new(input), &input::Wanted { key, ..input::Wanted::of(ImageShape::GREY) })?;
        let names = found.rows().filter(|row| row.image.is_ok()).map(|row| cell(&row.source).into_owned());
        ensure!(names.eq(sources.iter().cloned()), "{input} holds other images than detect.csv tells of");
        let pixels = found.images.pixels();
        let exact = verdicts.iter().flat_map(|verdict| &pixels[verdict.position * PIXELS..][..PIXELS]);
        let exact: Vec<f32> = exact.copied().collect();
        Ok(Self { image: packed::grey(&exact), drawn: None, exact })
    }

    /// With what `network` draws of the images, if it says the same of them as the verdicts.
    pub(super) fn drawn_by(self, network: &dyn ClassConditional, verdicts: &[ScreenedRow]) -> Result<Self> {
        let x = Tensor::from_slice(&self.exact, (verdicts.len(), 1, SIDE, SIDE), &Device::Cpu)?;
        let perception = Perception::new(network, &x)?;
        let said = perception.predictions().iter().zip(perception.confidences());
        let is_same = |((&prediction, &confidence), verdict): ((&u32, &f32), &ScreenedRow)| {
            prediction == verdict.prediction && (confidence - verdict.confidence).abs() < SAME
        };
        let alternative: Vec<u32> = verdicts.iter().map(|verdict| verdict.alternative).collect();
        let are_known = alternative.iter().all(|&label| (label as usize) < network.signature().classes);
        if !are_known || !said.zip(verdicts).all(is_same) {
            bail!("the network says other than detect.csv of the images that are there now");
        }
        let style = perception.style()?;
        let drawn = DrawnTwice {
            predicted: drawn(network, style, perception.predictions())?,
            alternative: drawn(network, style, &alternative)?,
        };
        Ok(Self { drawn: Some(drawn), ..self })
    }
}
