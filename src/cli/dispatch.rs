//! From arguments to an exit code: 0 done, 1 failed, 2 wrong usage, with one line on stderr for the last two; 130 and 143
//! interrupted.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use super::flags::{Arguments, Command};
use super::names::meant;
use super::negative::joined;
use super::say::tell;
use super::{attack, detect, evaluate, explore, figures, interrupt, list, report, train};

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
    let arguments = match Arguments::try_parse_from(joined(arguments)) {
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
            tell(one_line(&error));
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

/// The first paragraph of clap's message, and a hint on what may have been meant; clap's tips and the usage follow in others.
fn one_line(error: &clap::Error) -> String {
    let message = error.render().to_string();
    let paragraph = message.trim().split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let hint = match error.kind() {
        ErrorKind::UnknownArgument => text(ContextKind::SuggestedArg).map(|flag| format!("; did you mean {flag}?")),
        ErrorKind::InvalidSubcommand => text(ContextKind::InvalidSubcommand).map(|name| {
            let command = Arguments::command();
            meant(name, command.get_subcommands().map(clap::Command::get_name))
        }),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let is_gap = text(ContextKind::InvalidValue) == Some("");
            let is_list = text(ContextKind::InvalidArg).is_some_and(|flag| flag.ends_with(",..>"));
            (is_gap && is_list).then(|| "; is there a comma too many?".to_owned())
        }
        _ => None,
    };
    match (hint.filter(|hint| !hint.is_empty()), error.kind()) {
        (Some(hint), _) => line + &hint,
        (None, ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand) => line + "; --help says what there is",
        (None, _) => line,
    }
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
