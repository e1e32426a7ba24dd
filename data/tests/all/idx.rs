//! The strict IDX reader: what it reads and, above all, what it refuses.

use std::{fs, io::Write};

use robust_data::{
    Error, ImageShape,
    idx::{read_images, read_labels},
};

use crate::files::{gzip, idx, images, labels};

#[test]
fn reads_plain_and_gzipped_files_whatever_they_are_called() {
    let dir = tempfile::tempdir().unwrap();
    for (name, pack) in [("a", false), ("a.gz", false), ("b", true), ("b.gz", true)] {
        let path = dir.path().join(name);
        let write = |bytes: Vec<u8>| fs::write(&path, if pack { gzip(&bytes) } else { bytes }).unwrap();
        write(images(3));
        assert_eq!(read_images(&path).unwrap(), (ImageShape::GREY, images(3)[16..].to_vec()), "{name}");
        write(labels(&[5, 0, 255]));
        assert_eq!(read_labels(&path).unwrap(), [5, 0, 255], "{name}");
    }
}

#[test]
fn any_size_is_read_rows_first() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("images");
    fs::write(&path, idx(&[2, 3, 5], &[9; 30])).unwrap();
    let shape = ImageShape { channels: 1, height: 3, width: 5 };
    assert_eq!(read_images(&path).unwrap(), (shape, vec![9; 30]));
}

#[test]
fn refuses_everything_else_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("images-idx3-ubyte.gz");
    let damaged = |bytes: &[u8]| {
        let mut bytes = gzip(bytes);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        bytes
    };
    let with_tail = |tail: &[u8]| [&gzip(&images(2)), tail].concat();
    for (case, bytes, expected) in [
        ("empty", vec![], "ends after 0 bytes, expected 16"),
        ("empty gzip", gzip(&[]), "ends after 0 bytes, expected 16"),
        ("half a magic number", vec![0, 0], "ends after 2 bytes, expected 16"),
        ("half a header", images(2)[..11].to_vec(), "ends after 11 bytes, expected 16"),
        ("labels", labels(&[1; 40]), "starts with 00000801, expected the IDX magic number 0x00000803 (images)"),
        ("a PNG", b"\x89PNG\r\n\x1a\n and so on".to_vec(), "starts with 89504e47, expected"),
        ("32-bit floats", [&[0, 0, 0x0d, 3], &images(1)[4..]].concat(), "starts with 00000d03, expected"),
        ("absurd rows", idx(&[1, u32::MAX, u32::MAX], &[]), "claims images of 4294967295x4294967295 pixels"),
        ("no rows", idx(&[1, 0, 28], &[]), "claims images of 28x0 pixels, expected 1 to 16384 a side"),
        ("no image", idx(&[0, 28, 28], &[]), "holds no images"),
        ("4 GB claimed", idx(&[5_000_000, 28, 28], &[]), "claims 5000000 images or labels, expected at most 1000000"),
        ("all claimed", idx(&[u32::MAX, 28, 28], &[]), "claims 4294967295 images or labels"),
        ("most that may be claimed", idx(&[1_000_000, 28, 28], &[0; 99]), "ends after 115 bytes, expected 784000016"),
        ("a byte short", images(2)[..16 + 2 * 784 - 1].to_vec(), "ends after 1583 bytes, expected 1584"),
        ("a byte long", [images(2), vec![0]].concat(), "goes on after the 1584 bytes"),
        ("a byte long inside", gzip(&[images(2), vec![0]].concat()), "goes on after the 1584 bytes"),
        ("a bomb", gzip(&[images(2), vec![0; 50_000_000]].concat()), "goes on after the 1584 bytes"),
        ("rubbish after gzip", with_tail(b"rubbish"), "the gzip data is damaged"),
        ("another image after gzip", with_tail(&gzip(&[0; 784])), "goes on after the 1584 bytes"),
        ("gzip cut off", gzip(&images(2))[..300].to_vec(), "the gzip data is damaged"),
        (
            "gzip without its checksum",
            gzip(&images(2))[..gzip(&images(2)).len() - 8].to_vec(),
            "the gzip data is damaged",
        ),
        ("a flipped byte", damaged(&images(2)), "the gzip data is damaged"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = read_images(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{case}: {message}");
        assert!(message.starts_with(&path.display().to_string()) && !message.contains('\n'), "{case}: {message}");
    }
    for (case, bytes, expected) in [
        ("images", images(2), "starts with 00000803, expected the IDX magic number 0x00000801 (labels)"),
        ("4 GB claimed", idx(&[u32::MAX], &[1, 2, 3]), "claims 4294967295 images or labels"),
        ("a label short", idx(&[4], &[1, 2, 3]), "ends after 11 bytes, expected 12"),
        ("a label long", idx(&[2], &[1, 2, 3]), "goes on after the 10 bytes"),
        ("none", idx(&[0], &[]), "holds no images or labels"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = read_labels(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{case}: {message}");
    }
}

#[test]
fn files_that_cannot_be_read_or_are_too_large_are_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(read_images(&dir.path().join("none")), Err(Error::Read { .. })));
    assert!(matches!(read_images(dir.path()), Err(Error::NotAFile { found: "a folder", .. })));
    let path = dir.path().join("large");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&images(1)).unwrap();
    file.set_len(5_000_000_000).unwrap(); // sparse: takes no room
    let message = read_images(&path).unwrap_err().to_string();
    assert!(message.contains("has more than 4294967296 bytes"), "{message}");
}
