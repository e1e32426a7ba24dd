//! A case to keep: the image, the attack on it and everything seen, as JSON with every bit, or as a picture.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Refusal};
use super::asker::Asker;
use super::attack::{Attacked, Threat};
use super::look::Look;
use super::source::Source;
use super::studio::Studio;
use crate::draw::{Band, Cell, Grid, Row};
use crate::evaluation::{AttackRow, AttackedSet, RunInfo};

/// Pixels of the picture per pixel of an image of 28x28.
const SCALE: usize = 3;
/// Pixels of the frame around the drawing under the prediction.
const FRAME: usize = 2;

/// What to keep.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseWish {
    source: Source,
    /// None keeps the image alone.
    attack: Option<Threat>,
}

/// A case, worked out again from the question: the page hands in no results.
#[derive(Serialize)]
pub(super) struct Case<'a> {
    run: &'a RunInfo,
    detector: &'static str,
    class_names: &'a [String],
    source: &'a Source,
    index: Option<u64>,
    label: Option<u32>,
    pixels: Vec<f32>,
    seen: Look,
    attacked: Option<AttackedCase>,
}

#[derive(Serialize)]
struct AttackedCase {
    attack: AttackedSet,
    row: AttackRow,
    pixels: Vec<f32>,
    seen: Look,
}

impl Studio<'_> {
    /// Everything; as JSON, pixels are shortest round-trip decimals.
    pub(super) fn case<'a>(&'a self, wish: &'a CaseWish, asker: Asker) -> Result<Case<'a>, Refusal> {
        let picture = self.picture(&wish.source)?;
        let attacked = wish.attack.as_ref().map(|threat| self.run(&picture, threat, false, asker)).transpose()?;
        Ok(Case {
            run: &self.run,
            detector: self.chosen.id,
            class_names: self.class_names,
            source: &wish.source,
            index: picture.index,
            label: picture.label,
            seen: self.look(&picture.pixels)?,
            pixels: picture.pixels,
            attacked: attacked.map(|Attacked { attack, row, look, pixels, .. }| AttackedCase {
                attack,
                row,
                pixels,
                seen: look,
            }),
        })
    }

    /// A row for the image and one for the adversarial image: itself, and the drawing under every label with its error.
    pub(super) fn case_png(&self, wish: &CaseWish, asker: Asker) -> Result<Answer, Refusal> {
        let case = self.case(wish, asker)?;
        let truth = match (case.index, case.label) {
            (Some(index), Some(label)) => {
                format!(", image {index} of {} ({}), {}", self.run.dataset, self.run.split, self.name(label))
            }
            _ => String::new(),
        };
        let mut heading = vec![
            format!("robust {}, network {}{truth}", self.run.version, self.run.model),
            self.told("image", &case.seen),
        ];
        let mut rows = vec![self.row("image", &case.pixels, &case.seen)?];
        if let Some(attacked) = &case.attacked {
            let set = attacked.attack.set.to_string();
            heading.push(self.told(&set, &attacked.seen));
            rows.push(self.row(&set, &attacked.pixels, &attacked.seen)?);
        }
        heading
            .push("Framed: the label that the network says. Below: the error of the drawing under each label.".into());
        let columns = std::iter::once("seen".to_owned()).chain(self.class_names.iter().cloned()).collect();
        let canvas = Grid { shape: self.shape(), scale: SCALE, bands: vec![Band { heading, columns, rows }] }.canvas();
        let bytes = canvas.png(Path::new("case.png")).map_err(anyhow::Error::from)?;
        Ok(Answer { content_type: "image/png", bytes })
    }

    /// What is said of an image, as a sentence.
    fn told(&self, title: &str, look: &Look) -> String {
        let verdict = look.verdicts.iter().find(|verdict| verdict.detector == self.chosen.id);
        let flagged = verdict.map_or(String::new(), |verdict| {
            let word = if verdict.flagged { "flagged" } else { "accepted" };
            format!(", {word} by {}: score {:.4}, threshold {}", verdict.detector, verdict.score, verdict.threshold)
        });
        format!("{title}: {} at {:.1} %{flagged}", self.name(look.prediction), 100.0 * look.confidence)
    }

    fn row(&self, title: &str, pixels: &[f32], look: &Look) -> Result<Row> {
        let drawn = self.drawings(&look.style)?;
        let cell = |(label, image): (u32, &[f32])| Cell {
            frame: if label == look.prediction { FRAME } else { 0 },
            ..Cell::of(image).caption(format!("{:.1}", look.errors[label as usize]))
        };
        let cells = std::iter::once(Cell::of(pixels)).chain((0..).zip(drawn.chunks(self.shape().pixels())).map(cell));
        Ok(Row::new(title, cells))
    }

    fn name(&self, label: u32) -> &str {
        &self.class_names[label as usize]
    }
}
