//! PNG pictures of every kind that a person may hand in.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};
use robust_data::png;

fn save(path: &Path, picture: impl Into<DynamicImage>) {
    picture.into().save(path).unwrap();
}

/// The level of a pixel: no picture here is its own transpose.
fn level(x: u32, y: u32) -> u8 {
    (y * 28 + x) as u8
}

#[test]
fn grey_pictures_of_every_depth_give_the_same_pixels() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let expected: Vec<f32> = (0..784).map(|at| f32::from(at as u8) / 255.0).collect();
    let grey = |x, y| u16::from(level(x, y)) * 257;
    let pictures: [(&str, DynamicImage); 6] = [
        ("L8", ImageBuffer::from_fn(28, 28, |x, y| Luma([level(x, y)])).into()),
        ("L16", ImageBuffer::from_fn(28, 28, |x, y| Luma([grey(x, y)])).into()),
        ("RGB8", ImageBuffer::from_fn(28, 28, |x, y| Rgb([level(x, y); 3])).into()),
        ("RGB16", ImageBuffer::from_fn(28, 28, |x, y| Rgb([grey(x, y); 3])).into()),
        ("LA8", ImageBuffer::from_fn(28, 28, |x, y| LumaA([level(x, y), 255])).into()),
        (
            "RGBA8",
            ImageBuffer::from_fn(28, 28, |x, y| {
                let v = level(x, y);
                Rgba([v, v, v, 255])
            })
            .into(),
        ),
    ];
    for (kind, picture) in pictures {
        save(&path, picture);
        assert_eq!(png::read(&path).unwrap().pixels(), expected, "{kind}");
    }
    save(&path, ImageBuffer::from_pixel(28, 28, Luma([12_345_u16])));
    assert_eq!(png::read(&path).unwrap().pixels(), [12_345.0 / 65535.0; 784], "16 bits are kept");
}

#[test]
fn what_lies_beside_the_pixels_takes_no_memory_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    save(&path, ImageBuffer::from_pixel(28, 28, Luma([51_u8])));
    let plain = fs::read(&path).unwrap();
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
        assert_eq!(png::read(&path).unwrap().pixels(), [0.2; 784], "{megabytes} MB of {}", kind.escape_ascii());
    }
}

/// A part of a PNG.
fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    [&(content.len() as u32).to_be_bytes()[..], kind, content, &sum.sum().to_be_bytes()].concat()
}

#[test]
fn pictures_of_few_colours_are_read_as_they_look() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    // One bit per pixel, all of them 1: white as grey, and the second of the palette's colours.
    let picture = |colour: u8, more: &[u8]| {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&[0, 0xff, 0xff, 0xff, 0xff].repeat(28)).unwrap();
        let header = [&[0, 0, 0, 28, 0, 0, 0, 28, 1, colour, 0, 0, 0][..]].concat();
        let pixels = packed.finish().unwrap();
        let parts = [chunk(b"IHDR", &header), more.to_vec(), chunk(b"IDAT", &pixels), chunk(b"IEND", &[])].concat();
        [&b"\x89PNG\r\n\x1a\n"[..], &parts].concat()
    };
    let palette = chunk(b"PLTE", &[255, 0, 0, 51, 51, 51]);
    for (case, colour, more, level) in [
        ("grey", 0, &[][..], 1.0),
        ("a palette", 3, &palette, 0.2),
        ("opaque", 3, &[&palette[..], &chunk(b"tRNS", &[0])].concat(), 0.2),
    ] {
        fs::write(&path, picture(colour, more)).unwrap();
        assert_eq!(png::read(&path).unwrap().pixels(), [level; 784], "{case}");
    }
    fs::write(&path, picture(3, &[palette, chunk(b"tRNS", &[255, 7])].concat())).unwrap();
    assert!(png::read(&path).unwrap_err().to_string().contains("is transparent in places"));
}

/// Green is brighter than red, red than blue (luma of ITU-R BT.709: 0.2126, 0.7152, 0.0722).
#[test]
fn colours_become_luma() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    for (colour, luma) in [([255_u8, 0, 0], 0.2126), ([0, 255, 0], 0.7152), ([0, 0, 255], 0.0722)] {
        save(&path, ImageBuffer::from_pixel(28, 28, Rgb(colour)));
        let pixel = png::read(&path).unwrap().pixels()[0];
        assert!((pixel - luma).abs() < 1.0 / 255.0, "{colour:?}: {pixel}");
    }
}

#[test]
fn what_is_written_is_read_and_row_comes_before_column() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let pixels: Vec<u8> = (0..784).map(|at| at as u8).collect();
    png::write(&path, &pixels, 28).unwrap();
    assert_eq!(png::read(&path).unwrap().pixels(), pixels.iter().map(|&p| f32::from(p) / 255.0).collect::<Vec<_>>());
    png::write(&path, &[0; 84 * 28], 84).unwrap();
    assert_eq!(image::image_dimensions(&path).unwrap(), (84, 28));
    for (pixels, width) in [(&[0; 29][..], 28), (&[], 28), (&[0; 4], 0), (&[0; 4], 8)] {
        let message = png::write(&path, pixels, width).unwrap_err().to_string();
        assert!(message.contains("no whole rows"), "{message}");
    }
    assert!(
        png::write(&dir.path().join("none/picture.png"), &pixels, 28).unwrap_err().to_string().contains("cannot write")
    );
}

#[test]
fn other_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.png");
    let mut cases = vec![
        ("nothing", vec![], "is empty, expected a PNG"),
        ("text", b"no picture".to_vec(), "is a text file, expected"),
    ];
    save(&path, ImageBuffer::from_fn(28, 28, |x, y| Luma([level(x, y)])));
    let whole = fs::read(&path).unwrap();
    cases.push(("half a picture", whole[..whole.len() / 2].to_vec(), "is no readable PNG"));
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0xff;
    cases.push(("a flipped byte", flipped, "is no readable PNG"));
    let mut huge = whole.clone();
    huge[16..24].copy_from_slice(&[0x7f; 8]); // the size in the header chunk, whose checksum is then wrong as well
    cases.push(("a size of 2 billion", huge, "is no readable PNG"));
    save(&path, ImageBuffer::from_pixel(32, 30, Luma([0_u8])));
    cases.push(("32 columns, 30 rows", fs::read(&path).unwrap(), "holds images of 32x30 pixels, expected 28x28"));
    save(&path, ImageBuffer::from_pixel(28, 28, Rgba([0_u8, 0, 0, 254])));
    cases.push(("transparency", fs::read(&path).unwrap(), "is transparent in places"));
    cases.push(("2 MB", vec![0; 2 << 20], "has more than 1048576 bytes"));
    for (case, bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        let message = png::read(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{case}: {message}");
        assert!(message.starts_with(&path.display().to_string()) && !message.contains('\n'), "{case}: {message}");
    }
}
