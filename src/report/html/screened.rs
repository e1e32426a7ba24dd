//! What `robust detect --input` leaves in a folder: a verdict for each of a person's own images, the most suspicious first.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use robust_attacks::ClassConditional;
use robust_data::input::Wanted;
use robust_data::{ImageShape, Sizing};
use robust_detectors::Reason;
use serde::Serialize;
use serde_json::{Map, Value};

use super::csv_file::CsvFile;
use super::facts::class_names;
use super::reasons::{counts, reason_column};
use super::screened_pictures::Pictures;
use super::screened_row::ScreenedRow;
use crate::files::DETECTION_ROWS;
use crate::packed;
use crate::words::of_images;

/// Verdicts that are shown at most: with 3 pictures of 784 bytes each they take 0.6 MB of the page.
const SHOWN: usize = 192;
/// Verdicts that are kept while others may still be more suspicious.
const KEPT: usize = 64 * SHOWN;

/// The verdicts of a folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Screened {
    /// Scores above it are flagged; none if no summary names it.
    pub(crate) threshold: Option<f32>,
    /// The scores of all images, the highest first.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) scores: Vec<f32>,
    /// Pictures of the images of `verdicts`.
    pub(crate) pictures: Option<Pictures>,
    /// How many images were flagged.
    #[serde(skip)]
    pub(crate) flagged: usize,
    /// How many for which reason; empty of older versions, which named none.
    #[serde(skip)]
    reasons: BTreeMap<Reason, usize>,
    /// Names of all detectors that looked.
    #[serde(skip)]
    pub(crate) detectors: Vec<String>,
    /// The most suspicious images, 192 at most.
    #[serde(skip)]
    pub(crate) verdicts: Vec<ScreenedRow>,
    /// Files that could not be read, and why.
    #[serde(skip)]
    pub(crate) unread: Vec<[String; 2]>,
    /// Names of the network's classes, if it is known.
    #[serde(skip)]
    pub(crate) class_names: Vec<String>,
    /// `detect.json`; empty if it is not there, or says nothing of these images.
    #[serde(skip)]
    pub(super) summary: Map<String, Value>,
    /// The names of all images, in their order.
    #[serde(skip)]
    pub(super) sources: Vec<String>,
}

impl Screened {
    /// Reads `detect.csv` in `folder`, of which `summary` tells. None if it is not there, or measures detectors.
    pub(super) fn read(folder: &Path, summary: &Map<String, Value>) -> Result<Option<Self>> {
        let Some(file) = CsvFile::open(folder.join(DETECTION_ROWS))? else { return Ok(None) };
        if !file.header().any(|column| column == "source") {
            return Ok(None);
        }
        let columns = file.columns([
            "source",
            "prediction",
            "confidence",
            "score",
            "flagged",
            "error_predicted",
            "error_alternative",
            "alternative_label",
        ])?;
        let error = file.header().position(|column| column == "error");
        let why = reason_column(&file);
        let (scores, detectors): (Vec<usize>, Vec<String>) = (file.header().enumerate())
            .filter_map(|(column, name)| Some((column, name.strip_prefix("score_")?.to_owned())))
            .unzip();
        let mut screened = Self::new(summary.clone(), detectors);
        file.each_row(|row| {
            match error.map(|column| row.text(column)).filter(|error| !error.is_empty()) {
                Some(error) => screened.unread.push([row.text(columns[0]).to_owned(), error.to_owned()]),
                None => screened.add(ScreenedRow::read(row, columns, why, &scores, screened.sources.len())?),
            }
            Ok(())
        })?;
        screened.keep(SHOWN);
        screened.scores.sort_unstable_by(|a, b| b.total_cmp(a));
        Ok(Some(screened))
    }

    fn new(mut summary: Map<String, Value>, detectors: Vec<String>) -> Self {
        if !summary.contains_key("input") {
            // That of a measurement, which lies there from before, as older versions left it.
            summary.clear();
        }
        Self {
            threshold: summary.get("threshold").and_then(Value::as_f64).map(|threshold| threshold as f32),
            detectors,
            class_names: class_names(&summary),
            summary,
            ..Self::default()
        }
    }

