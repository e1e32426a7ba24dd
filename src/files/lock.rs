//! A lock on a folder: one process at a time writes there. The lock is the kernel's (flock), on a file in the folder, so that it ends
//! with its process however that ends; the file says who holds it, for messages.
//!
//! A file that is removed while another process waits to lock it must not count for that process: whoever has locked a file looks
//! whether it still lies at its path. So the last one out can remove the file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::thread::sleep;
use std::time::Duration;

use robust_data::open_file;

use super::ending::gate;

/// Name of the file.
const NAME: &str = ".robust.lock";
/// A reader that looks who writes holds the lock for a moment; it is not taken for a writer.
const PATIENCE: [Duration; 10] = [Duration::from_millis(10); 10];

/// What came of an attempt to lock a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is locked.
    Yes,
    /// Another process has locked or removed it.
    No,
    /// The file system knows no locks.
    Never,
}

/// Locks an open file that lies at `path`.
pub(super) fn take(file: &File, path: &Path) -> io::Result<Taken> {
    match file.try_lock() {
        Ok(()) if lies_at(file, path)? => Ok(Taken::Yes),
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(Taken::No),
        Err(TryLockError::Error(_)) => Ok(Taken::Never),
    }
}

/// Removes a file unless a process has locked it.
pub(super) fn remove_if_free(path: &Path) {
    // For writing, too: over NFS nothing else can be locked for one process alone.
    if let Ok(file) = OpenOptions::new().read(true).write(true).open(path)
        && matches!(take(&file, path), Ok(Taken::Yes))
    {
        let _ = fs::remove_file(path);
    }
}

/// Whether the open file is the one at `path`.
#[cfg(unix)]
fn lies_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((open.dev(), open.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the open file is the one at `path`: here an open file is not removed.
#[cfg(not(unix))]
fn lies_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// The lock of a folder, held.
#[derive(Debug)]
pub(super) struct FolderLock {
    path: PathBuf,
    /// The folder, if it was made for this lock.
    made: Option<PathBuf>,
    _file: File,
}

impl FolderLock {
    /// Takes the lock of `folder`, which is made if it is not there; none if another process holds it.
    pub(super) fn take(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(NAME);
        for pause in PATIENCE {
            let mut open = gate();
            let made = (!folder.exists()).then(|| folder.to_owned());
            fs::create_dir_all(folder)?;
            let mut file = match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path) {
                // The last one out has just removed the folder.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other?,
            };
            if take(&file, &path)? == Taken::No {
                drop(open);
                sleep(pause);
                continue;
            }
            // For messages only.
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
            open.passing.insert(path.clone());
            open.made.extend(made.clone());
            return Ok(Some(Self { path, made, _file: file }));
        }
        Ok(None)
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        let mut open = gate();
        // Removed while it is held. Where an open file cannot be removed, it stays.
        let _ = fs::remove_file(&self.path);
        open.passing.remove(&self.path);
        if let Some(made) = &self.made {
            open.made.retain(|folder| folder != made);
            // One that holds something stays.
            let _ = fs::remove_dir(made);
        }
    }
}

/// The process that is writing to `folder`, as text, if there is one.
pub(crate) fn writer_of(folder: &Path) -> Option<String> {
    let mut file = open_file(&folder.join(NAME), u64::MAX).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = (&mut file).take(20).read_to_string(&mut text);
            Some(text.parse::<u32>().map_or_else(|_| "another process".into(), |id| format!("process {id}")))
        }
        _ => None,
    }
}
