//! Writing pictures as PNG, grey or in colours.
//!
//! Eight bits hold 256 levels: an adversarial image saved this way is rounded, which can undo the attack. npz keeps every bit.

use std::{fs, path::Path};

use ::png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::Error;

/// Writes a grey picture of `width` columns, 8 bits: `pixels` row by row, whole rows.
///
/// # Errors
/// The file cannot be written, or `pixels` is empty or not a whole number of rows.
pub fn write(path: &Path, pixels: &[u8], width: usize) -> Result<(), Error> {
    fs::write(path, encode(path, pixels, width)?).map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// The bytes that [`write()`] puts into the file; `path` is its name in errors.
///
/// # Errors
/// `pixels` is empty or not a whole number of rows.
pub fn encode(path: &Path, pixels: &[u8], width: usize) -> Result<Vec<u8>, Error> {
    encode_as(path, pixels, width, ColorType::Grayscale)
}

/// The bytes of a picture in colours: `pixels` row by row, red, green and blue of each.
///
/// # Errors
/// As [`encode`].
pub fn encode_colours(path: &Path, pixels: &[u8], width: usize) -> Result<Vec<u8>, Error> {
    encode_as(path, pixels, width, ColorType::Rgb)
}

fn encode_as(path: &Path, pixels: &[u8], width: usize, colours: ColorType) -> Result<Vec<u8>, Error> {
    let wrong = |reason: String| Error::Png { path: path.to_owned(), reason };
    let row = width * colours.samples();
    let height = pixels.len().checked_div(row).unwrap_or(0);
    if height * row != pixels.len() || pixels.is_empty() {
        return Err(wrong(format!("{} pixels are no whole rows of {width}", pixels.len())));
    }
    let size = |size| u32::try_from(size).map_err(|_| wrong(format!("{size} pixels are too wide or high")));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, size(width)?, size(height)?);
    encoder.set_color(colours);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels)?;
        writer.finish()
    });
    written.map_err(|error| wrong(error.to_string()))?;
    Ok(bytes)
}
