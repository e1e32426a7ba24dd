//! The tests of the whole: the crates' arrows, the network, and the built binary run as a user runs it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers outside of the tests themselves")]

mod adaptive_command;
mod arrows;
mod attack_command;
mod attack_sets;
mod bad_input;
mod browser;
mod command;
mod detect_command;
mod evaluate_command;
mod explore_command;
mod explore_load;
mod figures_command;
mod http;
mod interval;
mod kernels;
mod letters_command;
mod logits_command;
mod network;
mod report_command;
mod streams;
mod threshold_command;
mod train_command;
mod training;
