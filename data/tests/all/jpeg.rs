//! JPEG against Pillow, and what is not read of it.

use std::{fs, path::Path};

use robust_data::{
    Dataset, ImageShape, SplitName,
    input::{self, Wanted},
    npz,
};

use crate::pictures::{CMYK, COLOUR, FINE, GREY, HEIGHT, PROGRESSIVE, TURNED, WIDTH};

/// How far bytes are apart: the mean difference, the share of differences of at most 3, and the largest.
fn apart(ours: impl Iterator<Item = u8>, theirs: impl Iterator<Item = u8>) -> (f64, f64, u8) {
    let differences: Vec<u8> = ours.zip(theirs).map(|(ours, theirs)| ours.abs_diff(theirs)).collect();
    let count = differences.len() as f64;
    let mean = differences.iter().map(|&difference| f64::from(difference)).sum::<f64>() / count;
    let near = differences.iter().filter(|&&difference| difference <= 3).count() as f64 / count;
    (mean, near, differences.into_iter().max().unwrap())
}

fn assert_near((mean, near, largest): (f64, f64, u8), most: f64, case: &str) {
    println!("{case}: mean {mean:.4}, {:.4} % within 3, largest {largest}", 100.0 * near);
    assert!(
        mean <= most && near >= 0.999 && largest <= 8,
        "{case}: mean {mean}, share within 3 {near}, largest {largest}"
    );
}

fn bytes(pixels: &[f32]) -> impl Iterator<Item = u8> {
    pixels.iter().map(|pixel| (pixel * 255.0).round() as u8)
}

#[test]
fn pixels_are_those_of_pillow() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture");
    let pillow = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/jpeg/pillow.npz");
    for (case, file, key, channels) in [
        ("colour", COLOUR, "colour", 3),
        ("progressive", PROGRESSIVE, "colour", 3),
        ("turned", TURNED, "colour", 3),
        ("fine", FINE, "fine", 3),
        ("grey", GREY, "grey", 1),
    ] {
        fs::write(&path, file).unwrap();
        let shape = ImageShape { channels, height: HEIGHT, width: WIDTH };
        let ours = input::read(&path, &Wanted::of(shape)).unwrap().images;
        let theirs = npz::read_images(&pillow, &[key]).unwrap();
        assert_eq!((ours.shape(), theirs.shape()), (shape, shape), "{case}");
        // Photographs are closer than these: steep, in all colours, and small.
        assert_near(apart(bytes(ours.pixels()), bytes(theirs.pixels())), 0.6, case);
    }
}

#[test]
fn what_breaks_off_or_is_meant_for_a_printer_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture.jpg");
    let shape = ImageShape { channels: 3, height: HEIGHT, width: WIDTH };
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        input::read(&path, &Wanted::of(shape)).map_err(|error| error.to_string())
    };
    let message = read(CMYK).unwrap_err();
    assert!(
        message.ends_with("picture.jpg is a JPEG in CMYK, the colours of a printer: convert it to RGB"),
        "{message}"
    );
    for file in [COLOUR, PROGRESSIVE, FINE, GREY] {
        for end in (3..file.len()).rev().step_by(5) {
            let message = read(&file[..end]).unwrap_err();
            assert!(message.contains("is no readable JPEG") && !message.contains('\n'), "{end}: {message}");
        }
    }
    assert_eq!(read(&[COLOUR, b"and more"].concat()), read(COLOUR), "what lies behind the picture");
}

/// Pictures of a folder of classes against what Pillow reads of them, where `PILLOW_FOLDER` names the folder and `PILLOW_NPZ` the file that this
/// writes, run with both names:
///
/// ```python
/// import sys, numpy as np
/// from pathlib import Path
/// from PIL import Image
/// folder, npz = map(Path, sys.argv[1:])
/// files = [file for kind in sorted(folder.iterdir()) for file in sorted(kind.iterdir())]
/// np.savez_compressed(npz, x=np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files]))
/// ```
#[test]
#[ignore = "needs a folder of pictures and Pillow"]
fn a_folder_is_read_as_pillow_reads_it() {
    let [folder, npz] = ["PILLOW_FOLDER", "PILLOW_NPZ"].map(|name| std::env::var(name).expect(name));
    let split = Dataset::open(&folder, None).unwrap().split(SplitName::Test).unwrap();
    let pillow = npz::read_images(Path::new(&npz), &["x"]).unwrap();
    assert_eq!((split.shape(), split.len()), (pillow.shape(), pillow.len()));
    let ours = split.pixels().iter().copied();
    assert_near(apart(ours, bytes(pillow.pixels())), 0.5, &format!("{} pictures", split.len()));
}
