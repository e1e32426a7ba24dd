//! Every attack on toy models whose answers are known.
#![expect(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod closed_forms;
mod early_stop;
mod errors;
mod golden;
mod gradient_free;
mod hop_skip_jump;
mod models;
mod norms;
mod pitfalls;
mod properties;
mod registry;
mod restarts;
mod spsa;
mod square;
