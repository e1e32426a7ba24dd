//! Single-precision CPU kernels for the style-memory network: forward, gradients to the pixels and to `(y, m)`,
//! and weight gradients, on slices of `f32`.
//!
//! The network is small (3.5 million multiply-adds per image and pass), so what costs a general framework most is
//! everything around the arithmetic. Here one worker takes a few dozen images through the whole network in buffers
//! that stay in its cache, and nothing is allocated after [`Workspace::new`].
//!
//! Layout. Feature maps are channels-last with a border of zeros (`map`), so that one row of a 5x5 window is
//! one contiguous run of `5 * channels` floats and a convolution is a matrix product whose left rows are gathered run
//! by run (`product`), without unfolding. The border is written once, at allocation, and never again.
//! The two layers between the middle and the inner map, three quarters of the work, go through Winograd's fast
//! correlation (`tiled`, `winograd`), which needs 3 times fewer multiplications.
//! Right-hand matrices are packed once into panels as wide as the micro-kernel (`pack`, `tile`).
//!
//! Instruction sets: work is written once over a vector register (`vector`) and compiled for each of them (`kernel`).
//!
//! Legend of dimensions: `B` images, `K` classes, `S` style neurons; maps are `IMAGE` 28x28x1, `MIDDLE` 14x14x32 and
//! `INNER` 7x7x64; in a matrix product `output[row][column] += sum over depth of input[row][depth] *
//! weight[depth][column]`.
//!
//! Not here: random numbers, losses, schedules, files, other devices. candle's graph is the reference.

mod activation;
mod buffer;
mod classify;
mod conv;
mod decoder;
mod encoder;
mod engine;
mod finish;
mod gather;
mod gradients;
mod groups;
mod isa;
mod kernel;
mod linear;
mod map;
mod outer;
mod pack;
mod pixels;
mod places;
mod points;
mod product;
mod quarters;
mod runs;
mod scatter;
mod taps;
mod tile;
mod tiled;
mod tiled_gradient;
mod tiled_weights;
mod vector;
mod winograd;
mod workspace;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use classify::ErrorGradients;
pub use engine::Engine;
pub use gradients::Gradients;
pub use isa::Isa;
pub use workspace::Workspace;
