//! Single-precision CPU kernels: networks there and back, with gradients to the inputs and to the weights, on slices of `f32`.
//!
//! The networks are small, so what costs a general framework most is everything around the arithmetic. Here a [`Network`] is planned
//! once for its shapes (`network`), and one worker takes a few dozen images through all of it in buffers that stay in its cache;
//! those are allocated once ([`Memory`]).
//!
//! Layout. Feature maps are channels-last with a border of zeros (`map`), so that one row of a window is one contiguous run and a
//! convolution is a matrix product whose left rows are gathered run by run (`gemm`), without unfolding. The border is written once, at
//! allocation, and never again. Windows of 3x3 and stride 1, and of 5x5 and stride 2, go through Winograd's fast correlation
//! (`winograd`), which needs up to four times fewer multiplications. Right-hand matrices are packed once into panels as wide as the
//! micro-kernel. Where every channel is seen on its own there is no matrix, and sums over taps go a register of channels at a time
//! (`layers`).
//!
//! Instruction sets: work is written once over a vector register and compiled for each of them (`simd`). Functions of single elements
//! (`functions`) have the same bits on all of them, and functions of pairs too.
//!
//! In a matrix product `output[row][column] += sum over depth of input[row][depth] * weight[depth][column]`; `B` images, `K` classes,
//! `S` style neurons. [`Engine`] is the style-memory network.
//!
//! Not here: random numbers, losses, schedules, files, other devices. candle's graph is the reference.

mod classify;
mod elementwise;
mod engine;
mod functions;
mod gemm;
mod gradients;
mod layers;
mod map;
mod network;
mod plain;
mod simd;
mod ways;
mod windows;
mod winograd;
mod workspace;

pub use classify::ErrorGradients;
pub use engine::Engine;
pub use gradients::Gradients;
pub use network::{Memory, Network, PlanError};
pub use simd::Isa;
pub use workspace::Workspace;
