//! Whether files are those that a summary vouches for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use robust_data::{open_file, sha256_of};

/// The files that a summary vouches for: names as seen from the summary's folder, and the SHA-256 of each.
pub(crate) type Files = BTreeMap<String, String>;

/// The files of a summary in the folder `name`, as they are seen from the folder around it.
pub(crate) fn seen_from_around(name: &str, files: &Files) -> Files {
    let seen = |file: &String| match file.strip_prefix("../") {
        Some(beside) => beside.to_owned(),
        None => format!("{name}/{file}"),
    };
    files.iter().map(|(file, sha256)| (seen(file), sha256.clone())).collect()
}

/// What lies where a summary names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The file that was written.
    Same,
    /// Another file, or one that cannot be read.
    Other,
    /// Nothing.
    Nothing,
}

/// SHA-256 of files by their place, each worked out once.
#[derive(Debug, Default)]
pub(crate) struct Hashes(Mutex<BTreeMap<PathBuf, Option<String>>>);

impl Hashes {
    /// What lies at `name`, as seen from `folder`, beside a summary that vouches for this SHA-256.
    pub(crate) fn find(&self, folder: &Path, name: &str, sha256: &str) -> Found {
        // A file that several summaries name is one place.
        let Ok(place) = fs::canonicalize(folder.join(name)) else { return Found::Nothing };
        if self.of(place).as_deref() == Some(sha256) { Found::Same } else { Found::Other }
    }

    fn of(&self, place: PathBuf) -> Option<String> {
        if let Some(sha256) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return sha256.clone();
        }
        let sha256 = open_file(&place, u64::MAX).ok().and_then(|file| sha256_of(file).ok());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, sha256.clone());
        sha256
    }
}
