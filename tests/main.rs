//! The tests of the whole: the crates' arrows, the network, and the built binary run as a user runs it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers outside of the tests themselves")]

mod arrows;
mod attack_command;
mod attack_sets;
mod bad_input;
mod command;
mod detect_command;
mod kernels;
mod network;
mod train_command;
mod training;
