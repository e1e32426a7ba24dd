//! numpy's npz files: a zip archive of npy arrays
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
//!
//! [`Writer`] writes `<f4` and `<i8` arrays, deflated in pieces, the same bytes for the same values.
//! [`read_images`] reads one array of images, stored or deflated, and [`read_some_images`] a few of its images; [`read_floats`] reads floats of any shape. Not a general npz library: candle has one, which
//! holds whole arrays in memory and believes what a file says about its size.

mod archive;
mod array;
mod floats;
mod header;
mod labels;
mod layout;
mod read;
mod write;

pub(crate) use archive::MAX_BYTES;
pub use floats::read_floats;
pub(crate) use labels::read_labels;
pub(crate) use read::{float_images, read_bytes};
pub use read::{read_images, read_some_images};
pub use write::{Element, Piece, Writer};
