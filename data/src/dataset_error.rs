//! What can be wrong with a dataset whose files may each be whole; one line each.

use std::path::PathBuf;

use crate::{MAX_CLASSES, SplitName};

/// Why there is no such dataset, or no such part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// Neither a dataset's name nor a folder.
    #[error("no dataset {name:?}: expected one of {known}, or a folder or npz file of your own")]
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
        "dataset {dataset} is not embedded: give the folder of its files with --data-dir,{system} \
         or build with `--features hub` to load it from the Hugging Face Hub"
    )]
    NotEmbedded {
        /// The dataset.
        dataset: &'static str,
        /// The package that brings it, and the folder where it was looked for; empty where there is none.
        system: String,
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
    #[error("{folder} holds no {file}, which split {split} needs: put it there, or ask for another split")]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// What was looked for.
        file: String,
        /// The split that needs it.
        split: SplitName,
    },
    /// Nothing of a known form is there.
    #[error(
        "{folder} holds no dataset: expected folders of classes (in train/ and test/, or alone), MNIST's IDX files, CIFAR-10's binary files, \
         train.npz or test.npz, or labels.csv beside pictures"
    )]
    NoDataset {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing says which of the images are for training.
    #[error(
        "{path} has no test/ apart from its training images, so all of it is the split test: ask for that, or divide it by a seed, as train does"
    )]
    Undivided {
        /// The folder or file.
        path: String,
    },
    /// No picture that can be read.
    #[error("{folder} holds no picture that can be read: found {found}")]
    NoPicture {
        /// The folder.
        folder: PathBuf,
        /// What is there.
        found: String,
    },
    /// More classes than are accepted.
    #[error("{folder} has {found} classes, expected at most {MAX_CLASSES}: is it the folder that was meant?")]
    TooManyClasses {
        /// The folder.
        folder: PathBuf,
        /// How many.
        found: usize,
    },
    /// A list of names that does not name the classes.
    #[error("{path}: found {found}, expected a line with a name for each class, from class 0 on")]
    ClassNames {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// A table that does not name pictures and their classes.
    #[error(
        "{path}, line {line}: found {found}, expected a header with the columns file and label, and below it a line for each picture"
    )]
    Table {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is there.
        found: String,
    },
    /// A split without a single image: too small a training file leaves none for validation.
    #[error(
        "split {split} of {dataset} is empty: validation (and test, where there is none) is a tenth of the images, so 10 or more are needed"
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
