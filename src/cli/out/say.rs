//! Printing without a panic: results to stdout, everything else to stderr. `println!` and `eprintln!` panic where they cannot write;
//! a lint keeps them out of this crate.
//!
//! Everything here is made plain on its way: what a name from outside holds beside letters must neither move a cursor nor end a line.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::{Context, Result};
use robust_data::plain;

/// Prints a result to stdout, one line. A reader that closed the pipe has seen enough; any other trouble is an error.
pub(crate) fn say(line: impl Display) -> Result<()> {
    print(plain(&line.to_string()))
}

/// Prints several lines to stdout, such as a table, whose cells keep to theirs.
pub(crate) fn say_lines(lines: impl Display) -> Result<()> {
    print(lines.to_string().split('\n').map(plain).collect::<Vec<_>>().join("\n"))
}

/// Prints a file of our own making as it is, such as a script.
pub(crate) fn say_bytes(bytes: &[u8]) -> Result<()> {
    printed(stdout().write_all(bytes))
}

fn print(text: impl Display) -> Result<()> {
    printed(writeln!(stdout(), "{text}"))
}

fn printed(outcome: std::io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the results cannot be printed"),
        _ => Ok(()),
    }
}

/// Prints a line to stderr. One that cannot be printed is dropped: work is not lost, and exit codes do not change, because
/// nobody reads the remarks.
pub(crate) fn tell(line: impl Display) {
    let _ = writeln!(stderr(), "{}", plain(&line.to_string()));
}

/// Prints a remark to stderr, unless `quiet`.
pub(crate) fn note(quiet: bool, remark: impl Display) {
    if !quiet {
        tell(format_args!("note: {remark}"));
    }
}
