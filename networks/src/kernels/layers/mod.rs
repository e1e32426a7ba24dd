//! Layers with weights, packed for both directions.

mod down;
mod linear;
mod logistic;
mod shares;
mod up;
mod windowed;

pub(super) use linear::Linear;
pub(super) use logistic::logistic;
pub(super) use shares::shares_know;
pub(super) use windowed::{Scratch, Windowed, bias_gradient};
