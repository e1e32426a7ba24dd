//! npz: what numpy wrote is read, what is written is a plain archive of plain arrays, the rest is refused.

use std::{
    fs,
    io::{self, Cursor, Read, Write},
    path::Path,
};

use robust_data::{
    Error, Images,
    npz::{self, Piece},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

fn numpy(file: &str, keys: &[&str]) -> Result<Images, Error> {
    npz::read_images(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/numpy").join(file), keys)
}

/// The files in `numpy/` were written by numpy 2:
///
/// ```python
/// import numpy as np
/// x = ((np.arange(2 * 784) * 5) % 256).astype(np.uint8)
/// f = np.float32(x) / np.float32(255)
/// np.savez("u8_stored.npz", x=x[:784].reshape(1, 28, 28))
/// np.savez_compressed("u8_deflated.npz", x=x.reshape(2, 784))
/// np.savez_compressed("f16.npz", x=f.astype(np.float16).reshape(2, 28, 28))
/// np.savez_compressed("f32.npz", label=np.array([3, 4]), x=x.reshape(2, 1, 28, 28), x_adv=1 - f.reshape(2, 1, 28, 28))
/// np.savez_compressed("f64.npz", x=f[:784].astype(np.float64).reshape(28, 28))
/// np.savez_compressed("fortran.npz", x=np.asfortranarray(f.reshape(2, 28, 28)))
/// np.savez_compressed("big_endian.npz", x=f.astype(">f4").reshape(2, 28, 28))
/// ```
#[test]
fn reads_what_numpy_writes() {
    let x: Vec<f32> = (0..2 * 784).map(|i| ((i * 5) % 256) as f32 / 255.0).collect();
    let inverted: Vec<f32> = x.iter().map(|pixel| 1.0 - pixel).collect();
    for (file, keys, expected) in [
        ("u8_stored.npz", &["x"][..], &x[..784]),
        ("u8_deflated.npz", &["x_adv", "x"], &x),
        ("f32.npz", &["x_adv", "x"], &inverted),
        ("f32.npz", &["x"], &x),
        ("f64.npz", &["x"], &x[..784]),
    ] {
        let images = numpy(file, keys).unwrap();
        assert_eq!((images.pixels(), images.len()), (expected, expected.len() / 784), "{file} {keys:?}");
    }
    let half = numpy("f16.npz", &["x"]).unwrap();
    assert!(half.pixels().iter().zip(&x).all(|(half, x)| (half - x).abs() <= 2.0_f32.powi(-12)));
}

#[test]
fn arrays_that_are_no_images_are_refused() {
    for (file, keys, expected) in [
        ("f32.npz", &["images", "y"][..], "holds no array images or y, only label, x, x_adv: name one with --key"),
        ("f32.npz", &["label"], "array label: shape [2], expected (N, H, W), (N, C, H, W)"),
        ("fortran.npz", &["x"], "array x: Fortran order, expected C order"),
        ("big_endian.npz", &["x"], "array x: type >f4, expected uint8, or little-endian float"),
        ("missing.npz", &["x"], "cannot read"),
    ] {
        let message = numpy(file, keys).unwrap_err().to_string();
        assert!(message.contains(expected), "{file} {keys:?}: {message}");
    }

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("own.npz");
    for (shape, fill, expected) in [
        (&[0, 28, 28][..], 0.0, "0 images, expected 1 to 1000000"),
        (&[1, 0, 28, 28], 0.0, "shape [1, 0, 28, 28], expected"),
        (&[2, 3072], 0.0, "shape [2, 3072], expected"),
        (&[784], 0.0, "shape [784], expected"),
        (&[2, 28, 28], 255.0, "pixel 255 in image 0, expected values from 0 to 1"),
        (&[2, 28, 28], -0.5, "pixel -0.5 in image 0"),
        (&[2, 28, 28], f32::NAN, "pixel NaN in image 0"),
    ] {
        let mut archive = npz::Writer::new(fs::File::create(&path).unwrap());
        archive.array("x", shape, &vec![fill; shape.iter().product()]).unwrap();
        archive.finish().unwrap();
        let message = npz::read_images(&path, &["x"]).unwrap_err().to_string();
        assert!(message.contains(expected), "{shape:?} {fill}: {message}");
    }
}

#[test]
fn damaged_and_hostile_archives_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hostile.npz");
    let header = |shape: &str| {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
    };
    let good = header("(1, 28, 28)");
    let archive = |npy: &[u8]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file("x.npy", deflated).unwrap();
        zip.write_all(npy).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let whole = archive(&[&good[..], &[0; 3136]].concat());
    let mut flipped = whole.clone();
    flipped[60] ^= 0x55;
    for (case, bytes, expected) in [
        ("empty", vec![], "is empty, expected an npz archive"),
        ("text", b"not a zip archive at all".to_vec(), "is a text file, expected an npz archive"),
        ("cut off", whole[..whole.len() / 2].to_vec(), "is no readable npz archive"),
        ("a flipped byte", flipped, "array x: "),
        ("no npy", archive(b"hello hello hello"), "array x: it does not start like an npy array"),
        ("half a header", archive(&good[..20]), "array x: "),
        ("short", archive(&[&good[..], &[0; 3135]].concat()), "array x: 3135 bytes, expected 3136"),
        ("long", archive(&[&good[..], &[0; 3137]].concat()), "array x: bytes after the end, expected 3136"),
        ("a bomb", archive(&[&good[..], &[0; 50_000_000]].concat()), "array x: bytes after the end"),
        ("4 GB claimed", archive(&header("(1300000, 28, 28)")), "1300000 images, expected 1 to 1000000"),
        ("3 GB claimed", archive(&header("(1000000, 28, 28)")), "array x: 0 bytes, expected 3136000000"),
        ("an overflow claimed", archive(&header("(18446744073709551615, 28, 28)")), "18446744073709551615 images"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = npz::read_images(&path, &["x"]).unwrap_err().to_string();
        assert!(message.contains(expected), "{case}: {message}");
        assert!(message.starts_with(&path.display().to_string()) && !message.contains('\n'), "{case}: {message}");
    }
}

fn written() -> Vec<u8> {
    let mut archive = npz::Writer::new(Vec::new());
    let pieces = [0, 1, 2].map(|image| Piece::new(&[image as f32 / 2.0; 784]).unwrap());
    archive.pieces("x", &[3, 1, 28, 28], &pieces).unwrap();
    archive.array("label", &[3], &[7_i64, -1, i64::MAX]).unwrap();
    archive.finish().unwrap()
}

#[test]
fn writes_deflated_arrays_dated_1980_the_same_every_time() {
    let bytes = written();
    assert_eq!(bytes, written());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    for (name, text, data) in [
        ("x.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,1,28,28,), }", 3 * 784 * 4),
        ("label.npy", "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", 24),
    ] {
        let mut entry = zip.by_name(name).unwrap();
        assert_eq!(
            (entry.compression(), entry.last_modified()),
            (CompressionMethod::Deflated, Some(Default::default()))
        );
        let mut npy = Vec::new();
        entry.read_to_end(&mut npy).unwrap();
        assert_eq!(npy.len(), 128 + data);
        assert_eq!(String::from_utf8_lossy(&npy[10..128]).trim_end(), text);
    }
}

#[test]
fn reads_what_it_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.npz");
    fs::write(&path, written()).unwrap();
    let images = npz::read_images(&path, &["x"]).unwrap();
    assert_eq!(images.pixels(), [[0.0; 784], [0.5; 784], [1.0; 784]].concat());
}

/// Values between 0 and 1 whose bytes no compressor makes shorter, but for those of the exponent.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    (0..count).map(|_| next() as f32 / (1 << 24) as f32).collect()
}

