//! Every attack on toy models whose answers are known.
#![expect(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod apgd;
mod closed_forms;
mod early_stop;
mod errors;
mod golden;
mod models;
mod norms;
mod pitfalls;
mod properties;
mod registry;
mod restarts;
mod targeted_each;
