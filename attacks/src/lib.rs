//! Adversarial attacks on any differentiable candle model.
#![forbid(unsafe_code)]

mod model;
pub mod random;

pub use model::{Bounds, ClassConditional, Encoding, FnModel, LogitLoss, LossGradient, Model};
