//! Opening files that people name: regular files only, none larger than its reader takes.
//!
//! A FIFO waits for a writer that may never come, and a device has no end. Links are followed: what counts is what they lead to.

use std::{
    ffi::OsString,
    fs::{File, Metadata, OpenOptions},
    io::{self, Read},
    path::Path,
};

use crate::Error;

/// Opens a regular file of at most `limit` bytes, for a reader of its own.
///
/// # Errors
/// It cannot be opened, is larger, or is a folder, a FIFO, a socket or a device.
pub fn open_file(path: &Path, limit: u64) -> Result<File, Error> {
    let read_error = |source| Error::Read { path: path.to_owned(), source };
    let check = |found: io::Result<Metadata>| {
        let found = found.map_err(read_error)?;
        match special(&found) {
            Some(found) => Err(Error::NotAFile { path: path.to_owned(), found }),
            None if found.len() > limit => Err(Error::TooLarge { path: path.to_owned(), limit }),
            None => Ok(()),
        }
    };
    check(std::fs::metadata(path))?;
    // What was looked at may have been replaced since, so what is open counts; a FIFO must not block until then.
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path).map_err(read_error)?;
    check(file.metadata())?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes whole.
///
/// # Errors
/// As [`open_file`]; it cannot be read, or grows beyond the limit meanwhile.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = open_file(path, limit)?.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    match read.map_err(|source| Error::Read { path: path.to_owned(), source })? as u64 {
        read if read > limit => Err(Error::TooLarge { path: path.to_owned(), limit }),
        _ => Ok(bytes),
    }
}

/// What something is that is no regular file, such as "a named pipe".
#[must_use]
pub fn special(found: &Metadata) -> Option<&'static str> {
    let kind = found.file_type();
    if kind.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some(if kind.is_dir() { "a folder" } else { "something else" })
}

/// The names in a folder, in the order of their bytes.
///
/// # Errors
/// It cannot be read.
pub(crate) fn names(folder: &Path) -> Result<Vec<OsString>, Error> {
    let read = || std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>();
    let mut names = read().map_err(|source| Error::Read { path: folder.to_owned(), source })?;
    names.sort_unstable();
    Ok(names)
}
