//! The tests of the whole: the crates' arrows, the network, and the built binary run as a user runs it.

mod arrows;
mod attack_command;
mod bad_input;
mod command;
mod detect_command;
mod kernels;
mod network;
mod train_command;
mod training;
