//! The command line: flags in, reports out.
//!
//! [`run`] is the whole program; `main` only hands over the arguments and the exit code. `dispatch` reads the arguments and calls one of
//! `commands`. Raw flags (`flags`) become a checked `Subject` (a network), `Session` (in front of images) and `Bench` (with detectors)
//! before any work starts. Results go to stdout, everything else to stderr (`out`).

mod attack_printed;
mod attacking;
mod bench;
mod commands;
mod dataset;
mod detection;
mod dispatch;
mod evaluated;
mod examples;
mod finished;
mod flagging;
mod flags;
mod interrupt;
mod looking;
mod merge;
mod network_file;
mod out;
mod own;
mod plan;
mod purify;
mod quoted;
mod reference;
mod remarks;
mod session;
mod set_files;
mod sharding;
mod subject;
mod usage;
mod verdict_line;

pub use dispatch::run;
