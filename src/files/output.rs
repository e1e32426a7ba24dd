//! A folder that one process writes to.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};

use super::draft::{remove_leftovers, write_whole};
use super::ending::gate;
use super::lock::{FolderLock, writer_of};
use super::place::place;

/// The page that `robust report` makes of a folder. It tells of what the summaries vouch for and goes with them.
pub(crate) const PAGE: &str = "report.html";

/// The error of a file or folder that the system refused.
pub(crate) fn refused(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.display().to_string();
    move |source| anyhow!("{path}: {source}; choose another folder with --out")
}

/// A folder that reports are written to, locked while this lives.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) folder: PathBuf,
    _lock: FolderLock,
}

impl Output {
    /// Makes the folder, locks it, which proves that a file can be created in it, and removes the temporary files that dead processes
    /// left there: before the long work, not after.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let Some(lock) = FolderLock::take(folder).map_err(refused(folder))? else {
            let (folder, writer) = (folder.display(), writer_of(folder));
            let writer = writer.unwrap_or_else(|| "another process".into());
            bail!("{folder} is being written to by {writer}: wait until it ends, or choose another folder with --out");
        };
        remove_leftovers(folder).map_err(refused(folder))?;
        Ok(Self { folder: folder.into(), _lock: lock })
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder `name` inside this one.
    pub(crate) fn subfolder(&self, name: &str) -> Result<Self> {
        Self::new(&self.path(name))
    }

    /// Writes one file, whole or not at all, that takes its place alone. Returns its SHA-256.
    pub(crate) fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    ) -> Result<String> {
        let path = self.path(name);
        write_whole(&path, content).map_err(refused(&path))
    }

    /// Removes these summaries, because files that they vouch for are about to change, and the page that told of them.
    pub(crate) fn withdraw(&self, summaries: &[&str]) -> Result<()> {
        let _open = gate();
        summaries.iter().chain(&[PAGE]).try_for_each(|name| self.remove(name))
    }

    /// Removes `name`, if it is there; of a link what it names, which another file will be written to.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        match place(&path).and_then(fs::remove_file) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(refused(&path)(source)),
            _ => Ok(()),
        }
    }
}
