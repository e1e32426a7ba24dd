//! Ops on values of any rank, made once for their shapes.
//!
//! A value lies flat, its elements in PyTorch's order, image behind image; what only moves elements (`copies`) also reads and writes
//! maps. Every op is computed image by image, forward and back to each operand, so no image sees another. Sums have sixteen parts
//! (`sums`), which is fast and exact enough: a mean is subtracted before squares are summed, the largest element before an exponential
//! is taken. Products are those of `gemm`.
//!
//! Not here: weights, which belong to layers, and functions of single elements.

mod batch;
mod copies;
mod matrices;
mod normalize;
mod offsets;
mod op;
mod pairs;
mod pairwise;
mod reduce;
mod repeats;
mod scratch;
mod softmax;
mod sums;

pub(super) use batch::{Batch, BatchMut};
pub(super) use offsets::is_aligned;
pub(super) use op::{Plain, Side};
pub(super) use scratch::Scratch;
