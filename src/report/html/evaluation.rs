//! What `evaluate.json` says beyond its sets: the sanity checks, the worst case over attacks, and where half of the images pass.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::image_set::ImageSet;
use super::unexpected;
use super::words::{Figures, dash};
use crate::evaluation::sanity::Check;
use crate::evaluation::{HalfUndetected, MetricsRow, SetName};
use crate::report::half_lines;
use crate::words::{counted, once_each};

/// As far as the page shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Evaluation {
    checks: Vec<Check>,
    detector: String,
    metrics: Vec<MetricsRow>,
    half_undetected: Vec<HalfUndetected>,
}

/// The worst case over attacks within a budget, as text.
pub(super) struct WorstLine {
    pub(super) set: String,
    pub(super) positives: String,
    pub(super) figures: Figures,
    /// Its attacks that were blind, and on how many images.
    pub(super) blind: Vec<String>,
}

impl Evaluation {
    /// Out of `evaluate.json`, which lies at `path`.
    pub(super) fn of(document: &Map<String, Value>, path: &Path) -> Result<Self> {
        let expected = "checks, metrics and half_undetected, as `robust evaluate` writes them";
        let evaluation = serde_json::from_value(Value::Object(document.clone()));
        evaluation.map_err(|error| unexpected(path, error, expected))
    }

    /// The checks that warn, and why, as a remark; none if all pass.
    pub(super) fn warning(&self) -> Option<String> {
        let why = |check: &Check| format!("\"{}\" ({})", check.check, check.detail);
        let found: Vec<String> = self.checks.iter().filter(|check| check.warns()).map(why).collect();
        let warn = if found.len() == 1 { "warns" } else { "warn" };
        let of = counted(self.checks.len(), ["sanity check", "sanity checks"]);
        (!found.is_empty()).then(|| format!("{} of {of} {warn}: {}", found.len(), found.join(", ")))
    }

    /// The checks, those that warn first.
    pub(super) fn checks(&self) -> Vec<&Check> {
        let mut checks: Vec<&Check> = self.checks.iter().collect();
        checks.sort_by_key(|check| !check.warns());
        checks
    }

    /// Under the detector that flags; `sets` are those that it is the worst case of.
    pub(super) fn worst(&self, sets: &[ImageSet]) -> Vec<WorstLine> {
        let of_worst = |row: &&MetricsRow| matches!(row.set, SetName::Worst { .. }) && row.detector == self.detector;
        let lines = self.metrics.iter().filter(of_worst);
        let line = |row: &MetricsRow| WorstLine {
            set: row.set.to_string(),
            positives: row.n_positive.map_or_else(dash, |count| count.to_string()),
            figures: row.into(),
            blind: blind_members(sets, &row.set),
        };
        lines.map(line).collect()
    }

    /// The detectors of [`half`](Self::half), in the order of its columns.
    pub(super) fn detectors(&self) -> Vec<&str> {
        once_each(self.half_undetected.iter().map(|half| half.detector.as_str()))
    }

    /// Every attack under every detector; a dash where fewer than half pass at every epsilon. An attack of which one of these `sets` was blind is
    /// marked.
    pub(super) fn half(&self, sets: &[ImageSet]) -> Vec<(String, Vec<String>)> {
        let blind: Vec<String> = sets.iter().filter(|set| set.blind.is_some()).flat_map(attack_and_worst).collect();
        half_lines(&self.half_undetected, &self.detectors(), &blind, &dash())
    }
}

/// The sets of the worst case of that name whose attacks were blind.
fn blind_members(sets: &[ImageSet], worst: &SetName) -> Vec<String> {
    let is_member = |set: &&ImageSet| SetName::worst(set.norm.as_deref(), set.epsilon).as_ref() == Some(worst);
    let blind = |set: &ImageSet| Some(format!("{} blind on {}", set.name, set.blind.as_ref()?));
    sets.iter().filter(is_member).filter_map(blind).collect()
}

/// The attack of a set without its epsilon, and the worst case that it is a part of.
fn attack_and_worst(set: &ImageSet) -> impl Iterator<Item = String> {
    let names = [Some(SetName::from(&*set.name)), SetName::worst(set.norm.as_deref(), set.epsilon)];
    names.into_iter().flatten().map(|name| name.attack())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_worst_cases_and_the_halves_are_lines_and_warnings_are_named() {
        let metrics = |set: &str, detector: &str| {
            json!({ "set": set, "detector": detector, "n_positive": 3, "auroc": 0.5, "tpr": null, "undetected_rate": 0.25,
                    "robust_accuracy": 0.125 })
        };
        let Value::Object(document) = json!({
            "detector": "a", "checks": [{ "check": "x", "verdict": "pass", "detail": "" }, { "check": "y", "verdict": "warn", "detail": "z" }],
            "metrics": [metrics("bim@0.3", "a"), metrics("worst@0.3", "a"), metrics("worst@0.3", "b"), metrics("worst-l2@1", "a"),
                        metrics("worsted@1", "a")],
            "half_undetected": [{ "attack": "bim", "detector": "a", "epsilon": 0.25 }, { "attack": "bim", "detector": "b", "epsilon": null },
                                { "attack": "worst", "detector": "a", "epsilon": 0.1 }],
        }) else {
            panic!("an object")
        };
        let evaluation = Evaluation::of(&document, Path::new("evaluate.json")).unwrap();
        assert_eq!(evaluation.warning().unwrap(), "1 of 2 sanity checks warns: \"y\" (z)");
        assert_eq!(evaluation.checks()[0].check, "y");
        let worst: Vec<_> = evaluation
            .worst(&[])
            .into_iter()
            .map(|line| [line.set, line.figures.detected, line.figures.undetected])
            .collect();
        assert_eq!(worst, [["worst@0.3", "–", "25.00 %"], ["worst-l2@1", "–", "25.00 %"]]);
        let half = evaluation.half(&[]);
        let text = |values: [&str; 2]| values.map(str::to_owned).to_vec();
        assert_eq!(half, [("bim".into(), text(["0.250", "–"])), ("worst".into(), text(["0.100", "–"]))]);
        assert!(
            Evaluation::of(&Map::new(), Path::new("there/evaluate.json"))
                .unwrap_err()
                .to_string()
                .starts_with("there/evaluate.json: missing field")
        );
    }
}
