//! Printing without a panic: results to stdout, everything else to stderr. `println!` and `eprintln!` panic where they cannot write;
//! a lint keeps them out of this crate.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::{Context, Result};

/// Prints a result to stdout, a line or several. A reader that closed the pipe has seen enough; any other trouble is an error.
pub(super) fn say(text: impl Display) -> Result<()> {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the results cannot be printed"),
        _ => Ok(()),
    }
}

/// Prints a line to stderr. One that cannot be printed is dropped: work is not lost, and exit codes do not change, because
/// nobody reads the remarks.
pub(super) fn tell(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// Prints a remark to stderr, unless `quiet`.
pub(super) fn note(quiet: bool, remark: impl Display) {
    if !quiet {
        tell(format_args!("note: {remark}"));
    }
}
