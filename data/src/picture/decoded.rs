//! A picture out of its file.

use crate::ImageShape;

/// The bytes of a picture, channel by channel, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>,
    pub(crate) traits: Traits,
}

/// What a picture says besides its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traits {
    /// Some pixel lets its background through.
    pub(crate) transparent: bool,
    /// It asks to be turned or mirrored before it is shown.
    pub(crate) oriented: bool,
    /// It has further frames.
    pub(crate) animated: bool,
    /// It has 16 bits a channel.
    pub(crate) deep: bool,
}
