//! [`Reason`]: why an image was flagged, in a word that a person understands.

use std::fmt;

/// Why an image was flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The classifier doubts its own answer.
    Unsure,
    /// Another label explains the image better than the predicted one.
    AnotherLabel,
    /// The image is not made like the clean ones.
    Unlike,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unsure, Self::AnotherLabel, Self::Unlike];

    /// As files write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unsure => "unsure",
            Self::AnotherLabel => "another label",
            Self::Unlike => "unlike",
        }
    }

    /// In plain words, as pages write it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unsure => "the classifier is unsure",
            Self::AnotherLabel => "another label explains it better",
            Self::Unlike => "unlike clean images",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.word())
    }
}
