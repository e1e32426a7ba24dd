//! What can be wrong with data: the file, what was found, what was expected, what to do; one line each.

use std::{io, path::PathBuf};

use crate::{MAX_IMAGES, SplitName};

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
    #[error("{folder} holds no images: expected PNG, IDX or npz files of 28x28 images")]
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
        /// What their pixels take as floats.
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
    /// Neither a dataset's name nor a folder.
    #[error("no dataset {name:?}: expected one of {known}, or a folder of IDX files in MNIST's names")]
    UnknownDataset {
        /// As asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Neither `train`, `validation` nor `test`.
    #[error("no split {0:?}: expected train, validation or test")]
    UnknownSplit(String),
    /// The dataset is a folder already, and a second folder was given.
    #[error(
        "dataset {dataset} is a folder itself: leave out the data folder {data_dir}, or name a dataset to read from it"
    )]
    TwoFolders {
        /// The dataset.
        dataset: PathBuf,
        /// The folder that was given besides.
        data_dir: PathBuf,
    },
    /// The dataset is not embedded, and neither a folder nor the Hub was offered.
    #[error(
        "dataset {dataset} is not embedded: give the folder of its IDX files with --data-dir, \
         or build with `--features hub` to load it from the Hugging Face Hub"
    )]
    NotEmbedded {
        /// The dataset.
        dataset: &'static str,
    },
    /// The Hub, or what it delivered, is of no use.
    #[error(
        "{dataset} from the Hugging Face Hub ({repository}): {reason}; check the network, or give a folder with --data-dir"
    )]
    Hub {
        /// The dataset.
        dataset: &'static str,
        /// Owner and name of the repository.
        repository: &'static str,
        /// What went wrong, in one line.
        reason: String,
    },
    /// A file of the set is not there.
    #[error(
        "{folder} holds no {file}.gz (nor {file}), which split {split} needs: put it there, or ask for another split"
    )]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// The name that was looked for, without `.gz`.
        file: &'static str,
        /// The split that needs it.
        split: SplitName,
    },
    /// No file of the set is there.
    #[error("{folder} holds none of MNIST's IDX files: expected {file}.gz (or {file}) and its companions")]
    NoDataset {
        /// The folder.
        folder: PathBuf,
        /// One name that was looked for, without `.gz`.
        file: &'static str,
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
    /// A split without a single image: too small a training file leaves none for validation.
    #[error(
        "split {split} of {dataset} is empty: validation is a tenth of the training file, which needs 10 images or more"
    )]
    EmptySplit {
        /// The dataset.
        dataset: String,
        /// The split.
        split: SplitName,
    },
    /// A file without a single image.
    #[error("{path} holds no images or labels, expected at least 1")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Images of another size.
    #[error("{path} holds images of {width}x{height} pixels, expected 28x28: resize them first")]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// Images and labels do not belong together.
    #[error(
        "{images_path} holds {images} images but {labels_path} {labels} labels, expected as many: are they of one set?"
    )]
    Count {
        /// The file of images.
        images_path: PathBuf,
        /// How many images.
        images: usize,
        /// The file of labels.
        labels_path: PathBuf,
        /// How many labels.
        labels: usize,
    },
    /// A label that the dataset does not have.
    #[error("{path}: label {found} at position {index}, expected {first}..={last}: is it the file of another dataset?")]
    Label {
        /// The file.
        path: PathBuf,
        /// Position in the file, from 0.
        index: usize,
        /// The label, as in the file.
        found: u8,
        /// The smallest label of the dataset's files.
        first: u8,
        /// The largest.
        last: u8,
    },
    /// A table of characters that does not go with the images.
    #[error(
        "{path}, line {line}: found {found}, expected columns split, position and char, positions from 0 and one character or none"
    )]
    Provenance {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is there.
        found: String,
    },
    /// A slice that selects nothing.
    #[error("offset {offset} and the limit select none of the {len} images of split {split}: lower the offset")]
    EmptySlice {
        /// The split.
        split: SplitName,
        /// Images to skip.
        offset: usize,
        /// Images to keep at most.
        limit: Option<usize>,
        /// Images there.
        len: usize,
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
    /// Not a PNG, or a damaged one.
    #[error("{path} is no readable PNG ({reason}): save it again as a PNG of 28x28 pixels")]
    Png {
        /// The file.
        path: PathBuf,
        /// What the decoder or encoder said.
        reason: String,
    },
    /// A PNG that shows what is behind it.
    #[error("{path} is transparent in places, expected an opaque picture: flatten it onto its background first")]
    Transparent {
        /// The file.
        path: PathBuf,
    },
    /// A tensor could not be made.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}
