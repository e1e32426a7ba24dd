//! The images of verdicts, and what the network draws of them.
//!
//! The images lie where they came from. They are shown if they can be read there again under the same names, and drawn if the network
//! that judged them still says the same of them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use candle_core::{Device, Tensor};
use robust_attacks::ClassConditional;
use robust_data::input::{self, Input, Wanted};
use robust_detectors::Perception;
use serde::Serialize;

use super::gallery::drawn;
use super::screened_row::ScreenedRow;
use crate::files::cell;
use crate::packed;

/// Standard input has no second reading.
const STREAM: &str = "-";
/// How far confidences of one network on two kinds of machine are apart at most.
const SAME: f32 = 1e-3;

/// Levels in a column of pictures: three columns take at most 2.4 MB of the page.
const LEVELS: usize = 4 * 192 * 784;
/// Images that are shown however large they are.
const FEWEST: usize = 4;

/// Levels of the images shown, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Pictures {
    /// Channels, rows and columns of every picture.
    pub(crate) shape: [usize; 3],
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
    /// The images of `verdicts` out of `inputs`, which hold images of these names. Of large images the last verdicts are taken away:
    /// those that are left fit into a page.
    pub(super) fn find(
        inputs: &[String],
        wanted: &Wanted,
        sources: &[String],
        verdicts: &mut Vec<ScreenedRow>,
    ) -> Result<Self> {
        ensure!(!inputs.iter().any(|input| input == STREAM), "the images came through standard input");
        let read = |input: &String| Ok((PathBuf::from(input), input::read_among(Path::new(input), wanted)?));
        let found = Input::joined(inputs.iter().map(read).collect::<Result<_>>()?).context("no input")?;
        let names = found.rows().filter(|row| row.image.is_ok()).map(|row| cell(&row.source).into_owned());
        ensure!(names.eq(sources.iter().cloned()), "{} holds other images than detect.csv tells of", inputs.join(", "));
        let (pixels, shape) = (found.images.pixels(), found.images.shape());
        let values = shape.values();
        verdicts.truncate((LEVELS / values).max(FEWEST));
        let exact = verdicts.iter().flat_map(|verdict| &pixels[verdict.position * values..][..values]);
        let exact: Vec<f32> = exact.copied().collect();
        let shape = [shape.channels, shape.height, shape.width];
        Ok(Self { shape, image: packed::levels(&exact), drawn: None, exact })
    }

    /// With what `network` draws of the images, if it says the same of them as the verdicts.
    pub(super) fn drawn_by(self, network: &dyn ClassConditional, verdicts: &[ScreenedRow]) -> Result<Self> {
        let [channels, rows, columns] = self.shape;
        let x = Tensor::from_slice(&self.exact, (verdicts.len(), channels, rows, columns), &Device::Cpu)?;
        let perception = Perception::new(network, &x)?;
        let said = perception.predictions().iter().zip(perception.confidences());
        let is_same = |((&prediction, &confidence), verdict): ((&u32, &f32), &ScreenedRow)| {
            prediction == verdict.prediction && (confidence - verdict.confidence).abs() < SAME
        };
        let alternative = verdicts.iter().map(|verdict| verdict.drawn.map(|drawn| drawn.alternative_label));
        let alternative: Vec<u32> = alternative.flatten().collect();
        let are_known = alternative.iter().all(|&label| (label as usize) < network.signature().classes)
            && alternative.len() == verdicts.len();
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
