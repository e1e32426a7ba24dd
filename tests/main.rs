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
mod digits;
mod evaluate_command;
mod explore_command;
mod explore_end;
mod explore_load;
mod explore_waiting;
mod figures_command;
mod flags;
mod http;
mod input_command;
mod kernels;
mod letters_command;
mod missing_classes;
mod network;
mod report_command;
mod special_files;
mod streams;
mod train_command;
mod training;
