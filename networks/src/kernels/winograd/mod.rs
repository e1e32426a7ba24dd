//! Windows by Winograd's fast correlation ([`transforms`]): 3x3 of stride 1, and 5x5 of stride 2 as four windows of stride 1, one
//! for each parity of the large map's rows and columns.
//!
//! A map goes to the points, where the channels meet in one matrix product for each, and from there to the other map. `tiles` says
//! which tiles there are and in which order, `level` where their values lie.

mod gather;
mod gradient;
mod level;
mod phases;
mod place;
mod scatter;
mod taps;
mod tiled;
mod tiles;
mod transforms;
mod weights;

pub(super) use gradient::TiledGradient;
pub(super) use place::Scratch;
pub(super) use tiled::Tiled;
