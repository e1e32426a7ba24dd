//! [`Network`]: any [`Spec`](crate::Spec) whose ops the kernels know, planned for its shapes, and run there and back.
//!
//! `plan` is what is computed, in which order and where values lie; `build` makes it from a spec, node by node (`nodes`, `map_ops`,
//! `plain_ops`, on what `builder` has and as `wishes` has it), `way_back` turns it around, `maps` gives the values their borders,
//! `stretches` says how many images pass together. `packed` holds the layers, `memory` the buffers; `forward` and `backward` run the
//! steps, `operand` the way back to one operand, and `entry` begins behind the first. `apply`, `pairwise`, `blocks`, `pool` and
//! `local_response` are the steps without weights on maps; those of plain ops are [`plain`](super::plain).
//!
//! A value lies as a channels-last map, or as a flat row, all elements in PyTorch's order, which is a map of one pixel; a step `View` goes
//! between the two.

mod apply;
mod backward;
mod blocks;
mod build;
mod builder;
mod entry;
mod forward;
mod layer;
mod local_response;
mod map_ops;
mod maps;
mod memory;
mod nodes;
mod operand;
mod packed;
mod pairwise;
mod plain_ops;
mod plan;
mod pool;
mod stretches;
mod way_back;
mod wishes;

pub use memory::Memory;
pub use packed::Network;
pub use plan::PlanError;
