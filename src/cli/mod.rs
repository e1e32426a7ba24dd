//! The command line: flags in, reports out.
//!
//! [`run`] is the whole program; `main` only hands over the arguments and the exit code. Raw flags (`flags`) become a
//! checked `Session` before any work starts. Results go to stdout, everything else to stderr.

mod attack;
mod batches;
mod claims;
mod detect;
mod evaluate;
mod explore;
mod failure;
mod figures;
mod finished;
mod flags;
mod images;
mod interrupt;
mod list;
mod matrix;
mod method_flags;
mod names;
mod negative;
mod number;
mod opponent;
mod panel;
mod plan;
mod progress;
mod recipe;
mod remarks;
mod report;
mod say;
mod screen;
mod session;
mod table;
mod target;
mod train;

pub use failure::run;
