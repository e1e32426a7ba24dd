//! The bytes of one file, embedded or on disk, gzip'd or not.

use std::{
    borrow::Cow,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::{Error, MAX_IMAGES, PIXELS};

/// What every gzip file starts with (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// No IDX file that is accepted is longer; looked at before the file is read.
const MAX_BYTES: u64 = 16 + (MAX_IMAGES * PIXELS) as u64;

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
    /// It cannot be read, or is larger than any file of this kind.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let read_error = |source| Error::Read { path: path.to_owned(), source };
        let file = fs::File::open(path).map_err(read_error)?;
        let bytes = file.metadata().map_err(read_error)?.len();
        let too_large = |bytes| Error::TooLarge { path: path.to_owned(), bytes, limit: MAX_BYTES };
        if bytes > MAX_BYTES {
            return Err(too_large(bytes));
        }
        // What is read counts, too: a device has no size.
        let mut bytes = Vec::new();
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(read_error)? as u64;
        if read > MAX_BYTES {
            return Err(too_large(read));
        }
        Ok(Self { path: path.to_owned(), bytes: bytes.into() })
    }

    /// Its name without the folder.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Its SHA-256 in hexadecimal, of the bytes as they lie there.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// Its content, unpacked on the way where its first bytes say gzip. Bytes after the last gzip member are an error.
    pub(crate) fn content(&self) -> Box<dyn Read + '_> {
        if self.bytes.starts_with(&GZIP_MAGIC) {
            Box::new(MultiGzDecoder::new(&*self.bytes))
        } else {
            Box::new(&*self.bytes)
        }
    }
}

/// The SHA-256 of some bytes, in hexadecimal: how reports and checkpoints name what they were made from.
///
/// ```
/// // FIPS 180-2, appendix B.1.
/// let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// assert_eq!(robust_data::sha256(b"abc"), digest);
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
