//! The bytes of one file, embedded or on disk, gzip'd or not.

use std::{
    borrow::Cow,
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use crate::{Error, hash::sha256, kind::GZIP_MAGIC, open::read_file};

/// No file of a dataset is longer, packed or not: a million images of 64x64 pixels.
const MAX_BYTES: u64 = 1 << 32;

/// A file's bytes, as they lie there, and its name for messages.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    bytes: Cow<'static, [u8]>,
}

impl File {
    /// A file that is part of the binary.
    pub(crate) fn embedded(path: &str, bytes: &'static [u8]) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// As [`read_file`].
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), bytes: read_file(path, MAX_BYTES)?.into() })
    }

    /// Its name without the folder.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Its SHA-256 in hexadecimal, of the bytes as they lie there.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// Its bytes, as they lie there.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its content, as [`unpacked`].
    pub(crate) fn content(&self) -> Box<dyn Read + '_> {
        unpacked(&*self.bytes, self.bytes.starts_with(&GZIP_MAGIC))
    }
}

/// What a file holds, unpacked on the way if it is `packed` with gzip, and no more than any file of this kind may. Bytes after the
/// last gzip member are an error.
pub(crate) fn unpacked<'a>(content: impl BufRead + 'a, packed: bool) -> Box<dyn Read + 'a> {
    let limit = MAX_BYTES + 1;
    if packed { Box::new(MultiGzDecoder::new(content).take(limit)) } else { Box::new(content.take(limit)) }
}
