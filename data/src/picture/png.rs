//! PNG, through the `png` crate: every depth and kind of colour, interlaced or not. Texts and colour profiles are not unpacked.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Decoder, Limits, Reader, Transformations};

use super::{Picture, PictureFault, Traits, exif::is_turned};
use crate::{ImageShape, fit::planes};

/// What messages call the format.
const FORMAT: &str = "PNG";
/// What lies beside the pixels may take as much as this.
const MAX_MEMORY: usize = 16 << 20;

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, PictureFault> {
    let mut reader = start(bytes)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or_else(|| PictureFault::damaged(FORMAT, "its size"))?];
    let frame = reader.next_frame(&mut pixels).map_err(|error| damaged(&error))?;
    pixels.truncate(frame.buffer_size());
    // The checksum of the last rows stands at the end of what is packed.
    reader.finish().map_err(|error| damaged(&error))?;
    let (channels, has_alpha) = match frame.color_type {
        ColorType::Grayscale => (1, false),
        ColorType::GrayscaleAlpha => (1, true),
        ColorType::Rgb => (3, false),
        ColorType::Rgba => (3, true),
        ColorType::Indexed => return Err(PictureFault::damaged(FORMAT, "a palette that is not there")),
    };
    let transparent = has_alpha && pixels.chunks_exact(channels + 1).any(|pixel| pixel[channels] != u8::MAX);
    if has_alpha {
        let opaque = pixels.chunks_exact(channels + 1).flat_map(|pixel| &pixel[..channels]).copied();
        pixels = opaque.collect();
    }
    let shape = ImageShape { channels, height: frame.height as usize, width: frame.width as usize };
    planes(shape, &mut pixels);
    let info = reader.info();
    let traits = Traits {
        transparent,
        oriented: info.exif_metadata.as_deref().is_some_and(is_turned),
        animated: info.animation_control.is_some_and(|animation| animation.num_frames > 1),
        deep: info.bit_depth == BitDepth::Sixteen,
    };
    Ok(Picture { shape, pixels, traits })
}

/// `[height, width]`.
pub(super) fn size(bytes: &[u8]) -> Result<[usize; 2], PictureFault> {
    start(bytes).map(|reader| [reader.info().height as usize, reader.info().width as usize])
}

/// Reads the header, and the chunks before the pixels.
fn start(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>, PictureFault> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_MEMORY });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let info = decoder.read_header_info().map_err(|error| damaged(&error))?;
    let (width, height) = (u64::from(info.width), u64::from(info.height));
    let raw = (width * (info.bits_per_pixel() as u64)).div_ceil(8).saturating_mul(height);
    PictureFault::check(width, height, raw, bytes.len())?;
    decoder.read_info().map_err(|error| damaged(&error))
}

fn damaged(error: &::png::DecodingError) -> PictureFault {
    PictureFault::damaged(FORMAT, &error.to_string())
}
