//! What a process takes away with it when it is told to end: its temporary files and its locks.

use std::collections::BTreeSet;
use std::fs;
use std::mem;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What this process has open.
pub(super) struct Open {
    /// Files that must not outlive the process.
    pub(super) passing: BTreeSet<PathBuf>,
    /// Folders that the process made, the outer before the inner.
    pub(super) made: Vec<PathBuf>,
    /// What took its place so far: lone files and summaries.
    pub(super) placed: Vec<PathBuf>,
}

static OPEN: Mutex<Open> = Mutex::new(Open { passing: BTreeSet::new(), made: Vec::new(), placed: Vec::new() });

/// The one gate that every change of a folder goes through.
pub(super) fn gate() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes this process's temporary files, its locks and the folders that it left empty, and lets it change no folder from now on:
/// whoever tries waits for ever. Files that are taking their places are waited for. Returns the files and summaries that took their
/// places. For the last moment before the process exits.
pub(crate) fn abandon() -> Vec<PathBuf> {
    let mut open = gate();
    for file in &open.passing {
        let _ = fs::remove_file(file);
    }
    for folder in open.made.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
    let placed = mem::take(&mut open.placed);
    mem::forget(open);
    placed
}
