//! A report folder, read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use robust_attacks::ClassConditional;
use robust_detectors::Threshold;
use serde::Serialize;
use serde_json::{Map, Value};

use super::ReadError;
use super::attacked::Attacked;
use super::detected::{Detected, Detection};
use super::evaluation::Evaluation;
use super::facts::{Fact, facts};
use super::gallery::{self, Gallery};
use super::image_set::ImageSet;
use super::pictures::{self, Wanted};
use super::training::Training;

/// What the files of a folder say; what is not there is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The folder, as it was named.
    pub name: String,
    /// Names of the classes, in order; numbers unless the network gives better ones.
    pub classes: Vec<String>,
    /// Clean images, detectors and thresholds.
    pub detection: Option<Detection>,
    /// Attacked sets.
    pub sets: Vec<ImageSet>,
    /// The course of a training.
    pub training: Option<Training>,
    /// What an evaluation says beyond its sets.
    #[serde(skip)]
    pub(super) evaluation: Option<Evaluation>,
    /// How it was run.
    #[serde(skip)]
    pub facts: Vec<Fact>,
    /// What was left out, and why.
    #[serde(skip)]
    pub remarks: Vec<String>,
}

impl Run {
    /// Reads `folder`: `detect.csv` and `detect.json` or `evaluate.json`, `train.csv`, and the files of `robust attack` there and in the
    /// folders inside.
    ///
    /// # Errors
    /// [`ReadError`]; also if there is nothing to report on.
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        let detected = Detected::read(folder)?;
        let training = Training::read(folder)?;
        let mut attacks = Vec::new();
        for place in places(folder)? {
            attacks.extend(Attacked::read(&place)?);
        }
        let mut remarks = Vec::new();
        if detected.is_none() && folder.join("detect.csv").exists() {
            remarks
                .push("detect.csv is left out: it screens images of unknown class, or neither detect.json nor evaluate.json is there".into());
        }
        if detected.is_none() && training.is_none() && attacks.is_empty() {
            return Err(ReadError::NoReport { folder: folder.to_owned() });
        }
        // An older evaluation may lie beside the files of a later `detect`: what belongs to the scores counts.
        let summary = detected.as_ref().map(|detected| &detected.summary);
        let evaluated = summary.filter(|summary| summary.contains_key("checks"));
        let evaluation = evaluated.map(|summary| Evaluation::of(summary, &folder.join("evaluate.json"))).transpose()?;
        if let Some(warnings) = evaluation.as_ref().map(Evaluation::warnings).filter(|&warnings| warnings > 0) {
            remarks.push(format!("{warnings} of the sanity checks warn: look at them before the figures"));
        }
        let facts = summary.or(attacks.first().map(|attacked| &attacked.summary)).map(facts).unwrap_or_default();

