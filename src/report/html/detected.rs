//! What `robust detect` and `robust evaluate` leave in a folder: the rows of `detect.csv` by set, and the thresholds of
//! `detect.json` or `evaluate.json`.

use std::path::Path;

use anyhow::Result;
use robust_detectors::detector;
use serde::Serialize;
use serde_json::{Map, Value};

use super::attacked::status;
use super::csv_file::{Class, CsvFile};
use super::reasons::{reason, reason_column};
use super::scored_set::{ScoredSet, incoherence};
use super::unexpected;
use super::vouched::{Findings, Summary};
use crate::draw::detector_number;
use crate::evaluation::SetName;
use crate::files::{DETECTION_ROWS, Hashes};
use crate::packed;
use crate::report::DETECTION_SUMMARIES;

/// A detector and the threshold it was used with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Gauge {
    pub(crate) id: String,
    /// Scores above it are flagged.
    pub(crate) threshold: f32,
    /// The number of its colour.
    pub(crate) number: usize,
    /// What a high score means; nothing of a detector that is not known.
    pub(crate) meaning: &'static str,
    /// The formula of the score.
    pub(crate) score: &'static str,
}

impl Gauge {
    fn new(id: String, threshold: f32) -> Self {
        let info = detector(&id).ok();
        let [meaning, score] = info.map_or([""; 2], |info| [info.summary, info.score]);
        Self { number: detector_number(&id), id, threshold, meaning, score }
    }
}

/// The clean images that every set is made from, and the detectors that looked at them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Detection {
    /// The detectors, in the order of the scores.
    pub(crate) detectors: Vec<Gauge>,
    /// Position of the detector that flags.
    pub(crate) chosen: usize,
    /// False positive rate that thresholds were made for, on clean validation images.
    pub(crate) threshold_fpr: Option<f64>,
    /// True class of every clean image.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) label: Vec<u32>,
    /// What the network says of it.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) prediction: Vec<u32>,
    /// A column per detector.
    #[serde(serialize_with = "packed::columns")]
    pub(crate) scores: Vec<Vec<f32>>,
}

/// Everything read from the two files.
pub(super) struct Detected {
    pub(super) summary: Summary,
    pub(super) clean: Detection,
    /// Positions of the clean images in the split.
    pub(super) index: Vec<u32>,
    pub(super) sets: Vec<ScoredSet>,
}

impl Detected {
    /// Reads the scores in `folder`, which `summary` vouches for; none if they are not there.
    pub(super) fn read(folder: &Path, summary: Summary) -> Result<Option<Self>> {
        let path = folder.join(DETECTION_ROWS);
        let Some(file) = CsvFile::open(path.clone())? else { return Ok(None) };
        let ids: Vec<String> =
            file.header().filter_map(|name| name.strip_prefix("score_")).map(str::to_owned).collect();
        let mut sets = read_sets(file, ids.len())?;
        if let Some(set) = sets.first().filter(|set| SetName::from(&*set.name) != SetName::Clean) {
            let found = format!("{} as the first set", set.name);
            return Err(unexpected(&path, found, SetName::Clean));
        }
        let clean = sets.remove(0);
        let others = |set: &&ScoredSet| !set.is_natural() && set.identity() != clean.identity();
        if let Some(other) = sets.iter().find(others) {
            let found = format!("other images in set {} than in {}", other.name, SetName::Clean);
            return Err(unexpected(&path, found, "the same in every set"));
        }
        // What the page shows of shifts is in the summary.
        sets.retain(|set| !matches!(SetName::from(&*set.name), SetName::Shifted(_)));
        let chosen = summary.entries.get("detector").and_then(Value::as_str);
        let detection = Detection {
            chosen: ids.iter().position(|id| Some(id.as_str()) == chosen).unwrap_or(0),
            threshold_fpr: summary.entries.get("threshold_fpr").and_then(Value::as_f64),
            detectors: gauges(ids, &summary.entries, &folder.join(summary.name))?,
            label: clean.label,
            prediction: clean.prediction,
            scores: clean.scores,
        };
        Ok(Some(Self { summary, clean: detection, index: clean.index, sets }))
    }
}

/// The summary that belongs to `detect.csv`: that of `detect` or that of `evaluate`. One lies there, if either.
pub(super) fn summary_of(folder: &Path, hashes: &Hashes, findings: &mut Findings) -> Result<Option<Summary>> {
    let mut found = None;
    for name in DETECTION_SUMMARIES {
        found = Summary::read(folder, name, hashes, findings)?.or(found);
    }
    let path = folder.join(DETECTION_ROWS);
    match &found {
        Some(summary) => summary.check_names(folder, DETECTION_ROWS, findings),
        None if path.exists() => {
            findings.fault(path, "is without detect.json or evaluate.json: the folder is not whole");
        }
        None => {}
    }
    Ok(found)
}

fn gauges(ids: Vec<String>, summary: &Map<String, Value>, path: &Path) -> Result<Vec<Gauge>> {
    let threshold = |id: &String| summary.get("thresholds")?.get(id)?.as_f64();
    let gauge = |id: String| match threshold(&id) {
        Some(threshold) => Ok(Gauge::new(id, threshold as f32)),
        None => {
            let expected = "one for each column score_<id> of detect.csv";
            Err(unexpected(path, format!("no threshold of {id}"), expected))
        }
    };
    ids.into_iter().map(gauge).collect()
}

/// The rows of the file by set, in the order of the first row of each.
fn read_sets(file: CsvFile, detectors: usize) -> Result<Vec<ScoredSet>> {
    let [set, index, label, prediction, outcome] = file.columns(["set", "index", "label", "prediction", "status"])?;
    let scores: Vec<usize> =
        (0..).zip(file.header()).filter(|(_, name)| name.starts_with("score_")).map(|(column, _)| column).collect();
    let error = file.header().position(|name| name == "error");
    let why = reason_column(&file);
    if scores.is_empty() {
        return Err(file.wrong("no column score_<id>".to_owned(), "one for each detector that looked at the images"));
    }
    let path = file.path.clone();
    let mut sets: Vec<ScoredSet> = Vec::new();
    file.each_row(|row| {
        // A file that could not be read is no image.
        if error.is_some_and(|error| !row.text(error).is_empty()) {
            return Ok(());
        }
        let name = row.text(set);
        if sets.last().is_none_or(|last| last.name != name) {
            sets.push(ScoredSet { name: name.to_owned(), scores: vec![Vec::new(); detectors], ..ScoredSet::default() });
        }
        let Some(seen) = sets.last_mut() else { return Ok(()) };
        seen.index.push(row.get(index)?);
        seen.label.extend(row.optional::<Class>(label)?.map(|Class(label)| label));
        seen.prediction.push(row.get::<Class>(prediction)?.0);
        seen.status.push(status(row, outcome)?);
        seen.reasons.push(reason(row, why)?);
        for (column, &position) in seen.scores.iter_mut().zip(&scores) {
            column.push(row.get(position)?);
        }
        Ok(())
    })?;
    match incoherence(&sets) {
        Some((found, expected)) => Err(unexpected(&path, found, expected)),
        None => Ok(sets),
    }
}
