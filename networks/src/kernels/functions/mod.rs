//! [`Function`](crate::Function)s and their slopes over slices, a register at a time where the compiler finds one.
//!
//! What needs more than a few operations of f32 is computed in f64 without branches (`double`) and rounded once, so that it is as good as
//! f32 can say it, and the same on every instruction set. Powers and logarithms are those of the standard library.

mod double;
mod slopes;
mod values;

pub(super) use slopes::{follows_from_result, slopes, slopes_behind};
pub(super) use values::values;