#[test]
fn pieces_of_any_length_make_one_array_and_noise_grows_by_less_than_a_thousandth() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.npz");
    for (images, cut) in [(1, 784), (3, 784), (5, 1000), (700, 784 * 256)] {
        let values = noise(images * 784);
        let pieces: Vec<_> = values.chunks(cut).map(|values| Piece::new(values).unwrap()).collect();
        let mut archive = npz::Writer::new(Vec::new());
        archive.pieces("x", &[images, 28, 28], &pieces).unwrap();
        let bytes = archive.finish().unwrap();
        assert!(bytes.len() < images * 3136 + images * 3 + 600, "{images} images in {} bytes", bytes.len());
        fs::write(&path, bytes).unwrap();
        assert!(npz::read_images(&path, &["x"]).unwrap().pixels() == values, "{images} images in pieces of {cut}");
    }
}

#[test]
fn a_wrong_number_of_values_and_a_full_disk_are_told_and_nothing_else_is_said() {
    let mut archive = npz::Writer::new(Vec::new());
    let message = archive.array("x", &[2, 2], &[1.0_f32; 3]).unwrap_err().to_string();
    assert_eq!(message, "array x: 3 values do not make the shape [2, 2]");
    let whole = written().len();
    for room in (0..whole).step_by(7).chain([whole - 1]) {
        let write = || {
            let mut archive = npz::Writer::new(Disk { room });
            archive.array("x", &[2, 28, 28], &noise(2 * 784))?;
            archive.finish().map(drop)
        };
        let error: io::Error = write().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room} bytes of room: {error}");
    }
}

/// Takes so many bytes and no more.
struct Disk {
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_message_names_a_few_of_many_arrays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.npz");
    let mut archive = ZipWriter::new(fs::File::create(&path).unwrap());
    let long = "a".repeat(60_000);
    for name in ["b0".to_owned(), long].into_iter().chain((1..60_000).map(|name| format!("b{name}"))) {
        archive.start_file(name + ".npy", SimpleFileOptions::default()).unwrap();
    }
    archive.finish().unwrap();
    let message = npz::read_images(&path, &["x"]).unwrap_err().to_string();
    let first =
        format!("holds no array x, only b0, {}..., b1, b2, b3, b4, b5, b6 and 59993 more: name one", "a".repeat(60));
    assert!(message.contains(&first), "{} characters: {message:.300}", message.len());
}
