//! A part of a dataset, read.

use std::fmt;

use crate::{SplitName, labelled::Labelled};

/// What of a dataset is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What splits are taken from: `train` for training and validation.
    Train,
    Test,
    /// All of a dataset that has no such parts.
    Whole,
}

impl Part {
    /// The part that a split is taken from, where there are parts.
    pub(crate) fn of(split: SplitName) -> Self {
        if split == SplitName::Test { Self::Test } else { Self::Train }
    }

    /// A split that needs it, for messages.
    pub(crate) fn split(self) -> SplitName {
        if self == Self::Train { SplitName::Train } else { SplitName::Test }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Test => "test",
            Self::Whole => "whole",
        })
    }
}

/// Images and labels, the SHA-256 of the files that they came from, and what there is to be said of these.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) labelled: Labelled,
    pub(crate) hashes: Vec<(String, String)>,
    pub(crate) remarks: Vec<String>,
}
