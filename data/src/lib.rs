//! Strict readers for IDX, npz and PNG images, the embedded MNIST and the pretrained networks.
//!
//! ```
//! use candle_core::Device;
//! use robust_data::{Dataset, SplitName};
//!
//! let mnist = Dataset::open("mnist", None)?;
//! let test = mnist.split(SplitName::Test)?;
//! let first = test.image_tensor(0..16, &Device::Cpu)?;
//! assert_eq!((test.len(), test.labels()[0], first.dims()), (10_000, 7, &[16, 1, 28, 28][..]));
//! # Ok::<(), robust_data::Error>(())
//! ```
//!
//! Dimensions: `N` images in a set, `B` images in a batch, `K` classes; an image has 28 rows of 28 pixels, row by row.
//!
//! Everything that comes from a file is checked before it is believed, and nothing is allocated on a header's word alone.
//! What is wrong is an [`Error`] that names the file, what was found, what was expected and what to do.
#![forbid(unsafe_code)]

mod catalogue;
mod characters;
mod dataset;
mod embedded;
mod error;
mod file;
mod holdout;
#[cfg(feature = "hub")]
mod hub;
pub mod idx;
mod images;
pub mod input;
mod kind;
mod labelled;
mod memory;
pub mod npz;
mod open;
mod plain;
pub mod png;
pub mod pretrained;
mod split;
mod values;

pub use catalogue::{DatasetInfo, datasets};
pub use dataset::Dataset;
pub use error::Error;
pub use file::{sha256, sha256_of};
pub use images::{HEIGHT, Images, MAX_IMAGES, PIXELS, WIDTH, pixel};
pub use open::{open_file, read_file, special};
pub use plain::plain;
pub use split::{Split, SplitName};
