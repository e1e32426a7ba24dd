//! Printing results: as `println!`, but a reader that closed the pipe has seen enough, and any other trouble is an error
//! rather than a panic.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};

use anyhow::{Context, Result};

/// Prints a line, or several, to stdout.
pub(super) fn say(text: impl Display) -> Result<()> {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the results cannot be printed"),
        _ => Ok(()),
    }
}
