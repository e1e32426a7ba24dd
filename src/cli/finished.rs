//! Sets that lie finished in a folder: what an earlier run made need not be made again.
//!
//! A set is finished where its `attack.json` lies, which takes its place last, and the files beside it are those that it vouches for. It
//! is the set asked for if the network, the images and the attack were the same.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use robust_data::{ImageShape, Images, npz, open_file, read_file};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::session::Session;
use crate::evaluation::{AttackRow, AttackedSet, Outcome};
use crate::files::{ADVERSARIAL, ATTACK_ROWS, ATTACK_SUMMARY, Files, Found, Hashes, Output};
use crate::report::{MAX_CSV_BYTES, MAX_SUMMARY_BYTES};

/// What it must vouch for.
const FILES: [&str; 2] = [ATTACK_ROWS, ADVERSARIAL];
/// What decides the images of a set, by its name in `attack.json`; beside it stand the hashes of the files that were read.
const IDENTITY: [&str; 15] = [
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
    "offset",
    "images",
    "seed",
];

/// The same, of what is absent as a rule. A shard's images are of one instruction set, wherever it goes on.
const ABSENT_BY_DEFAULT: [&str; 3] = ["model_settings", "shard", "instruction_sets"];

/// A set read back from its folder.
pub(crate) struct Finished {
    pub(crate) outcome: Outcome,
    pub(crate) x_adv: Images,
    /// Wall time of the attack.
    pub(crate) seconds: f64,
}

/// What of `attack.json` does not follow from the rows.
#[derive(Deserialize)]
struct Counts {
    succeeded: usize,
    zero_gradient: usize,
    nan_gradient: usize,
    seconds: f64,
}

/// What a folder holds of a set.
pub(crate) enum Standing {
    /// All of it; the summary vouches for these files, and they are the ones that lie there.
    Finished(Files),
    /// Nothing, or another set.
    Missing,
    /// Its summary, and beside it a file that is not the one that was written; the reason says which.
    Spoilt(String),
}

/// What the folder holds of this set, as it is before anything came of it.
pub(crate) fn standing(folder: &Output, session: &Session, wanted: &AttackedSet, hashes: &Hashes) -> Standing {
    let Some(summary) = summary_of_same(folder, session, wanted) else { return Standing::Missing };
    let files = serde_json::from_value::<Files>(summary["files"].clone()).unwrap_or_default();
    if let Some(name) = FILES.into_iter().find(|&name| !files.contains_key(name)) {
        return Standing::Spoilt(format!("{} does not vouch for {name}", folder.path(ATTACK_SUMMARY).display()));
    }
    let other = files.iter().find(|(name, sha256)| hashes.find(&folder.folder, name, sha256) != Found::Same);
    match other {
        Some((name, _)) => {
            let path = folder.path(name);
            let what = if path.exists() { "is not the file that" } else { "is missing, which" };
            Standing::Spoilt(format!("{} {what} {ATTACK_SUMMARY} vouches for", path.display()))
        }
        None => Standing::Finished(files),
    }
}

/// The summary in the folder, if it is of this set, made as this run would make it.
fn summary_of_same(folder: &Output, session: &Session, wanted: &AttackedSet) -> Option<Value> {
    let bytes = read_file(&folder.path(ATTACK_SUMMARY), MAX_SUMMARY_BYTES).ok()?;
    let found: Value = serde_json::from_slice(&bytes).ok()?;
    let attack = as_written(wanted).ok()?;
    let run = as_written(&session.info()).ok()?;
    let same = |key: &&str| {
        let wanted = attack.get(key).or_else(|| run.get(key));
        wanted.is_some() && wanted == found.get(key)
    };
    // An attack on a detector is one on what that learned from these images.
    let is_same_detector =
        attack.get("against").is_none_or(Value::is_null) || run.get("validation") == found.get("validation");
    // Another network may have judged the images.
    let is_taken_alike = ABSENT_BY_DEFAULT.into_iter().all(|key| run.get(key) == found.get(key));
    let is_same = IDENTITY.iter().all(same) && is_taken_alike && is_same_detector && found["transfer"].is_null();
    let read = |run: &Value| serde_json::from_value::<Files>(run["data_sha256"].clone()).unwrap_or_default();
    (is_same && are_same_files(&read(&run), &read(&found))).then_some(found)
}

/// Whether the files that both runs read were the same. Both have read those of the split; one may have calibrated a detector too.
pub(crate) fn are_same_files(wanted: &Files, found: &Files) -> bool {
    let mut shared = wanted.iter().filter_map(|(name, hash)| Some((hash, found.get(name)?))).peekable();
    shared.peek().is_some() && shared.all(|(wanted, found)| wanted == found)
}

/// What is read where this has been written, with the digits of f32 and not those of their f64.
fn as_written(value: &impl Serialize) -> serde_json::Result<Value> {
    serde_json::from_str(&serde_json::to_string(value)?)
}

/// Reads the set in the folder.
pub(crate) fn read(folder: &Output, shape: ImageShape, images: usize) -> Result<Finished> {
    let counts =
        serde_json::from_slice(&read_file(&folder.path(ATTACK_SUMMARY), MAX_SUMMARY_BYTES)?).context(ATTACK_SUMMARY)?;
    let Counts { succeeded: fooled_model, zero_gradient, nan_gradient, seconds } = counts;
    let rows = read_rows(&folder.path(ATTACK_ROWS))?;
    let x_adv = read_images(&folder.path(ADVERSARIAL), "x_adv", shape, images)?;
    if rows.len() != images {
        bail!("{} rows for {images} images: remove the folder", rows.len());
    }
    Ok(Finished { outcome: Outcome { fooled_model, rows, zero_gradient, nan_gradient }, x_adv, seconds })
}

/// Reads an `attack.csv`.
pub(crate) fn read_rows(path: &Path) -> Result<Vec<AttackRow>> {
    let rows = csv::Reader::from_reader(open_file(path, MAX_CSV_BYTES)?.take(MAX_CSV_BYTES));
    Ok(rows.into_deserialize().collect::<Result<_, _>>()?)
}

/// Reads the array `key` of that many images of a shape.
pub(crate) fn read_images(path: &Path, key: &str, shape: ImageShape, images: usize) -> Result<Images> {
    // An archive without images is none to a reader of images from anywhere.
    let found = if images == 0 { Images::none(shape) } else { npz::read_images(path, &[key])? };
    if found.len() != images || found.shape() != shape {
        let (count, of) = (found.len(), found.shape());
        bail!("{}: {count} images of {of}, expected {images} of {shape}: remove the folder", path.display());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Files, are_same_files};

    #[test]
    fn files_that_only_one_run_read_tell_nothing() {
        let files = |files: &[(&str, &str)]| -> Files {
            files.iter().map(|&(name, hash)| (name.to_owned(), hash.to_owned())).collect()
        };
        let test = files(&[("x", "1"), ("y", "2")]);
        for (found, expected) in [
            (&[("x", "1"), ("y", "2")][..], true),
            (&[("x", "1"), ("y", "2"), ("z", "3")], true),
            (&[("x", "1")], true),
            (&[("x", "1"), ("y", "4")], false),
            (&[("z", "3")], false),
            (&[], false),
        ] {
            let other = files(found);
            assert_eq!(
                (are_same_files(&test, &other), are_same_files(&other, &test)),
                (expected, expected),
                "{found:?}"
            );
        }
    }
}
