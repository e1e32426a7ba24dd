//! From arguments to a command and its exit code: 0 done, others as in `usage`, with one line on stderr where it failed.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use robust_networks::kernels::Isa;

use super::commands::{attack, detect, evaluate, explore, export, figures, inspect, list, merge, report, shell, train};
use super::examples;
use super::flags::{joined, names::meant};
use super::interrupt::{self, Advice};
use super::out::tell;
use super::usage::{Interrupted, exit_code};

/// Attack an image classifier, and detect when it is being fooled.
#[derive(Debug, Parser)]
#[command(name = "robust", version, after_help = examples::ALL)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a style-memory network
    #[command(after_help = examples::TRAIN)]
    Train(train::TrainFlags),
    /// Attack a network and write the adversarial images and a report
    #[command(after_help = examples::ATTACK)]
    Attack(attack::AttackFlags),
    /// Detect adversarial and misclassified images, and measure the detection
    #[command(after_help = examples::DETECT)]
    Detect(detect::DetectFlags),
    /// Draw the figures of the style-memory paper, and measure its claims
    #[command(after_help = examples::FIGURES)]
    Figures(figures::FiguresFlags),
    /// Write one self-contained HTML page out of report folders
    #[command(after_help = examples::REPORT)]
    Report(report::ReportFlags),
    /// Attacks x epsilons x detectors in one table; goes on where it stopped
    #[command(after_help = examples::EVALUATE)]
    Evaluate(evaluate::EvaluateFlags),
    /// Put the shards of an attack, a detection or an evaluation together
    #[command(after_help = examples::MERGE)]
    Merge(merge::MergeFlags),
    /// Draw or pick an image in a local page, and attack it step by step
    #[command(after_help = examples::EXPLORE)]
    Explore(explore::ExploreFlags),
    /// Write the images that no attack fooled as boxes for a verifier
    #[command(after_help = examples::EXPORT)]
    Export(export::ExportFlags),
    /// Say what a network is, and how it takes pixels and classes
    #[command(after_help = examples::INSPECT)]
    Inspect(inspect::InspectFlags),
    /// List attacks, detectors, datasets and networks, with their defaults
    #[command(after_help = examples::LIST)]
    List(list::ListFlags),
    /// Write a script that completes commands and flags in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(shell::CompletionsFlags),
    /// Write a manual page, of robust or of a command
    #[command(after_help = examples::MAN)]
    Man(shell::ManFlags),
}

/// Runs `robust` with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(joined(arguments)) {
        Ok(arguments) => arguments,
        Err(error) => {
            use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
            match error.kind() {
                // Of several lines. A reader that closed the pipe has seen enough.
                DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand => drop(error.print()),
                _ => tell(one_line(&error)),
            }
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    if let Err(error) = Isa::chosen() {
        tell(error);
        return ExitCode::from(2);
    }
    arguments.command.advice().into_iter().for_each(interrupt::listen);
    let outcome = match &arguments.command {
        Command::Train(flags) => train::run(flags),
        Command::Attack(flags) => attack::run(flags),
        Command::Detect(flags) => detect::run(flags),
        Command::Figures(flags) => figures::run(flags),
        Command::Report(flags) => report::run(flags),
        Command::Evaluate(flags) => evaluate::run(flags),
        Command::Explore(flags) => explore::run(flags),
        Command::Export(flags) => export::run(flags),
        Command::Inspect(flags) => inspect::run(flags),
        Command::List(flags) => list::run(flags),
        Command::Merge(flags) => merge::run(flags),
        Command::Completions(flags) => shell::completions(flags, Arguments::command()),
        Command::Man(flags) => shell::man(flags, Arguments::command()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is::<Interrupted>() {
                tell(format_args!("error: {}", causes(&error)));
            }
            ExitCode::from(exit_code(&error))
        }
    }
}

impl Command {
    /// What to say of it if it is interrupted; none where it writes no files, or ends in a way of its own.
    fn advice(&self) -> Option<Advice> {
        match self {
            Self::Train(flags) => Some(train::advice(flags)),
            Self::Evaluate(_) => Some(Box::new(|_| "the same command again keeps the sets that are finished".into())),
            Self::Attack(_)
            | Self::Detect(_)
            | Self::Export(_)
            | Self::Figures(_)
            | Self::Merge(_)
            | Self::Report(_) => Some(Box::new(interrupt::finished)),
            Self::Explore(_) | Self::Inspect(_) | Self::List(_) | Self::Completions(_) | Self::Man(_) => None,
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
