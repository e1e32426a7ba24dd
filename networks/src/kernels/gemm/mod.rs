//! Matrix products: rows that are gathered from feature maps times packed matrices, and sums of outer products.

mod block;
mod buffer;
mod finish;
mod matrices;
mod outer;
mod pack;
mod product;
mod runs;
mod tile;

pub(super) use buffer::Buffer;
pub(super) use finish::Finish;
pub(super) use matrices::{Matrix, multiply_all};
pub(super) use outer::{Former, Side, accumulate};
pub(super) use pack::{PAD, Packed, Panels};
pub(super) use product::{Grid, Rows, multiply};
pub(super) use runs::Runs;
