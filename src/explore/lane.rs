//! [`Lane`]: questions that take long do not stand in the way of those that do not.

/// How long a question may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Milliseconds.
    Quick,
    /// Perhaps minutes.
    Slow,
}

impl Lane {
    /// How many may wait.
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Quick => 256,
            Self::Slow => 128,
        }
    }
}
