//! The bytes of one file, embedded or on disk, gzip'd or not.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::{Error, MAX_IMAGES, PIXELS, kind::GZIP_MAGIC, open::read_file};

/// No IDX file that is accepted is longer, packed or not.
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

/// The SHA-256 of all that a reader still gives, in hexadecimal.
///
/// # Errors
/// Whatever the reader reports.
pub fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let (mut hash, mut block) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(read) => hash.update(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
