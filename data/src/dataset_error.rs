//! What can be wrong with a dataset whose files may each be whole; one line each.

use std::path::PathBuf;

use crate::SplitName;

/// Why there is no such dataset, or no such part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// Neither a dataset's name nor a folder.
    #[error("no dataset {name:?}: expected one of {known}, or a folder of IDX files in MNIST's names")]
    UnknownDataset {
        /// As asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
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
        found: u32,
        /// The smallest label of the dataset's files.
        first: u32,
        /// The largest.
        last: u32,
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
}