        let (detection, mut sets) = match detected {
            Some(detected) => {
                let summaries = summaries(&detected.summary);
                let clean = detected.clean;
                let unknown = Map::new();
                let set = |seen: super::detected::Seen| {
                    let summary = summaries.get(seen.name.as_str()).copied().unwrap_or(&unknown);
                    ImageSet::seen(seen, &clean, summary)
                };
                let mut sets: Vec<ImageSet> = detected.sets.into_iter().map(set).collect();
                let first_natural = sets.iter().position(|set| set.natural).unwrap_or(sets.len());
                sets.splice(first_natural..first_natural, ImageSet::misclassified(&detected.index, &clean));
                (Some(clean), sets)
            }
            None => (None, Vec::new()),
        };
        let mut pairs: Vec<(usize, &Attacked)> = Vec::new();
        for attacked in &attacks {
            match sets.iter().position(|set| set.name == attacked.name) {
                Some(position) if sets[position].agrees(attacked) => pairs.push((position, attacked)),
                Some(_) => remarks.push(format!(
                    "the images of {} are left out: attack.csv is of another run than detect.csv",
                    attacked.name
                )),
                None => {
                    // Attacked sets come first; pairs so far are among them.
                    let end = sets.iter().position(|set| set.natural).unwrap_or(sets.len());
                    pairs.push((end, attacked));
                    sets.insert(end, ImageSet::attacked(attacked));
                }
            }
        }
        add_galleries(&mut sets, &pairs, detection.as_ref())?;
        let seen = sets.iter().flat_map(|set| set.label.iter().chain(&set.prediction).chain(&set.clean_prediction));
        let clean = detection.iter().flat_map(|clean| clean.label.iter().chain(&clean.prediction));
        let classes = seen.chain(clean).max().map_or(0, |&last| usize::from(last) + 1);
        let name = folder.display().to_string();
        let classes = (0..classes).map(|class| class.to_string()).collect();
        Ok(Self { name, classes, detection, sets, training, evaluation, facts, remarks })
    }

    /// A fact by its name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }

    /// Whether images are shown, so that the network has something to draw.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.sets.iter().any(|set| set.gallery.is_some())
    }

    /// Adds to the images what `network` draws of them, and the names of its classes.
    ///
    /// # Errors
    /// Whatever the network reports.
    pub fn draw(&mut self, network: &dyn ClassConditional, class_names: &[String]) -> Result<()> {
        if class_names.len() >= self.classes.len() {
            self.classes = class_names.to_vec();
        }
        self.sets.iter_mut().filter_map(|set| set.gallery.as_mut()).try_for_each(|gallery| gallery.draw(network))
    }
}

/// Adds to the sets at these positions the images to show, where there are images.
fn add_galleries(
    sets: &mut [ImageSet],
    pairs: &[(usize, &Attacked)],
    clean: Option<&Detection>,
) -> Result<(), ReadError> {
    let choose = |&(set, attacked): &(usize, &Attacked)| gallery::choose(&attacked.rows, &flags(clean, &sets[set]));
    let chosen: Vec<Vec<usize>> = pairs.iter().map(choose).collect();
    let with_images = || {
        pairs
            .iter()
            .zip(&chosen)
            .filter_map(|(&(set, attacked), positions)| Some((set, attacked, attacked.images.as_ref()?, positions)))
    };
    let wanted =
        with_images().map(|(_, attacked, files, positions)| Wanted { files, positions, of: attacked.rows.len() });
    let pixels = pictures::read(&wanted.collect::<Vec<_>>())?;
    for ((set, attacked, _, positions), pixels) in with_images().zip(pixels) {
        sets[set].gallery = Some(Gallery::new(attacked, positions, pixels));
    }
    Ok(())
}

/// The folder and those inside it, by name.
fn places(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let error = |source| ReadError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(error)?;
    let mut places = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(error)?;
    places.retain(|place| place.is_dir());
    places.sort();
    places.insert(0, folder.to_owned());
    Ok(places)
}

/// The entries of `sets` in `detect.json`, by the name of the set.
fn summaries(summary: &Map<String, Value>) -> BTreeMap<&str, &Map<String, Value>> {
    let sets = summary.get("sets").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    sets.filter_map(|set| Some((set.get("set")?.as_str()?, set))).collect()
}

/// Whether the detector flags each image of the set; nothing if none looked.
fn flags(clean: Option<&Detection>, set: &ImageSet) -> Vec<bool> {
    let Some((clean, scores)) = clean.and_then(|clean| Some((clean, set.scores.get(clean.chosen)?))) else {
        return Vec::new();
    };
    match clean.threshold() {
        Some(threshold) => scores.iter().map(|&score| threshold.flags(score)).collect(),
        None => Vec::new(),
    }
}

impl Detection {
    /// The threshold of the detector that flags; none if it is NaN.
    pub(super) fn threshold(&self) -> Option<Threshold> {
        Threshold::new(self.detectors[self.chosen].threshold).ok()
    }
}
