//! A report folder, read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, anyhow, bail, ensure};
use rayon::prelude::*;
use robust_attacks::ClassConditional;
use robust_detectors::Threshold;
use serde::Serialize;
use serde_json::{Map, Value};

use super::attacked::Attacked;
use super::detected::{Detected, Detection, summary_of};
use super::doubts::{doubts, not_numbers};
use super::evaluation::Evaluation;
use super::facts::{Fact, class_names, facts};
use super::gallery::Gallery;
use super::image_set::ImageSet;
use super::pictures::{self, Wanted};
use super::scored_set::ScoredSet;
use super::screened::Screened;
use super::shifts::{ShiftLine, shift_lines};
use super::shown::choose;
use super::training::Training;
use super::vouched::Findings;
use crate::files::{DETECTION_ROWS, Hashes, writer_of};

/// What the files of a folder say; what is not there is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Run {
    /// The folder, as it was named.
    pub(crate) name: String,
    /// Names of the classes, in order; numbers unless the summary or the network gives better ones.
    pub(crate) classes: Vec<String>,
    /// Clean images, detectors and thresholds.
    pub(crate) detection: Option<Detection>,
    pub(crate) sets: Vec<ImageSet>,
    /// The course of a training.
    pub(crate) training: Option<Training>,
    /// Verdicts on a person's own images.
    pub(crate) screened: Option<Screened>,
    /// What benign shifts do.
    #[serde(skip)]
    pub(super) shifts: Vec<ShiftLine>,
    /// What an evaluation says beyond its sets.
    #[serde(skip)]
    pub(super) evaluation: Option<Evaluation>,
    /// How it was run.
    #[serde(skip)]
    pub(crate) facts: Vec<Fact>,
    /// Why not to trust the figures, a sentence each.
    #[serde(skip)]
    pub(crate) doubts: Vec<String>,
    /// What is not whole, or not as it was written, and is left out.
    #[serde(skip)]
    pub(crate) faults: Vec<String>,
    /// What else was left out, and why.
    #[serde(skip)]
    pub(crate) remarks: Vec<String>,
}

impl Run {
    /// Reads `folder`: `detect.csv` and `detect.json` or `evaluate.json`, `train.csv`, and the files of `robust attack` there and in the
    /// folders inside.
    ///
    /// # Errors
    /// A file cannot be read or is not what its name says; there is nothing to report on, or nothing that is whole.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let (hashes, mut findings) = (Hashes::default(), Findings::default());
        let places = places(folder)?;
        findings.remarks.extend(places.iter().find_map(|place| {
            let writer = writer_of(place)?;
            Some(format!("{writer} is writing to {}: what is not finished is left out", place.display()))
        }));
        let read = |place: &PathBuf| {
            let mut findings = Findings::default();
            Ok((Attacked::read(place, &hashes, &mut findings)?, findings))
        };
        let mut attacks: Vec<Attacked> = Vec::new();
        for (attacked, found) in places.par_iter().map(read).collect::<Result<Vec<_>>>()? {
            attacks.extend(attacked);
            findings.extend(found);
        }
        let summary = summary_of(folder, &hashes, &mut findings)?;
        let (screened, detected) = match summary.filter(|summary| summary.vouches_for(DETECTION_ROWS)) {
            Some(summary) => match Screened::read(folder, &summary.entries)? {
                None => (None, Detected::read(folder, summary)?),
                screened => (screened, None),
            },
            None => (None, None),
        };
        let training = Training::read(folder, &hashes, &mut findings)?;
        if let Some(Detected { summary, .. }) = &detected {
            // Sets that are whole, and yet not those that were evaluated.
            attacks.retain(|attacked| !summary.denies(&format!("{}/attack.csv", attacked.folder)));
            for attacked in &mut attacks {
                attacked.images.take_if(|_| summary.denies(&format!("{}/adversarial.npz", attacked.folder)));
            }
        }
        let (faults, mut remarks) = (findings.faults(), findings.remarks);
        if detected.is_none() && screened.is_none() && training.is_none() && attacks.is_empty() {
            let folder = folder.display();
            ensure!(
                !faults.is_empty(),
                "{folder} holds no report: expected attack.csv, detect.csv or train.csv, as `robust attack`, `detect`, `evaluate` and `train` write them"
            );
            bail!("{folder} is not whole: {}; run the command that wrote it again", faults.join("; "));
        }
        let summary = detected.as_ref().map(|detected| &detected.summary.entries);
        let evaluated = summary.filter(|summary| summary.contains_key("checks"));
        let evaluation = evaluated.map(|summary| Evaluation::of(summary, &folder.join("evaluate.json"))).transpose()?;
        remarks.extend(evaluation.as_ref().and_then(Evaluation::warning));
        let summary_path = detected.as_ref().map(|detected| folder.join(detected.summary.name));
        let shifts = summary.zip(summary_path).map_or(Ok(Vec::new()), |(summary, path)| shift_lines(summary, &path))?;
        let summary = summary.or(attacks.first().map(|attacked| &attacked.summary));
        let summary = summary.or(screened.as_ref().map(|screened| &screened.summary));
        let facts_and_names = summary.map(|summary| (facts(summary), class_names(summary)));
        let (facts, names) = facts_and_names.unwrap_or_default();

