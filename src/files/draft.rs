//! A file on its way: written beside its place, flushed, hashed, then renamed into its place.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Seek, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use robust_data::sha256_of;
use tempfile::NamedTempFile;

use super::ending::{Open, gate};
use super::lock::{self, Taken};
use super::place::place;

/// How the names of temporary files begin.
const PREFIX: &str = ".tmp-robust-";

/// Writes `path`, or what a link there names, whole or not at all: a temporary file beside it takes `content`, is flushed to the disk and renamed, and the
/// folder is flushed. Makes the folder if it is not there. Returns the file's SHA-256.
///
/// # Errors
/// Whatever the system or `content` reports; the old file, if any, is then untouched.
pub(crate) fn write_whole(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<String> {
    let path = &place(path)?;
    fs::create_dir_all(folder_of(path))?;
    let (draft, sha256) = Draft::write(path, content)?.hashed()?;
    let settled = draft.settle()?;
    let mut open = gate();
    settled.place(&mut open)?;
    open.placed.push(path.into());
    flush_folder(folder_of(path))?;
    Ok(sha256)
}

/// A file whose content is written. Threads of their own hash it and flush it to the disk, while the next one is written.
pub(super) struct Draft {
    hashing: JoinHandle<io::Result<String>>,
    hashed: Hashed,
}

/// A file whose hash is known, and that is being flushed.
pub(super) struct Hashed {
    flushing: JoinHandle<io::Result<()>>,
    settled: Settled,
}

/// A file that lies on the disk, beside its place.
pub(super) struct Settled {
    path: PathBuf,
    temporary: Temporary,
}

impl Draft {
    /// Writes `content` to a temporary file beside `path`, or beside what a link there names.
    pub(super) fn write(
        path: &Path,
        content: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    ) -> io::Result<Self> {
        let path = &place(path)?;
        let mut temporary = Temporary::new(folder_of(path))?;
        let mut writer = BufWriter::new(temporary.file()?);
        content(&mut writer)?;
        writer.flush()?;
        drop(writer);
        let (flushed, mut read) = (temporary.file()?.try_clone()?, temporary.file()?.try_clone()?);
        let flushing = thread::Builder::new().spawn(move || flushed.sync_all())?;
        let hashing = thread::Builder::new().spawn(move || {
            read.rewind()?;
            sha256_of(read)
        })?;
        Ok(Self { hashing, hashed: Hashed { flushing, settled: Settled { path: path.into(), temporary } } })
    }

    /// Waits until the hash is known.
    pub(super) fn hashed(self) -> io::Result<(Hashed, String)> {
        let sha256 = self.hashing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok((self.hashed, sha256))
    }
}

impl Hashed {
    /// Waits until the file lies on the disk.
    pub(super) fn settle(self) -> io::Result<Settled> {
        self.flushing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(self.settled)
    }
}

impl Settled {
    /// Renames the file into its place.
    pub(super) fn place(self, open: &mut Open) -> io::Result<()> {
        self.temporary.rename(&self.path, open)
    }
}

/// Flushes the names in a folder, where the system can do that.
pub(super) fn flush_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A file that goes when it is dropped or the process ends. While its process lives it is locked, which tells it from one that a dead
/// process left behind.
struct Temporary(Option<NamedTempFile>);

impl Temporary {
    fn new(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        // Temporary files are private to their owner by default; what they become is as readable as any other file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        loop {
            let mut open = gate();
            let file = builder.tempfile_in(folder)?;
            open.passing.insert(file.path().into());
            drop(open);
            let path = file.path().to_owned();
            let mut temporary = Self(Some(file));
            // Somebody may have taken it for one of a dead process in the moment before it was locked.
            if lock::take(temporary.file()?, &path)? != Taken::No {
                return Ok(temporary);
            }
        }
    }

    fn file(&mut self) -> io::Result<&mut File> {
        self.0.as_mut().map(NamedTempFile::as_file_mut).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(mut self, path: &Path, open: &mut Open) -> io::Result<()> {
        let Some(file) = self.0.take() else { return Ok(()) };
        open.passing.remove(file.path());
        file.persist(path)?;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            gate().passing.remove(file.path());
        }
    }
}

/// Removes the temporary files of dead processes in `folder`.
pub(super) fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        if is_ours && entry.file_type()?.is_file() {
            lock::remove_if_free(&entry.path());
        }
    }
    Ok(())
}
