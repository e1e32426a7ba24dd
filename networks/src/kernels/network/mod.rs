//! [`Network`]: any [`Spec`](crate::Spec) whose ops the kernels know, planned for its shapes, and run there and back.
//!
//! `plan` says what is computed and in which order, `places` where values lie, `maps` with which borders, `stretches` how many images
//! pass together; `memory` has the buffers; `forward` and `backward` run the steps.

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