    fn add(&mut self, verdict: ScreenedRow) {
        self.flagged += usize::from(verdict.flagged);
        if let Some(reason) = verdict.reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        self.scores.push(verdict.score);
        self.sources.push(verdict.source.clone());
        self.verdicts.push(verdict);
        if self.verdicts.len() > KEPT {
            self.keep(SHOWN);
        }
    }

    /// Keeps the most suspicious: the flagged ones first, then by score, then in their order.
    fn keep(&mut self, most: usize) {
        self.verdicts.sort_by(|a, b| b.flagged.cmp(&a.flagged).then(b.score.total_cmp(&a.score)));
        self.verdicts.truncate(most);
    }

    /// A text of the summary.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.summary.get(key).and_then(Value::as_str)
    }

    /// Reads the images to be shown where they came from.
    ///
    /// # Errors
    /// Why there is nothing to show: nobody knows where they came from, they cannot be read, or they have other names now.
    pub(crate) fn find_pictures(&mut self) -> Result<()> {
        let text = |key: &str| self.summary.get(key).and_then(Value::as_str);
        let inputs: Option<Vec<String>> =
            self.summary.get("inputs").and_then(|inputs| serde_json::from_value(inputs.clone()).ok());
        // Older summaries know one only.
        let inputs = inputs.or_else(|| Some(vec![text("input")?.to_owned()]));
        let inputs = inputs.context("detect.json does not say where the images came from")?;
        let prepare = text("prepare").map(str::parse).transpose()?;
        let wanted = Wanted { shape: self.shape()?, sizing: self.sizing()?, prepare, key: text("key") };
        self.pictures = Some(Pictures::find(&inputs, &wanted, &self.sources, &mut self.verdicts)?);
        Ok(())
    }

    /// The shape that images were brought to; older summaries know one only.
    fn shape(&self) -> Result<ImageShape> {
        let Some(shape) = self.summary.get("shape") else { return Ok(ImageShape::GREY) };
        let [channels, height, width] = serde_json::from_value(shape.clone()).context("the shape in detect.json")?;
        Ok(ImageShape { channels, height, width })
    }

    /// How they were brought to it.
    fn sizing(&self) -> Result<Sizing> {
        let value = |key: &str| self.summary.get(key);
        let resize = value("resize").and_then(Value::as_str).map(str::parse).transpose()?;
        let crop = value("crop").and_then(Value::as_u64).map(|side| side.to_string().parse()).transpose()?;
        Ok(Sizing { resize, crop })
    }

    /// Adds to the pictures what `network` draws of them.
    ///
    /// # Errors
    /// Whatever the network reports, or that it says other than the verdicts: the images are others then, and are not shown.
    pub(crate) fn draw(&mut self, network: &dyn ClassConditional) -> Result<()> {
        if !self.verdicts.is_empty()
            && let Some(pictures) = self.pictures.take()
        {
            self.pictures = Some(pictures.drawn_by(network, &self.verdicts)?);
        }
        Ok(())
    }

    /// What was found, in a sentence or two.
    pub(super) fn sentences(&self) -> Vec<String> {
        let of = self.text("input").map_or(String::new(), |input| format!(" of {input}"));
        let by = self.text("detector").map_or(String::new(), |detector| format!(" by {detector}"));
        let above = self.threshold.map_or(String::new(), |threshold| format!(", for a score above {threshold}"));
        let verdict = format!("{} of {}{of} were flagged{by}{above}.", self.flagged, of_images(self.scores.len()));
        let files = if self.unread.len() == 1 { "file" } else { "files" };
        let unread = format!("{} {files} could not be read.", self.unread.len());
        [verdict].into_iter().chain(counts(&self.reasons)).chain((!self.unread.is_empty()).then_some(unread)).collect()
    }

    /// The name of a class.
    pub(super) fn class(&self, label: &u32) -> String {
        self.class_names.get(*label as usize).cloned().unwrap_or_else(|| label.to_string())
    }
}
