//! `robust completions` and `robust man`: what a shell and a reader of manuals want to know, made from the flags themselves.

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::flags::names::meant;
use crate::cli::out::say_bytes;
use crate::cli::usage::Usage;

#[derive(Debug, Args)]
pub(crate) struct CompletionsFlags {
    /// The shell to write a script for
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManFlags {
    /// The command whose page it is [default: robust itself]
    command: Option<String>,
}

/// A script for the shell, on stdout.
pub(crate) fn completions(flags: &CompletionsFlags, mut whole: Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut whole, "robust", &mut script);
    say_bytes(&script)
}

/// A page in roff, on stdout.
pub(crate) fn man(flags: &ManFlags, mut whole: Command) -> Result<()> {
    whole.build();
    let command = match &flags.command {
        None => whole,
        Some(name) => match whole.find_subcommand(name.trim()) {
            Some(command) => command.clone(),
            None => {
                let meant = meant(name, whole.get_subcommands().map(Command::get_name));
                return Err(Usage(format!("there is no command '{name}'{meant}")).into());
            }
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).context("the page cannot be made")?;
    say_bytes(&page)
}
