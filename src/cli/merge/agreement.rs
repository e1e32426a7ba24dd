//! What shards of one run have in common, and where one differs.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::report::ShardSummary;

/// What may differ from shard to shard: the images, and what changes no result or is held against hashes.
const OWN: [&str; 8] =
    ["shard", "images", "instruction_sets", "model", "dataset", "data_sha256", "batch_size", "threads"];
/// Of a set: what came of it.
const OUTCOME: [&str; 14] = [
    "n",
    "skipped",
    "succeeded",
    "failed",
    "success_rate",
    "accuracy_clean",
    "accuracy_under_attack",
    "median_linf",
    "median_l2",
    "median_l0",
    "median_queries",
    "mean_queries",
    "zero_gradient",
    "nan_gradient",
];
/// A value that is longer than this is not told.
const LONGEST: usize = 60;

/// What all shards must say alike, by the name that it has for a person.
pub(super) struct Common(Vec<(String, Value)>);

impl Common {
    pub(super) fn of(summary: &ShardSummary) -> Result<Self> {
        let mut run = object(serde_json::to_value(&summary.run)?);
        OWN.iter().for_each(|key| drop(run.remove(*key)));
        let names: Vec<String> = summary.sets.iter().map(|set| set.made.set.to_string()).collect();
        let shards = summary.run.shard.map(|shard| shard.count());
        let first = [
            ("command", json!(summary.command)),
            ("shards", json!(shards)),
            ("whole split", json!(summary.is_whole)),
            ("judge", json!([summary.judge.is_another, summary.judge.sha256])),
            ("detectors and thresholds", json!(summary.flagging)),
            ("shifts and blends", json!(summary.unattacked)),
            ("sets", json!(names)),
        ];
        let mut all: Vec<(String, Value)> = first.map(|(name, value)| (name.to_owned(), value)).into();
        all.extend(run);
        for (name, set) in names.iter().zip(&summary.sets) {
            let mut set = object(serde_json::to_value(&set.made)?);
            OUTCOME.iter().for_each(|key| drop(set.remove(*key)));
            all.extend(set.into_iter().map(|(key, value)| (format!("{key} of {name}"), value)));
        }
        Ok(Self(all))
    }

    /// Where the other differs first from this, which lies in `folder`: what that is, and what either says.
    pub(super) fn difference(&self, other: &Self, folder: &Path) -> Option<String> {
        let find = |name: &str| other.0.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let (name, own, others) = self.0.iter().find_map(|(name, value)| {
            let others = find(name).unwrap_or(&Value::Null);
            (others != value).then_some((name, value.to_string(), others.to_string()))
        })?;
        Some(match own.len().max(others.len()) > LONGEST {
            true => format!("another value of {name} than {}", folder.display()),
            false => format!("{name} {others}, not {own} as in {}", folder.display()),
        })
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
