//! What can be wrong with a file: the file, what was found, what was expected, what to do; one line each.

use std::{io, path::PathBuf};

use crate::{DatasetError, FitError, MAX_IMAGES, PictureFault};

/// Why data could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Not a regular file, which alone is sure to come to an end.
    #[error("{path} is {found}, expected a regular file")]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        found: &'static str,
    },
    /// A file names another that does not lie in its folder.
    #[error("{path} leads out of {folder}: only files in that folder are read")]
    Outside {
        /// What is named.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// A file of a kind that is not read there.
    #[error("{path} is {found}, expected {expected}")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What its first bytes say.
        found: String,
        /// What is read, and what to do.
        expected: String,
    },
    /// A folder to be screened has no images.
    #[error("{folder} holds no images: expected PNG, JPEG, IDX or npz files, not in folders of its own")]
    NoInput {
        /// The folder.
        folder: PathBuf,
    },
    /// More images than memory holds.
    #[error("{path} holds {images} images, which take {megabytes} MB of memory, more than there is: split the file")]
    Memory {
        /// The file.
        path: PathBuf,
        /// How many.
        images: usize,
        /// What their pixels take.
        megabytes: usize,
    },
    /// The operating system refused to write.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// More bytes than any file has that is read there.
    #[error("{path} has more than {limit} bytes, the most that such a file may have: split it, or is it another file?")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The compressed data is corrupt or cut off.
    #[error("{path}: the gzip data is damaged ({source}): get the file again")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: io::Error,
    },
    /// Not the kind of file that was expected.
    #[error(
        "{path} starts with {found}, expected the IDX magic number 0x{expected:08x} ({kind}), gzip'd or not: is it another file?"
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// Its first bytes, in hexadecimal.
        found: String,
        /// The magic number.
        expected: u32,
        /// "images" or "labels".
        kind: &'static str,
    },
    /// The file ends before its own header says.
    #[error("{path} ends after {found} bytes, expected {expected}: get the file again")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes there, header included, uncompressed.
        found: usize,
        /// Bytes that its header promises, or that a header takes.
        expected: usize,
    },
    /// The file goes on after the end that its header gives.
    #[error("{path} goes on after the {expected} bytes that its header promises: get the file again")]
    Trailing {
        /// The file.
        path: PathBuf,
        /// Bytes promised, header included, uncompressed.
        expected: usize,
    },
    /// More images than are accepted.
    #[error("{path} claims {found} images or labels, expected at most {MAX_IMAGES}: split the file")]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many it claims.
        found: u64,
    },
    /// A file without a single image.
    #[error("{path} holds no images or labels, expected at least 1")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Images of no size, or of an absurd one.
    #[error("{path} claims images of {width}x{height} pixels, expected 1 to 16384 a side: is it another file?")]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// A row that the set does not have.
    #[error("image {row} of a set of {len} images, expected a row from 0 to {len} (exclusive)")]
    Row {
        /// The row.
        row: usize,
        /// Images there.
        len: usize,
    },
    /// Not a zip archive, or a damaged one.
    #[error("{path} is no readable npz archive ({source}): write it again with numpy.savez")]
    Zip {
        /// The file.
        path: PathBuf,
        /// What the zip reader or writer said.
        source: zip::result::ZipError,
    },
    /// None of the arrays that were asked for.
    #[error("{path} holds no array {wanted}, only {found}: name one with --key")]
    NoArray {
        /// The file.
        path: PathBuf,
        /// The keys that were looked for.
        wanted: String,
        /// The keys that are there.
        found: String,
    },
    /// An array that is not what is needed.
    #[error("{path}, array {key}: {found}, expected {expected}")]
    Array {
        /// The file.
        path: PathBuf,
        /// The array.
        key: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A pixel that is no brightness.
    #[error(
        "{path}, array {key}: pixel {value} in image {image}, expected values from 0 to 1 (divide bytes by 255, or store them as uint8)"
    )]
    Pixel {
        /// The file.
        path: PathBuf,
        /// The array.
        key: String,
        /// The image's position.
        image: usize,
        /// Its value.
        value: f32,
    },
    /// A picture that cannot be read.
    #[error("{path} {fault}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: PictureFault,
    },
    /// What cannot be written as a PNG.
    #[error("{path} cannot be a PNG: {reason}")]
    Png {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        reason: String,
    },
    /// A PNG that shows what is behind it.
    #[error("{path} is transparent in places, expected an opaque picture: flatten it onto its background first")]
    Transparent {
        /// The file.
        path: PathBuf,
    },
    /// Images of another size or with other channels than is asked for.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The files are what they should be, and make no dataset.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A tensor could not be made.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
