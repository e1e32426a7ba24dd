//! The style-memory network (Wiyatno and Orchard 2018, section 3): a classifier that also keeps a style code, and a
//! decoder that draws the image which a label and a style stand for.
//!
//! The encoder maps an image `x` to logits (softmax = `y`) and to `S = 16` style neurons `m`; the decoder, with weights
//! of its own, maps `(y, m)` back to an image `x̂`. Start with [`StyleMemory`].

mod fast;
mod graph;
pub mod kernels;
mod ops;
mod parameters;
mod style_memory;
pub mod tensor_file;
mod worker;
mod workers;

pub use graph::Graph;
pub use parameters::{Layout, Parameters, TensorSpec};
pub use style_memory::StyleMemory;

/// Style neurons, `S`.
pub const STYLES: usize = 16;
/// Rows and columns of an image.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
