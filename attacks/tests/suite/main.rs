//! Every attack on toy models whose answers are known.

mod closed_forms;
mod errors;
mod golden;
mod models;
mod norms;
mod pitfalls;
mod properties;
mod registry;
mod restarts;
