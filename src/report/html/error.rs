//! Why a report folder could not be read.

use std::io;
use std::path::{Path, PathBuf};

/// Why a report folder could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Nothing to report on.
    #[error(
        "{} holds no report: expected attack.csv, detect.csv or train.csv, as `robust attack`, `detect`, `evaluate` and `train` write them",
        folder.display()
    )]
    NoReport { folder: PathBuf },
    /// What is there is not whole, or not as it was written.
    #[error("{} is not whole: {faults}; run the command that wrote it again", folder.display())]
    NotWhole {
        folder: PathBuf,
        /// What is missing, or which files are others.
        faults: String,
    },
    /// A file is not what its name says.
    #[error("{}: {found}, expected {expected}", path.display())]
    Format {
        path: PathBuf,
        /// What was found, and in which line.
        found: String,
        /// What should have been there.
        expected: String,
    },
    /// A file could not be opened, or the images in it not be read.
    #[error(transparent)]
    File(#[from] robust_data::Error),
}

impl ReadError {
    /// A file in which something else was found than expected.
    pub(super) fn format(path: &Path, found: impl ToString, expected: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), found: found.to_string(), expected: expected.into() }
    }
}
