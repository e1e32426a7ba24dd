//! Layers with weights, packed for both directions.

mod constant;
mod correlation;
mod depthwise;
mod down;
mod exact;
mod gradient;
mod grouped;
mod linear;
mod rows;
mod scale;
mod scratch;
mod shares;
mod sweep;
mod taps;
mod task;
mod up;
mod windowed;

pub(super) use constant::Constant;
pub(super) use depthwise::Depthwise;
pub(super) use exact::Exact;
pub(super) use gradient::bias_gradient;
pub(super) use grouped::Grouped;
pub(super) use linear::Linear;
pub(super) use rows::RowLinear;
pub(super) use scale::Scale;
pub(super) use scratch::Scratch;
pub(super) use shares::shares_know;
pub(super) use task::Task;
pub(super) use windowed::Windowed;
