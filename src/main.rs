//! The `robust` command: a shell over [`robust::cli::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    robust::cli::run(std::env::args_os())
}
