//! What is said of a file that is not what its name says.

use std::fmt::Display;
use std::path::Path;

use anyhow::{Error, anyhow};

/// The error of a file in which something else was found than expected.
pub(super) fn unexpected(path: &Path, found: impl Display, expected: impl Display) -> Error {
    anyhow!("{}: {found}, expected {expected}", path.display())
}
