//! From arguments to an exit code: 0 done, 1 failed, 2 wrong usage, with one line on stderr for the last two; 130 and 143
//! interrupted.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::flags::{Arguments, Command};
use super::say::tell;
use super::{attack, detect, evaluate, explore, figures, interrupt, list, number, report, train};

/// A combination of flags that makes no sense; the message says which and what would.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// A signal ended the command in good order, and this is the exit code that says so.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Interrupted(pub(super) u8);

/// Runs `robust` with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(number::joined(arguments)) {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A reader that closed the pipe has seen enough.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Help of several lines; who cannot read it loses nothing.
            let _ = error.print();
            return ExitCode::from(2);
        }
        Err(error) => {
            tell(first_paragraph(&error.render().to_string()));
            return ExitCode::from(2);
        }
    };
    interrupt::listen(&arguments.command);
    let outcome = match &arguments.command {
        Command::Train(flags) => train::run(flags),
        Command::Attack(flags) => attack::run(flags),
        Command::Detect(flags) => detect::run(flags),
        Command::Figures(flags) => figures::run(flags),
        Command::Report(flags) => report::run(flags),
        Command::Evaluate(flags) => evaluate::run(flags),
        Command::Explore(flags) => explore::run(flags),
        Command::List(flags) => list::run(flags),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if let Some(&Interrupted(code)) = error.downcast_ref() => ExitCode::from(code),
        Err(error) => {
            tell(format_args!("error: {}", causes(&error)));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// clap's message, its first paragraph, on one line; tips and usage follow in others.
fn first_paragraph(message: &str) -> String {
    let paragraph = message.trim().split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An error and its causes on one line. A cause that the line names already is left out.
fn causes(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let cause = without_backtrace(&cause);
        if !line.contains(cause) {
            let separator = if line.is_empty() { "" } else { ": " };
            line = format!("{line}{separator}{cause}");
        }
    }
    line
}

/// A message without the backtrace that candle appends, which begins in a line of its own with the number of its first frame. Other
/// lines stay: a file's name may have several.
fn without_backtrace(message: &str) -> &str {
    message.split("\n   0: ").next().unwrap_or_default()
}
