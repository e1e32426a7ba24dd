//! The style-memory network (Wiyatno and Orchard 2018): train it, attack it, and see whether it notices.
//!
//! The parts that know nothing of this network are crates of their own: [`attacks`] (on any differentiable candle
//! model), [`detectors`] (scores, thresholds, ROC) and [`data`] (IDX, npz, PNG, the embedded MNIST). This crate brings
//! them together around [`networks::StyleMemory`]; its files, pages and figures are the command's own and no part of the library.
//!
//! Dimensions: `B` images in a batch, `K` classes, `S` style neurons, images `(B, C, H, W)`, f32 in [0, 1].

// `println!` and `eprintln!` panic where they cannot write: `cli/out/say.rs` prints.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod calibration_arrays;
pub mod checkpoint;
pub mod classes;
pub mod cli;
pub mod draw;
pub mod evaluation;
mod explore;
mod files;
pub mod finish;
mod kept_calibration;
pub mod network;
pub mod onnx_file;
mod packed;
pub mod probe;
pub mod remarks;
mod report;
pub mod settings;
mod signals;
mod study;
pub mod training;
pub mod vnnlib;
mod words;

pub use robust_attacks as attacks;
pub use robust_data as data;
pub use robust_detectors as detectors;
pub use robust_networks as networks;

/// The example of `docs/library.md` is a test.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Library;