        let not_numbers = detected.as_ref().and_then(|detected| not_numbers(&detected.clean, &detected.sets));
        let of_scores = detected.as_ref().map(|detected| detected.summary.entries.clone());
        let (detection, mut sets) = match detected {
            Some(detected) => {
                let summaries = summaries(&detected.summary.entries);
                let clean = detected.clean;
                let unknown = Map::new();
                let set = |seen: ScoredSet| {
                    let summary = summaries.get(seen.name.as_str()).copied().unwrap_or(&unknown);
                    ImageSet::scored(seen, &clean, summary)
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
        let of_scores = of_scores.iter().chain(screened.iter().map(|screened| &screened.summary));
        let summaries = of_scores.chain(pairs.iter().map(|(_, attacked)| &attacked.summary));
        let mut doubts = doubts(&summaries.collect::<Vec<_>>(), detection.as_ref(), &sets);
        doubts.extend(not_numbers);
        add_galleries(&mut sets, &pairs, detection.as_ref())?;
        let seen = sets.iter().flat_map(|set| set.label.iter().chain(&set.prediction).chain(&set.clean_prediction));
        let clean = detection.iter().flat_map(|clean| clean.label.iter().chain(&clean.prediction));
        let classes = seen.chain(clean).max().map_or(0, |&last| last as usize + 1);
        let name = folder.display().to_string();
        let classes =
            if names.len() >= classes { names } else { (0..classes).map(|class| class.to_string()).collect() };
        Ok(Self {
            name,
            classes,
            detection,
            sets,
            shifts,
            training,
            screened,
            evaluation,
            facts,
            doubts,
            faults,
            remarks,
        })
    }

    /// A fact by its name.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }

    /// Whether images are shown, so that the network has something to draw.
    pub(crate) fn has_images(&self) -> bool {
        self.sets.iter().any(|set| set.gallery.is_some())
    }

    /// Adds to the images what `network` draws of them, and the names of its classes.
    pub(crate) fn draw(&mut self, network: &dyn ClassConditional, class_names: &[String]) -> Result<()> {
        if class_names.len() >= self.classes.len() {
            self.classes = class_names.to_vec();
        }
        self.sets.iter_mut().filter_map(|set| set.gallery.as_mut()).try_for_each(|gallery| gallery.draw(network))
    }
}

/// Adds to the sets at these positions the images to show, where there are images.
fn add_galleries(sets: &mut [ImageSet], pairs: &[(usize, &Attacked)], clean: Option<&Detection>) -> Result<()> {
    let chosen = pairs.iter().filter_map(|&(set, attacked)| {
        let flagged = flags(clean, &sets[set]);
        Some((set, attacked, attacked.images.as_ref()?, choose(&attacked.rows, &flagged), flagged))
    });
    let chosen: Vec<_> = chosen.collect();
    let wanted = chosen.iter().map(|(_, attacked, files, positions, _)| {
        let of = attacked.rows.len();
        Wanted { files, positions, of }
    });
    let pixels = pictures::read(&wanted.collect::<Vec<_>>())?;
    let shown = chosen.len();
    for ((set, attacked, _, positions, flagged), pixels) in chosen.into_iter().zip(pixels) {
        let gallery = Gallery::new(attacked, &flagged, &positions, pixels, shown);
        sets[set].gallery = Some(gallery.with_reasons(&sets[set].reasons));
    }
    Ok(())
}

/// The folder and those inside it, by name.
fn places(folder: &Path) -> Result<Vec<PathBuf>> {
    let error = |source: io::Error| anyhow!("cannot read {}: {source}", folder.display());
    let entries = fs::read_dir(folder).map_err(error)?;
    let mut places = entries.map(|entry| Ok(entry.map_err(error)?.path())).collect::<Result<Vec<_>>>()?;
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
    let used = clean.and_then(|clean| Some((set.scores.get(clean.chosen)?, clean.threshold()?)));
    used.map_or(Vec::new(), |(scores, threshold)| scores.iter().map(|&score| threshold.flags(score)).collect())
}

impl Detection {
    /// The threshold of the detector that flags; none if it is NaN.
    pub(super) fn threshold(&self) -> Option<Threshold> {
        Threshold::new(self.detectors[self.chosen].threshold).ok()
    }
}
