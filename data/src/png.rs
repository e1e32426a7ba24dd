//! Pictures as PNG, through the `image` crate: read grey, written grey or in colours.
//!
//! Eight bits hold 256 levels of grey: an adversarial image saved this way is rounded, which can undo the attack. npz keeps
//! every bit.

use std::{
    fs,
    io::{Cursor, Read},
    path::Path,
};

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, Limits, codecs::png::PngDecoder,
    codecs::png::PngEncoder,
};

use crate::{
    Error, HEIGHT, Images, WIDTH,
    kind::{Content, Kind},
    memory,
    open::open_file,
};

/// A PNG of 28x28 pixels has 3 kB at most; larger ones carry something else.
const MAX_BYTES: u64 = 1 << 20;
/// What decoding may take: the file's other parts once or twice. A colour profile that unpacks to more is left out.
const MAX_MEMORY: u64 = 16 << 20;

/// Reads one picture of 28x28 pixels, 8 or 16 bits, as a set of one image. Colours become their luma.
///
/// # Errors
/// The file cannot be read, is no PNG or a damaged one, is of another size, or not opaque.
pub fn read(path: &Path) -> Result<Images, Error> {
    let mut file = open_file(path, MAX_BYTES)?;
    Kind::of(&mut file, path)?.expect(Content::Png, path, "a PNG")?;
    let mut pixels = Vec::new();
    append_image(file, path, &mut pixels)?;
    Ok(Images::new(pixels))
}

/// Appends the pixels of an open file to `pixels`.
pub(crate) fn append_image(file: fs::File, path: &Path, pixels: &mut Vec<f32>) -> Result<(), Error> {
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    if read.map_err(|source| Error::Read { path: path.to_owned(), source })? as u64 > MAX_BYTES {
        return Err(Error::TooLarge { path: path.to_owned(), limit: MAX_BYTES });
    }
    let picture = decode(&bytes, path)?;
    if picture.color().has_alpha() && picture.to_rgba16().pixels().any(|pixel| pixel.0[3] != u16::MAX) {
        return Err(Error::Transparent { path: path.to_owned() });
    }
    // A byte b becomes the 16-bit 257 b, and 257 b / 65535 is b / 255 to the last bit.
    let luma = picture.into_luma16().into_raw();
    pixels.try_reserve(luma.len()).map_err(|_| memory::exceeded(path, 1))?;
    pixels.extend(luma.into_iter().map(|level| f32::from(level) / 65535.0));
    Ok(())
}

/// Decodes a picture of 28x28 pixels; its size is looked at before anything is unpacked.
pub(crate) fn decode(bytes: &[u8], path: &Path) -> Result<DynamicImage, Error> {
    let damaged = |error: image::ImageError| Error::Png { path: path.to_owned(), reason: error.to_string() };
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if (height as usize, width as usize) != (HEIGHT, WIDTH) {
        return Err(Error::ImageSize { path: path.to_owned(), width: width.into(), height: height.into() });
    }
    DynamicImage::from_decoder(decoder).map_err(damaged)
}

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
    encode_as(path, pixels, width, ExtendedColorType::L8)
}

/// The bytes of a picture in colours: `pixels` row by row, red, green and blue of each.
///
/// # Errors
/// As [`encode`].
pub fn encode_colours(path: &Path, pixels: &[u8], width: usize) -> Result<Vec<u8>, Error> {
    encode_as(path, pixels, width, ExtendedColorType::Rgb8)
}

fn encode_as(path: &Path, pixels: &[u8], width: usize, colours: ExtendedColorType) -> Result<Vec<u8>, Error> {
    let wrong = |reason: String| Error::Png { path: path.to_owned(), reason };
    let row = width * usize::from(colours.channel_count());
    let height = pixels.len().checked_div(row).unwrap_or(0);
    if height * row != pixels.len() || pixels.is_empty() {
        return Err(wrong(format!("{} pixels are no whole rows of {width}", pixels.len())));
    }
    let size = |size| u32::try_from(size).map_err(|_| wrong(format!("{size} pixels are too wide or high")));
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(pixels, size(width)?, size(height)?, colours)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(bytes)
}
