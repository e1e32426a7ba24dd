//! Every attack on toy models whose answers are known.
#![expect(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

mod adaptive;
mod adaptive_early_stop;
mod apgd;
mod apgd_start;
mod closed_forms;
mod conditional;
mod corruptions;
mod decorators;
mod dlr;
mod early_stop;
mod errors;
mod fab;
mod golden;
mod gradient_free;
mod hop_skip_jump;
mod jsma;
mod minimum_norm;
mod models;
mod norms;
mod pitfalls;
mod properties;
mod registry;
mod restarts;
mod shapes;
mod spatial;
mod spsa;
mod square;
mod targeted_each;
