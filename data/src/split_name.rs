//! The names of a dataset's parts.

use std::{fmt, str::FromStr};

/// Which part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SplitName {
    /// The training file without the validation images.
    Train,
    /// Images held out of the training file, for choosing and for thresholds.
    Validation,
    /// The test file.
    Test,
}

impl fmt::Display for SplitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

impl FromStr for SplitName {
    type Err = UnknownSplit;

    fn from_str(name: &str) -> Result<Self, UnknownSplit> {
        match name {
            "train" => Ok(Self::Train),
            "validation" => Ok(Self::Validation),
            "test" => Ok(Self::Test),
            _ => Err(UnknownSplit(name.to_owned())),
        }
    }
}

/// Neither `train`, `validation` nor `test`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no split {0:?}: expected train, validation or test")]
pub struct UnknownSplit(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_names_round_trip() {
        for name in [SplitName::Train, SplitName::Validation, SplitName::Test] {
            assert_eq!(name.to_string().parse::<SplitName>().unwrap(), name);
        }
        assert!("Test".parse::<SplitName>().is_err());
    }
}
