//! What a file is, by its first bytes: a name may lie, and a message should say what was found.

use std::{
    fmt, fs,
    io::{self, Read, Seek},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use self::Content::{Idx, Jpeg, Npy, Npz, Other, Picture, Png, Unknown};
use crate::{Error, hash::hex};

/// Bytes that are looked at: as far as a tar archive's magic number.
const HEAD: usize = 512;
/// What every gzip file starts with (RFC 1952, section 2.3.1).
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// A file within a zip archive; its name lies 30 bytes on, the name's length 26.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// What the content of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Png,
    Jpeg,
    /// IDX, bytes in three dimensions.
    Idx,
    Npz,
    /// A single npy array.
    Npy,
    /// A picture in a format that is not read.
    Picture(&'static str),
    /// No images.
    Other(&'static str),
    /// Its first bytes.
    Unknown([u8; 4]),
}

/// The content of a file, and whether it is gzip'd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) content: Content,
    pub(crate) packed: bool,
}

/// How texts begin that are more than that, in any case of letters.
const TEXTS: [(&str, Content); 5] = [
    ("%PDF", Other("a PDF document")),
    ("<!doctype html", Other("an HTML page")),
    ("<html", Other("an HTML page")),
    ("<svg", Picture("an SVG drawing")),
    ("<?xml", Other("an XML document")),
];

/// Magic numbers of what is no text, and how far on in the file they lie.
const MAGIC: [(usize, &[u8], Content); 30] = [
    (0, b"\x89PNG\r\n\x1a\n", Png),
    (0, b"\x00\x00\x08\x03", Idx),
    (0, b"\x93NUMPY", Npy),
    (0, b"\xff\xd8\xff", Jpeg),
    (0, b"GIF8", Picture("a GIF picture")),
    (0, b"BM", Picture("a BMP picture")),
    (0, b"II*\0", Picture("a TIFF picture")),
    (0, b"MM\0*", Picture("a TIFF picture")),
    (8, b"WEBP", Picture("a WebP picture")),
    (4, b"ftypavif", Picture("an AVIF picture")),
    (4, b"ftyphei", Picture("a HEIF picture")),
    (4, b"ftypmif1", Picture("a HEIF picture")),
    (0, b"8BPS", Picture("a Photoshop picture")),
    (0, b"\x00\x00\x08\x01", Other("an IDX file of labels")),
    (0, b"\x00\x00\x08", Other("an IDX file of other dimensions than images have")),
    (0, b"\x00\x00\x0d", Other("an IDX file of floating-point numbers")),
    (0, ZIP_MAGIC, Other("a zip archive of something else than arrays")),
    (0, b"PK\x05\x06", Other("an empty zip archive")),
    (0, b"\x80\x02", Other("a Python pickle")),
    (0, b"\x80\x03", Other("a Python pickle")),
    (0, b"\x80\x04", Other("a Python pickle")),
    (0, b"\x80\x05", Other("a Python pickle")),
    (0, b"MATLAB 5.0 MAT-file", Other("a MATLAB file")),
    (0, b"MATLAB 7.3 MAT-file", Other("a MATLAB file")),
    (0, b"\x89HDF\r\n\x1a\n", Other("an HDF5 file")),
    (0, b"PAR1", Other("a Parquet file")),
    (0, b"BZh", Other("a bzip2 file")),
    (0, b"\xfd7zXZ\0", Other("an xz file")),
    (0, b"\xff\xfe", Other("a text file in UTF-16")),
    (257, b"ustar", Other("a tar archive")),
];

impl Kind {
    /// Looks at the first bytes of a file and goes back to its start.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn of(file: &mut fs::File, path: &Path) -> Result<Self, Error> {
        Self::read(file).map_err(|source| Error::Read { path: path.to_owned(), source })
    }

    fn read(file: &mut fs::File) -> io::Result<Self> {
        let head = head(&mut *file)?;
        let packed = head.starts_with(&GZIP_MAGIC);
        file.rewind()?;
        let content = if packed {
            // A damaged one is found out by its reader.
            let head = head_of_packed(file);
            file.rewind()?;
            content(&head)
        } else {
            content(&head)
        };
        Ok(Self { content, packed })
    }

    /// An error, unless this is what the reader of `path` wants.
    pub(crate) fn expect(self, wanted: Content, path: &Path, expected: &'static str) -> Result<(), Error> {
        if self == (Self { content: wanted, packed: false }) { Ok(()) } else { Err(self.unexpected(path, expected)) }
    }

    /// The error of a file of this kind where another is `expected`.
    pub(crate) fn unexpected(self, path: &Path, expected: &'static str) -> Error {
        let advice = match self.content {
            _ if self.packed => ": unpack it first",
            Picture(_) => ": save it as a PNG",
            Npy => ": write it with numpy.savez(FILE, x=ARRAY)",
            _ => "",
        };
        Error::Kind { path: path.to_owned(), found: self.to_string(), expected: format!("{expected}{advice}") }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.packed {
            f.write_str("a gzip'd file that holds ")?;
        }
        match self.content {
            Png => f.write_str("a PNG"),
            Jpeg => f.write_str("a JPEG"),
            Idx => f.write_str("an IDX file of images"),
            Npz => f.write_str("an npz archive"),
            Npy => f.write_str("a single numpy array (npy)"),
            Picture(name) | Other(name) => f.write_str(name),
            Unknown(bytes) => write!(f, "of no known kind (it starts with {})", hex(&bytes)),
        }
    }
}

fn head(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// As much of the start as can be unpacked.
fn head_of_packed(file: &mut fs::File) -> Vec<u8> {
    let mut head = Vec::new();
    let _ = MultiGzDecoder::new(io::BufReader::new(file)).take(HEAD as u64).read_to_end(&mut head);
    head
}

fn content(head: &[u8]) -> Content {
    if head.is_empty() {
        return Other("empty");
    }
    if is_npz(head) {
        return Npz;
    }
    let begins = |(text, _): &&(&str, Content)| {
        head.get(..text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text.as_bytes()))
    };
    if let Some(&(_, content)) = TEXTS.iter().find(begins) {
        return content;
    }
    if is_text(head) {
        return Other("a text file");
    }
    let holds = |(at, magic, _): &&(usize, &[u8], Content)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    match MAGIC.iter().find(holds) {
        Some(&(_, _, content)) => content,
        None => Unknown(std::array::from_fn(|at| head.get(at).copied().unwrap_or_default())),
    }
}

/// A zip archive whose first file is an array, or may be one: a long name goes on after the head.
fn is_npz(head: &[u8]) -> bool {
    let name = || {
        let length = head.get(26..28)?.try_into().ok().map(u16::from_le_bytes)?;
        head.get(30..30 + usize::from(length))
    };
    head.starts_with(ZIP_MAGIC) && name().is_none_or(|name| name.ends_with(b".npy"))
}

/// UTF-8 without control characters but those that lay out text; the last character may be cut off.
fn is_text(head: &[u8]) -> bool {
    let is_plain = |text: &str| !text.contains(|c: char| c.is_control() && !"\t\n\r\u{c}".contains(c));
    match std::str::from_utf8(head) {
        Ok(text) => is_plain(text),
        Err(error) => {
            let (text, _) = head.split_at(error.valid_up_to());
            error.error_len().is_none() && std::str::from_utf8(text).is_ok_and(is_plain)
        }
    }
}
