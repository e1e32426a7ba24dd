//! JPEG, through the `zune-jpeg` crate: baseline and progressive, grey and in colour. Its pixels are within a few levels of libjpeg's.

use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{Picture, PictureFault, Traits, exif::is_turned};
use crate::{ImageShape, fit::planes, shape::MAX_SIDE};

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

/// What messages call the format.
const FORMAT: &str = "JPEG";

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, PictureFault> {
    let (mut decoder, shape) = start(bytes)?;
    let colour = if shape.channels == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().jpeg_set_out_colorspace(colour);
    decoder.set_options(options);
    if !has_end(bytes) {
        return Err(PictureFault::damaged(FORMAT, "it breaks off before its end"));
    }
    let mut pixels = decoder.decode().map_err(|error| PictureFault::damaged(FORMAT, &error.to_string()))?;
    if pixels.len() != shape.values() {
        return Err(PictureFault::damaged(FORMAT, &format!("{} values of a {shape} picture", pixels.len())));
    }
    planes(shape, &mut pixels);
    let oriented = decoder.exif().is_some_and(|block| is_turned(block));
    Ok(Picture { shape, pixels, traits: Traits { oriented, ..Traits::default() } })
}

/// `[height, width]`.
pub(super) fn size(bytes: &[u8]) -> Result<[usize; 2], PictureFault> {
    start(bytes).map(|(_, shape)| [shape.height, shape.width])
}

/// Whether the end of an image comes after the start of its last scan: the decoder misses the last bytes no more than the others, but does not
/// say so of a few. Within a scan neither marker can stand.
fn has_end(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xd9]) > last([0xff, 0xda])
}

/// Reads the headers. Strict: a picture that breaks off is an error, and not grey from there on.
fn start(bytes: &[u8]) -> Result<(Decoder<'_>, ImageShape), PictureFault> {
    let options = DecoderOptions::default().set_strict_mode(true);
    // Of what is larger, the size is told, and not that the decoder would not have it.
    let options = options.set_max_width(4 * MAX_SIDE).set_max_height(4 * MAX_SIDE);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| PictureFault::damaged(FORMAT, &error.to_string()))?;
    let info = decoder.info().ok_or_else(|| PictureFault::damaged(FORMAT, "no size"))?;
    let channels = match info.components {
        components @ (1 | 3) => usize::from(components),
        4 => return Err(PictureFault::Cmyk),
        components => return Err(PictureFault::damaged(FORMAT, &format!("{components} components"))),
    };
    let (width, height) = (u64::from(info.width), u64::from(info.height));
    // A block of 64 pixels takes a bit at least.
    PictureFault::check(width, height, width * height, bytes.len())?;
    Ok((decoder, ImageShape { channels, height: height as usize, width: width as usize }))
}
