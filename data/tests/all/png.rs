//! PNG pictures of every kind that a person may hand in.

use std::{fs, path::Path};

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
    let mut cases =
        vec![("nothing", vec![], "is no readable PNG"), ("text", b"no picture".to_vec(), "is no readable PNG")];
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
    cases.push(("32 columns", fs::read(&path).unwrap(), "holds images of 30x32 pixels, expected 28x28"));
    save(&path, ImageBuffer::from_pixel(28, 28, Rgba([0_u8, 0, 0, 254])));
    cases.push(("transparency", fs::read(&path).unwrap(), "is transparent in places"));
    cases.push(("2 MB", vec![0; 2 << 20], "has 2097152 bytes, expected at most 1048576"));
    for (case, bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        let message = png::read(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{case}: {message}");
        assert!(message.starts_with(&path.display().to_string()) && !message.contains('\n'), "{case}: {message}");
    }
}
