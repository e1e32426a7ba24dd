//! Pictures: PNG and JPEG as bytes of one or three channels, as Pillow's `convert("L")` and `convert("RGB")` give them.
//!
//! Grey is what the file calls grey, with or without transparency; all else is colour, a palette too. Of 16 bits the high byte counts.
//! What a picture says besides its pixels is not acted on but told (`Traits`): transparency, the camera's orientation, further
//! frames. Colour profiles are not looked at. A picture's size is weighed against the length of its file before room is made for it.

mod decoded;
mod exif;
mod fault;
mod jpeg;
mod png;

use std::path::Path;

pub(crate) use self::decoded::{Picture, Traits};
pub use self::fault::PictureFault;
use crate::{Error, kind::Content};

/// No picture file is longer.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// Decodes a PNG or a JPEG, which messages call `path`.
///
/// # Errors
/// [`Error::Picture`], for any other `content` too.
pub(crate) fn decode(content: Content, bytes: &[u8], path: &Path) -> Result<Picture, Error> {
    let picture = if content == Content::Jpeg { jpeg::decode(bytes) } else { png::decode(bytes) };
    picture.map_err(|fault| Error::Picture { path: path.to_owned(), fault })
}

/// Only the size of a PNG or a JPEG, `[height, width]`.
///
/// # Errors
/// As [`decode`].
pub(crate) fn size(content: Content, bytes: &[u8], path: &Path) -> Result<[usize; 2], Error> {
    let size = if content == Content::Jpeg { jpeg::size(bytes) } else { png::size(bytes) };
    size.map_err(|fault| Error::Picture { path: path.to_owned(), fault })
}
