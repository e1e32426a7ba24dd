//! PNG pictures of every kind that a person may hand in.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::ZlibEncoder};
use png::{BitDepth, ColorType};
use robust_data::{
    Error, ImageShape,
    input::{self, Wanted},
    png as grey_png,
};

use crate::pictures::{chunk, level, palette, png};

/// The size of all of them.
const SIZE: [usize; 2] = [28, 28];

/// The pixels of a picture, made grey.
fn read(path: &Path) -> Result<Vec<f32>, Error> {
    Ok(input::read(path, &Wanted::of(ImageShape::GREY))?.images.pixels().to_vec())
}

#[test]
fn grey_pictures_of_every_depth_give_the_same_pixels() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    // No picture here is its own transpose.
    let levels: Vec<u8> = (0..784).map(|at| at as u8).collect();
    let expected: Vec<f32> = levels.iter().map(|&level| f32::from(level) / 255.0).collect();
    let each = |make: fn(u8) -> Vec<u8>| levels.iter().flat_map(|&level| make(level)).collect::<Vec<u8>>();
    for (color, depth, data) in [
        (ColorType::Grayscale, BitDepth::Eight, levels.clone()),
        (ColorType::Grayscale, BitDepth::Sixteen, each(|level| vec![level, 77])),
        (ColorType::Rgb, BitDepth::Eight, each(|level| vec![level; 3])),
        (ColorType::Rgb, BitDepth::Sixteen, each(|level| [level, 201].repeat(3))),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, each(|level| vec![level, 255])),
        (ColorType::Rgba, BitDepth::Eight, each(|level| vec![level, level, level, 255])),
    ] {
        fs::write(&path, png(SIZE, color, depth, &data)).unwrap();
        assert_eq!(read(&path).unwrap(), expected, "{color:?} {depth:?}");
    }
}

#[test]
fn what_lies_beside_the_pixels_takes_no_memory_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let plain = level(SIZE, 51);
    let zeros = |megabytes: usize| {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        (0..megabytes).for_each(|_| packed.write_all(&[0; 1 << 20]).unwrap());
        packed.finish().unwrap()
    };
    for (kind, head, megabytes) in [
        (b"iCCP", &b"profile\0\0"[..], 1),
        (b"iCCP", b"profile\0\0", 100),
        (b"zTXt", b"Comment\0\0", 100),
        (b"iTXt", b"Comment\0\x01\0\0\0", 100),
        (b"tEXt", b"Comment\0", 0),
        (b"prVt", b"", 100),
    ] {
        // After the header: signature 8, length 4, kind 4, content 13, checksum 4.
        let chunk = chunk(kind, &[head, &zeros(megabytes)].concat());
        fs::write(&path, [&plain[..33], &chunk, &plain[33..]].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), [0.2; 784], "{megabytes} MB of {}", kind.escape_ascii());
    }
}

#[test]
fn pictures_of_few_colours_are_read_as_they_look() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let colours = [255, 0, 0, 51, 51, 51];
    for (case, bytes, level) in [
        ("one bit", png(SIZE, ColorType::Grayscale, BitDepth::One, &[0xff; 4 * 28]), 1.0),
        ("two bits", png(SIZE, ColorType::Grayscale, BitDepth::Two, &[0x55; 7 * 28]), 85.0 / 255.0),
        ("four bits", png(SIZE, ColorType::Grayscale, BitDepth::Four, &[0x33; 14 * 28]), 0.2),
        ("a palette", palette(SIZE, &colours, &[], &[1; 784]), 0.2),
        ("opaque", palette(SIZE, &colours, &[0], &[1; 784]), 0.2),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path).unwrap(), [level; 784], "{case}");
    }
    fs::write(&path, palette(SIZE, &colours, &[255, 7], &[1; 784])).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("is transparent in places"));
}

/// Green is brighter than red, red than blue: luma of ITU-R BT.601, as Pillow's `convert("L")`.
#[test]
fn colours_become_luma() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    for (colour, luma) in [([255_u8, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29), ([1, 2, 3], 2)] {
        fs::write(&path, crate::pictures::plain(SIZE, colour)).unwrap();
        assert_eq!(read(&path).unwrap(), [luma as f32 / 255.0; 784], "{colour:?}");
    }
}

#[test]
fn what_is_written_is_read_and_row_comes_before_column() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let pixels: Vec<u8> = (0..784).map(|at| at as u8).collect();
    grey_png::write(&path, &pixels, 28).unwrap();
    assert_eq!(read(&path).unwrap(), pixels.iter().map(|&p| f32::from(p) / 255.0).collect::<Vec<_>>());
    grey_png::write(&path, &[0; 84 * 28], 84).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("holds images of 84x28 pixels"));
    for (pixels, width) in [(&[0; 29][..], 28), (&[], 28), (&[0; 4], 0), (&[0; 4], 8)] {
        let message = grey_png::write(&path, pixels, width).unwrap_err().to_string();
        assert!(message.contains("no whole rows"), "{message}");
    }
    let nowhere = grey_png::write(&dir.path().join("none/picture.png"), &pixels, 28);
    assert!(nowhere.unwrap_err().to_string().contains("cannot write"));
}

/// That picture was written by an older version, through the crate `image`.
#[test]
fn a_picture_of_an_older_version_is_written_again_byte_for_byte() {
    let bytes = include_bytes!("../../../docs/figures/misclassified.png");
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let width = reader.next_frame(&mut pixels).unwrap().width as usize;
    assert!(grey_png::encode(Path::new("a.png"), &pixels, width).unwrap() == bytes);
}
