//! Pictures made up for a test, and the JPEGs of `jpeg/`.
//!
//! Those and what Pillow reads of them (`pillow.npz`) were written, with Pillow 12 and its libjpeg-turbo, by:
//!
//! ```python
//! import numpy as np
//! from PIL import Image
//! y, x = np.mgrid[:24, :40]
//! colour = np.stack([6 * x, 10 * y, 255 - 3 * x - 5 * y], 2).clip(0, 255).astype(np.uint8)
//! picture, exif = Image.fromarray(colour), Image.Exif()
//! exif[0x0112] = 6
//! picture.save("colour.jpg", quality=75)
//! picture.save("fine.jpg", quality=90, subsampling=0, optimize=True)
//! picture.save("progressive.jpg", quality=75, progressive=True)
//! picture.save("turned.jpg", quality=75, exif=exif)
//! picture.convert("L").save("grey.jpg", quality=75)
//! picture.convert("CMYK").save("cmyk.jpg", quality=75)
//! read = lambda name: np.atleast_3d(np.asarray(Image.open(name + ".jpg")))[None]
//! assert all((read(name) == read("colour")).all() for name in ["progressive", "turned"])
//! np.savez_compressed("pillow.npz", colour=read("colour"), fine=read("fine"), grey=read("grey"))
//! ```

use flate2::Crc;
use png::{BitDepth, ColorType, Encoder};

/// The size of the JPEGs.
pub(crate) const WIDTH: usize = 40;
pub(crate) const HEIGHT: usize = 24;

pub(crate) const COLOUR: &[u8] = include_bytes!("jpeg/colour.jpg");
pub(crate) const FINE: &[u8] = include_bytes!("jpeg/fine.jpg");
pub(crate) const PROGRESSIVE: &[u8] = include_bytes!("jpeg/progressive.jpg");
pub(crate) const TURNED: &[u8] = include_bytes!("jpeg/turned.jpg");
pub(crate) const GREY: &[u8] = include_bytes!("jpeg/grey.jpg");
pub(crate) const CMYK: &[u8] = include_bytes!("jpeg/cmyk.jpg");

/// A PNG of that size, of so many bits a channel; `data` is what lies in its rows.
pub(crate) fn png(size: [usize; 2], color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    encode(size, color, depth, data, |_| {})
}

/// The same with two frames, of which the second is not there.
pub(crate) fn animation(size: [usize; 2], data: &[u8]) -> Vec<u8> {
    let whole = png(size, ColorType::Rgb, BitDepth::Eight, data);
    let control = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let side = |side: usize| (side as u32).to_be_bytes();
    let frame = [&[0; 4][..], &side(size[0]), &side(size[1]), &[0; 8], &[0, 1, 0, 1, 0, 0]].concat();
    [&whole[..33], &control, &chunk(b"fcTL", &frame), &whole[33..]].concat()
}

/// A PNG with a palette.
pub(crate) fn palette(size: [usize; 2], colours: &[u8], transparency: &[u8], data: &[u8]) -> Vec<u8> {
    encode(size, ColorType::Indexed, BitDepth::Eight, data, |encoder| {
        encoder.set_palette(colours.to_vec());
        if !transparency.is_empty() {
            encoder.set_trns(transparency.to_vec());
        }
    })
}

/// A colour picture of one colour.
pub(crate) fn plain([width, height]: [usize; 2], colour: [u8; 3]) -> Vec<u8> {
    png([width, height], ColorType::Rgb, BitDepth::Eight, &colour.repeat(width * height))
}

/// A grey picture of one level.
pub(crate) fn level([width, height]: [usize; 2], level: u8) -> Vec<u8> {
    png([width, height], ColorType::Grayscale, BitDepth::Eight, &vec![level; width * height])
}

fn encode(
    [width, height]: [usize; 2],
    color: ColorType,
    depth: BitDepth,
    data: &[u8],
    more: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(depth);
    more(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A part of a PNG.
pub(crate) fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    [&(content.len() as u32).to_be_bytes()[..], kind, content, &sum.sum().to_be_bytes()].concat()
}

/// A PNG whose header claims another size, with the right checksum.
pub(crate) fn claiming(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &png[24..29]].concat();
    [&png[..8], &chunk(b"IHDR", &header), &png[33..]].concat()
}

/// A JPEG whose frame header claims another size.
pub(crate) fn claiming_jpeg(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}
