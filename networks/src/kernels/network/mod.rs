//! [`Network`]: any [`Spec`](crate::Spec) whose ops the kernels know, planned for its shapes, and run there and back.
//!
//! `plan` is what is computed, in which order and where values lie; `build` makes it from a spec, `maps` gives the values their borders,
//! `stretches` says how many images pass together. `packed` holds the layers, `memory` the buffers; `forward` and `backward` run the steps,
//! and `entry` begins behind the first. `elementwise` and `blocks` are the steps without weights.

mod backward;
mod blocks;
mod build;
mod elementwise;
mod entry;
mod forward;
mod layer;
mod maps;
mod memory;
mod packed;
mod plan;
mod stretches;

pub use memory::Memory;
pub use packed::Network;
pub use plan::PlanError;
