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
mod empty_tables;
mod evaluate_command;
mod explore_command;
mod explore_end;
mod explore_load;
mod explore_waiting;
mod figures_command;
mod files_document;
mod flags;
mod full_disk;
mod http;
mod images_command;
mod input_command;
mod interrupts;
mod interval;
mod kernels;
mod letters_command;
mod logits_command;
mod many_classes;
mod missing_classes;
mod network;
mod one_writer;
mod own_command;
#[path = "../examples/own_model.rs"]
mod own_model;
mod own_networks;
mod planted;
mod planted_shapes;
mod prepare_command;
mod remarks;
mod remarks_command;
mod report_broken;
mod report_command;
mod report_screened;
mod running;
#[path = "../examples/screen.rs"]
mod screen;
mod shapes_command;
mod special_files;
mod streams;
mod threshold_command;
mod train_command;
mod training;
mod vnnlib_command;
mod vouched;
mod vouched_training;
