//! The figures of the style-memory paper (Wiyatno and Orchard 2018, figures 3 to 11), what they leave open, and its
//! claims, measured over many images where the paper shows one.
//!
//! - [`measure`]: the numbers, as plain structs; knows nothing of pictures, which [`draw`](crate::draw) draws.
//! - [`plates`]: one figure each, from a [`Study`] to the files that show it.
//! - [`claims`]: what the paper says beside what is measured.
//!
//! Dimensions: `N` images in a gallery, `K` classes, `S` style neurons, `P` pixels of an image over all channels; everything is flat,
//! row after row. What is measured of strokes (slant, thickness, ...) is measured of grey images of 28x28 pixels alone.

pub(crate) mod claims;
mod figure;
pub(crate) mod measure;
pub(crate) mod plates;
mod studied;

pub(crate) use figure::{Figure, Finding};
pub(crate) use studied::Study;
