//! numpy's npz files: a zip archive of npy arrays
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
//!
//! [`Writer`] writes `<f4` and `<i8` arrays, deflated in pieces, the same bytes for the same values.
//! [`read_images`] reads one array of 28x28 images, stored or deflated, and [`read_some_images`] a few of its images. Not a general npz library: candle has one, which
//! holds whole arrays in memory and believes what a file says about its size.

mod header;
mod read;
mod write;

pub(crate) use read::{MAX_BYTES, append_images};
pub use read::{read_images, read_some_images};
pub use write::{Element, Piece, Writer};
