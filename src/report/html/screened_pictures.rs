//! The images of verdicts, and what the network draws of them.
//!
//! The images lie where they came from. They are shown if they can be read there again under the same names, and drawn if the network
//! that judged them still says the same of them.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use candle_core::{Device, Tensor};
use robust_attacks::ClassConditional;
use robust_data::{PIXELS, input};
use robust_detectors::Perception;
use serde::Serialize;

use super::gallery::drawn;
use super::screened::{Screened, Verdict};
use crate::packed;
use crate::report::cell::cell;
use robust_networks::SIDE;

/// Standard input has no second reading.
const STREAM: &str = "-";
/// How far confidences of one network on two kinds of machine are apart at most.
const SAME: f32 = 1e-3;

/// Grey levels of the images shown, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pictures {
    /// The images.
    #[serde(serialize_with = "packed::bytes")]
    pub image: Vec<u8>,
    /// What the network draws of them; none without the network.
    pub drawn: Option<DrawnTwice>,
    /// The images, exactly.
    #[serde(skip)]
    exact: Vec<f32>,
}

/// Reconstructions of the images from their own style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrawnTwice {
    /// Under the prediction.
    #[serde(serialize_with = "packed::bytes")]
    pub predicted: Vec<u8>,
    /// Under the alternative.
    #[serde(serialize_with = "packed::bytes")]
    pub alternative: Vec<u8>,
}

impl Screened {
    /// Reads the images to be shown where they came from.
    ///
    /// # Errors
    /// Why there is nothing to show: nobody knows where they came from, they cannot be read, or they have other names now.
    pub fn find_pictures(&mut self) -> Result<()> {
        let input = self.text("input").context("detect.json does not say where the images came from")?;
        ensure!(input != STREAM, "the images came through standard input");
        let found = input::read(Path::new(input), self.text("key"))?;
        let names = found.rows().filter(|row| row.image.is_ok()).map(|row| cell(&row.source).into_owned());
        ensure!(names.eq(self.sources.iter().cloned()), "{input} holds other images than detect.csv tells of");
        let pixels = found.images.pixels();
        let exact = self.verdicts.iter().flat_map(|verdict| &pixels[verdict.position * PIXELS..][..PIXELS]);
        let exact: Vec<f32> = exact.copied().collect();
        self.pictures = Some(Pictures { image: packed::grey(&exact), drawn: None, exact });
        Ok(())
    }

    /// Adds to the pictures what `network` draws of them.
    ///
    /// # Errors
    /// Whatever the network reports, or that it says other than the verdicts: the images are others then, and are not shown.
    pub fn draw(&mut self, network: &dyn ClassConditional) -> Result<()> {
        let Some(pictures) = self.pictures.as_mut().filter(|_| !self.verdicts.is_empty()) else { return Ok(()) };
        let x = Tensor::from_slice(&pictures.exact, (self.verdicts.len(), 1, SIDE, SIDE), &Device::Cpu)?;
        let perception = Perception::new(network, &x)?;
        let said = perception.predictions().iter().zip(perception.confidences());
        let is_same = |((&prediction, &confidence), verdict): ((&u32, &f32), &Verdict)| {
            prediction == verdict.prediction && (confidence - verdict.confidence).abs() < SAME
        };
        let alternative: Vec<u32> = self.verdicts.iter().map(|verdict| verdict.alternative).collect();
        let are_known = alternative.iter().all(|&label| (label as usize) < network.signature().classes);
        if !are_known || !said.zip(&self.verdicts).all(is_same) {
            self.pictures = None;
            bail!("the network says other than detect.csv of the images that are there now");
        }
        pictures.drawn = Some(DrawnTwice {
            predicted: drawn(network, perception.style(), perception.predictions())?,
            alternative: drawn(network, perception.style(), &alternative)?,
        });
        Ok(())
    }
}
