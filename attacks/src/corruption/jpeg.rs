//! JPEG in memory: what is lost when a picture is saved and opened again.

use jpeg_encoder::{ColorType, Encoder};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

use crate::{Bounds, Error};

/// Writes and reads an image of so many planes of this height and width, with pixels within the bounds.
pub(super) fn recode(
    x: &mut [f32],
    (planes, (height, width)): (usize, (usize, usize)),
    bounds: Bounds,
    quality: u8,
) -> Result<(), Error> {
    let channels = if planes == 3 { 3 } else { 1 };
    let pixels = height * width;
    let Bounds { min, max } = bounds;
    for picture in x.chunks_exact_mut(channels * pixels) {
        // A picture has the channels of a pixel side by side.
        let place = |value: usize| value % channels * pixels + value / channels;
        let byte = |value| ((picture[place(value)] - min) / (max - min) * 255.0).round() as u8;
        let bytes: Vec<u8> = (0..picture.len()).map(byte).collect();
        let read = round_trip(&bytes, (height, width), channels, quality)?;
        for (value, byte) in read.into_iter().enumerate() {
            picture[place(value)] = min + f32::from(byte) / 255.0 * (max - min);
        }
    }
    Ok(())
}

fn round_trip(bytes: &[u8], (height, width): (usize, usize), channels: usize, quality: u8) -> Result<Vec<u8>, Error> {
    let fault = |what: String| Error::Jpeg { height, width, what };
    let side = |side: usize| u16::try_from(side).map_err(|_| fault("a side has more than 65,535 pixels".to_owned()));
    let (colours, out) = match channels {
        3 => (ColorType::Rgb, ColorSpace::RGB),
        _ => (ColorType::Luma, ColorSpace::Luma),
    };
    let mut file = Vec::new();
    let encoder = Encoder::new(&mut file, quality);
    encoder.encode(bytes, side(width)?, side(height)?, colours).map_err(|error| fault(error.to_string()))?;
    let options = DecoderOptions::default().jpeg_set_out_colorspace(out);
    let options = options.set_max_width(width).set_max_height(height);
    let read = JpegDecoder::new_with_options(ZCursor::new(&file), options).decode();
    read.map_err(|error| fault(error.to_string())).and_then(|read| match read.len() == bytes.len() {
        true => Ok(read),
        false => Err(fault(format!("{} values were read of {}", read.len(), bytes.len()))),
    })
}
