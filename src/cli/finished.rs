//! Sets that lie finished in a folder: what an earlier run made need not be made again.
//!
//! A set is finished where its `attack.json` lies, which is written last, and it is the set asked for if the network, the images
//! and the attack were the same.

use std::fs::{self, File};

use anyhow::{Context, Result, bail};
use robust_data::{Images, input};
use serde::Serialize;
use serde_json::Value;

use super::session::Session;
use crate::campaign::{Outcome, Target};
use crate::plan::{PlannedAttack, PlannedSet};
use crate::report::{AttackRow, Output};

/// What decides the images of a set, by its name in `attack.json`.
const IDENTITY: [&str; 16] = [
    "set",
    "method",
    "norm",
    "epsilon",
    "against",
    "against_threshold",
    "settings",
    "target",
    "version",
    "model_sha256",
    "dataset",
    "split",
    "data_sha256",
    "offset",
    "images",
    "seed",
];

/// A set read back from its folder.
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) x_adv: Images,
}

/// Whether the folder holds this set, finished.
pub(super) fn is_finished(
    folder: &Output,
    session: &Session,
    planned: &PlannedAttack,
    set: &PlannedSet,
    target: Option<Target>,
) -> bool {
    let Ok(bytes) = fs::read(folder.path("attack.json")) else { return false };
    let Ok(found) = serde_json::from_slice::<Value>(&bytes) else { return false };
    let (Ok(attack), Ok(run)) = (as_written(&planned.attacked(set, target, &[])), as_written(&session.info())) else {
        return false;
    };
    IDENTITY.iter().all(|&key| {
        let wanted = attack.get(key).or_else(|| run.get(key));
        wanted.is_some() && wanted == found.get(key)
    })
}

/// What is read where this has been written, with the digits of f32 and not those of their f64.
fn as_written(value: &impl Serialize) -> serde_json::Result<Value> {
    serde_json::from_str(&serde_json::to_string(value)?)
}

/// Reads the set in the folder.
pub(super) fn read(folder: &Output, images: usize) -> Result<Finished> {
    let summary: Value = serde_json::from_reader(File::open(folder.path("attack.json"))?)?;
    let count = |key: &str| {
        let value = summary[key].as_u64().with_context(|| format!("attack.json has no {key}"))?;
        Ok::<_, anyhow::Error>(value as usize)
    };
    let (zero_gradient, nan_gradient) = (count("zero_gradient")?, count("nan_gradient")?);
    let rows =
        csv::Reader::from_path(folder.path("attack.csv"))?.deserialize().collect::<Result<Vec<AttackRow>, _>>()?;
    let x_adv = input::read(&folder.path("adversarial.npz"), Some("x_adv"))?.images;
    if rows.len() != images || x_adv.len() != images {
        bail!("{} rows and {} images for {images}: remove the folder", rows.len(), x_adv.len());
    }
    Ok(Finished { outcome: Outcome { fooled_model: count("succeeded")?, rows, zero_gradient, nan_gradient }, x_adv })
}
