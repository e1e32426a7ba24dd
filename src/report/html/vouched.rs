//! A summary, and whether the files beside it are those that it vouches for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value};

use super::facts::document;
use crate::files::{Files, Found, Hashes};
use crate::words::first_of;

/// How many missing files are named.
const NAMED: usize = 3;

/// What speaks against a folder.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is not whole, or not as it was written. It is left out.
    faults: BTreeMap<PathBuf, String>,
    /// What else a reader should know.
    pub(super) remarks: Vec<String>,
}

/// A summary, compared with the files that it vouches for.
pub(super) struct Summary {
    pub(super) name: &'static str,
    /// What it says.
    pub(super) entries: Map<String, Value>,
    /// What was found of each file; none if the summary is of a version that vouched for nothing.
    found: Option<BTreeMap<String, Found>>,
}

impl Findings {
    /// Notes that a file is left out. Once is enough for each file.
    pub(super) fn fault(&mut self, file: PathBuf, reason: impl Into<String>) {
        self.faults.entry(file).or_insert_with(|| reason.into());
    }

    /// Takes over what speaks against another folder.
    pub(super) fn extend(&mut self, other: Self) {
        other.faults.into_iter().for_each(|(file, reason)| self.fault(file, reason));
        self.remarks.extend(other.remarks);
    }

    /// What is left out, as text.
    pub(super) fn faults(&self) -> Vec<String> {
        self.faults.iter().map(|(file, reason)| format!("{} {reason}", file.display())).collect()
    }
}

impl Summary {
    /// Reads the summary and looks at every file that it vouches for; none if it does not lie in the folder.
    pub(super) fn read(
        folder: &Path,
        name: &'static str,
        hashes: &Hashes,
        findings: &mut Findings,
    ) -> Result<Option<Self>> {
        let path = folder.join(name);
        let Some(entries) = document(&path)? else { return Ok(None) };
        let files: Option<Files> = entries.get("files").and_then(|files| serde_json::from_value(files.clone()).ok());
        let Some(files) = files else {
            let remark = "does not say which files it belongs to: those beside it may be of another run";
            findings.remarks.push(format!("{} {remark}", path.display()));
            return Ok(Some(Self { name, entries, found: None }));
        };
        let found: BTreeMap<String, Found> =
            files.iter().map(|(file, sha256)| (file.clone(), hashes.find(folder, file, sha256))).collect();
        let are = |kind: Found| found.iter().filter(move |(_, found)| **found == kind).map(|(file, _)| file.as_str());
        for file in are(Found::Other) {
            findings.fault(seen_from(folder, file), format!("is not the file that {name} vouches for"));
        }
        let missing: Vec<&str> = are(Found::Nothing).collect();
        if !missing.is_empty() {
            let named = first_of(&missing, NAMED);
            findings.remarks.push(format!("{} vouches for {named}, missing now", path.display()));
        }
        Ok(Some(Self { name, entries, found: Some(found) }))
    }

    /// Whether it vouches for this file, and the file is the one that was written.
    pub(super) fn vouches_for(&self, file: &str) -> bool {
        self.found.as_ref().is_none_or(|found| found.get(file) == Some(&Found::Same))
    }

    /// Whether it says a word of this file.
    pub(super) fn names(&self, file: &str) -> bool {
        self.found.as_ref().is_some_and(|found| found.contains_key(file))
    }

    /// Whether it vouches for this file, and another lies there.
    pub(super) fn denies(&self, file: &str) -> bool {
        self.found.as_ref().is_some_and(|found| found.get(file) == Some(&Found::Other))
    }

    /// Whether all images beside it are those that were written.
    pub(super) fn vouches_for_images(&self) -> bool {
        let images = self.found.iter().flatten().filter(|(file, _)| file.ends_with(".npz"));
        images.into_iter().all(|(_, found)| *found == Found::Same)
    }

    /// Notes that a file is left out which lies beside the summary without a word in it.
    pub(super) fn check_names(&self, folder: &Path, file: &str, findings: &mut Findings) {
        let path = folder.join(file);
        if self.found.is_some() && !self.names(file) && path.exists() {
            findings.fault(path, format!("is not among the files that {} vouches for", self.name));
        }
    }
}

/// Where a file lies that a summary in `folder` names: there, or in the folder around it.
fn seen_from(folder: &Path, file: &str) -> PathBuf {
    match (file.strip_prefix("../"), folder.parent()) {
        (Some(beside), Some(around)) if around != Path::new("") => around.join(beside),
        _ => folder.join(file),
    }
}
