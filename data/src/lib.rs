//! Strict readers for images: IDX, npz, PNG, JPEG, CIFAR-10's files and folders of classes; the embedded MNIST and the pretrained networks.
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
//! Dimensions: `N` images in a set, `B` images in a batch, `K` classes; an image has `C` channels of `H` rows of `W` pixels
//! ([`ImageShape`]). Labels are u32, from 0; pixels are bytes as stored, or f32 in [0, 1].
//!
//! Everything that comes from a file is checked before it is believed, and nothing is allocated on a header's word alone.
//! What is wrong is an [`Error`] that names the file, what was found, what was expected and what to do.
#![forbid(unsafe_code)]

mod beside;
mod catalogue;
mod characters;
mod dataset;
mod dataset_error;
mod embedded;
mod error;
mod file;
mod fit;
mod fit_error;
mod formats;
mod hash;
mod holdout;
#[cfg(feature = "hub")]
mod hub;
pub mod idx;
mod images;
pub mod input;
mod kind;
mod labelled;
mod level;
mod memory;
pub mod npz;
mod open;
mod picture;
mod picture_file;
mod plain;
pub mod png;
mod prepare;
pub mod pretrained;
mod reading;
mod resample;
mod shape;
mod sizing;
mod source;
mod split;
mod split_name;
mod values;
pub mod words;
pub mod written;

pub use beside::Beside;
pub use catalogue::{DatasetInfo, datasets};
pub use dataset::Dataset;
pub use dataset_error::DatasetError;
pub use error::Error;
pub use fit_error::FitError;
pub use hash::{sha256, sha256_of};
pub use images::{Images, pixel};
pub use memory::allotted as allotted_memory;
pub use open::{open_file, read_file, special};
pub use picture::PictureFault;
pub use plain::plain;
pub use prepare::{Layout, UnknownLayout, Unprepared};
pub use reading::Reading;
pub use shape::{HEIGHT, ImageShape, MAX_CLASSES, MAX_IMAGES, PIXELS, WIDTH};
pub use sizing::{Crop, Resize, SizeError, Sizing};
pub use split::Split;
pub use split_name::{SplitName, UnknownSplit};
