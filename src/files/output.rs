//! A folder that one process writes to.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::draft::{remove_leftovers, write_whole};
use super::ending::gate;
use super::lock::{FolderLock, writer_of};
use super::place::place;

/// The page that `robust report` makes of a folder. It tells of what the summaries vouch for and goes with them.
pub(crate) const PAGE: &str = "report.html";

/// A folder could not be written to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("{}: {source}; choose another folder with --out", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Another process is writing there.
    #[error("{} is being written to by {writer}: wait until it ends, or choose another folder with --out", folder.display())]
    Busy { folder: PathBuf, writer: String },
}

/// A folder that reports are written to, locked while this lives.
#[derive(Debug)]
pub(crate) struct Output {
    folder: PathBuf,
    _lock: FolderLock,
}

impl Output {
    /// Makes the folder, locks it, which proves that a file can be created in it, and removes the temporary files that dead processes
    /// left there: before the long work, not after.
    ///
    /// # Errors
    /// [`OutputError`] if it cannot, or another process writes there.
    pub(crate) fn new(folder: &Path) -> Result<Self, OutputError> {
        let error = |source| OutputError::Io { path: folder.into(), source };
        let Some(lock) = FolderLock::take(folder).map_err(error)? else {
            let writer = writer_of(folder).unwrap_or_else(|| "another process".into());
            return Err(OutputError::Busy { folder: folder.into(), writer });
        };
        remove_leftovers(folder).map_err(error)?;
        Ok(Self { folder: folder.into(), _lock: lock })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder `name` inside this one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn subfolder(&self, name: &str) -> Result<Self, OutputError> {
        Self::new(&self.path(name))
    }

    /// Writes one file, whole or not at all, that takes its place alone. Returns its SHA-256.
    ///
    /// # Errors
    /// [`OutputError`] with the file's path.
    pub(crate) fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    ) -> Result<String, OutputError> {
        let path = self.path(name);
        write_whole(&path, content).map_err(|source| OutputError::Io { path, source })
    }

    /// Removes these summaries, because files that they vouch for are about to change, and the page that told of them.
    ///
    /// # Errors
    /// [`OutputError`] with the file's path.
    pub(crate) fn withdraw(&self, summaries: &[&str]) -> Result<(), OutputError> {
        let _open = gate();
        summaries.iter().chain(&[PAGE]).try_for_each(|name| self.remove(name))
    }

    /// Removes `name`, if it is there; of a link what it names, which another file will be written to.
    pub(super) fn remove(&self, name: &str) -> Result<(), OutputError> {
        let path = self.path(name);
        match place(&path).and_then(fs::remove_file) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(OutputError::Io { path, source }),
            _ => Ok(()),
        }
    }
}
