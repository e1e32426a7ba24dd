//! What a file is, its content says: it is read whatever its name, or refused by its right name.

use std::{fs, path::Path};

use robust_data::{
    ImageShape,
    input::{self, Input, Wanted},
    npz, png,
};

use crate::files::{gzip, idx, images, labels};

fn png_bytes() -> Vec<u8> {
    png::encode(Path::new("a.png"), &[51; 784], 28).unwrap()
}

fn npz_bytes(shape: &[usize]) -> Vec<u8> {
    let mut npz = npz::Writer::new(Vec::new());
    npz.array("x", shape, &vec![0.2_f32; shape.iter().product()]).unwrap();
    npz.finish().unwrap()
}

#[test]
fn a_name_that_lies_hides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let idx_bytes = idx(&[3, 28, 28], &[51; 3 * 784]);
    for (name, bytes, count) in [
        ("picture.npz", png_bytes(), 1),
        ("picture", png_bytes(), 1),
        ("array.png", npz_bytes(&[2, 28, 28]), 2),
        ("array.npz", npz_bytes(&[2, 28, 28, 1]), 2),
        ("one.npz", npz_bytes(&[1, 28, 28, 1]), 1),
        ("t10k-images.idx3-ubyte", idx_bytes.clone(), 3),
        ("t10k-images.idx3-ubyte.gz", gzip(&idx_bytes), 3),
        ("images.png", gzip(&idx_bytes), 3),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let Input { images, files, .. } = input::read(&path, &Wanted::of(ImageShape::GREY)).unwrap();
        assert_eq!((images.len(), images.pixels()[0], files[0].name.as_str()), (count, 0.2, name));
    }
}

#[test]
fn other_files_are_called_by_their_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("images.npz");
    let tar = [&[b'a'; 257][..], b"ustar\x0000", &[0; 100]].concat();
    let png = ": save it as a PNG";
    for (bytes, found, advice) in [
        (b"GIF89a\x1c\0\x1c\0".to_vec(), "a GIF picture", png),
        (b"BM\x36\x0c\0\0\0\0\0\0".to_vec(), "a BMP picture", png),
        (b"II*\0\x08\0\0\0".to_vec(), "a TIFF picture", png),
        (b"MM\0*\0\0\0\x08".to_vec(), "a TIFF picture", png),
        (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), "a WebP picture", png),
        (b"\0\0\0\x1cftypavif\0\0\0\0".to_vec(), "an AVIF picture", png),
        (b"<svg xmlns='...'>".to_vec(), "an SVG drawing", png),
        (b"%PDF-1.7\n%\xe2\xe3".to_vec(), "a PDF document", ""),
        (b"<!DOCTYPE html><html>".to_vec(), "an HTML page", ""),
        (b"\x80\x04\x95\x10\0".to_vec(), "a Python pickle", ""),
        (b"MATLAB 5.0 MAT-file, Platform\0\x01".to_vec(), "a MATLAB file", ""),
        (b"\x89HDF\r\n\x1a\n\0".to_vec(), "an HDF5 file", ""),
        (b"PAR1\x15\x04".to_vec(), "a Parquet file", ""),
        (tar, "a tar archive", ""),
        (
            b"PK\x03\x04\x14\0\0\0\0\0aaaabbbbccccdddd\x05\0\0\0a.txthello".to_vec(),
            "a zip archive of something else",
            "",
        ),
        (b"PK\x05\x06\0\0".to_vec(), "an empty zip archive", ""),
        (b"\x93NUMPY\x01\0v\0{'descr'".to_vec(), "a single numpy array (npy)", "numpy.savez(FILE, x=ARRAY)"),
        (labels(&[1, 2]), "an IDX file of labels", ""),
        (gzip(&labels(&[1, 2])), "a gzip'd file that holds an IDX file of labels", ""),
        (gzip(&npz_bytes(&[1, 28, 28])), "a gzip'd file that holds an npz archive", ": unpack it first"),
        (gzip(&png_bytes()), "a gzip'd file that holds a PNG", ": unpack it first"),
        (b"grey, but in words: \xc3".to_vec(), "a text file", ""),
        (vec![], "empty", ""),
        (vec![1, 2, 3, 4, 5], "of no known kind (it starts with 01020304)", ""),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = input::read(&path, &Wanted::of(ImageShape::GREY)).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{} is {found}", path.display())), "{found}: {message}");
        assert!(message.contains(", expected an npz archive, a PNG, a JPEG or an IDX file"), "{found}: {message}");
        assert!(message.contains(advice) && !message.contains('\n'), "{found}: {message}");
    }
    fs::write(&path, images(1)).unwrap();
    let message =
        input::read(&path, &Wanted { key: Some("x"), ..Wanted::of(ImageShape::GREY) }).unwrap_err().to_string();
    assert!(
        message.ends_with("is an IDX file of images, expected an npz archive, of which --key names an array"),
        "{message}"
    );
}

#[test]
fn a_folder_gives_every_image_a_row_and_names_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    write("a.png", &png_bytes());
    write("b.png", b"not a picture");
    write("c", &npz_bytes(&[2, 28, 28]));
    write("d.jpeg", b"\xff\xd8\xff\xe0");
    write("e.txt", b"a note");
    write("f.csv", b"");
    write("g.png", b"");
    write("h-labels", &labels(&[1]));
    fs::create_dir(dir.path().join("i")).unwrap();
    write("j-idx3-ubyte", &images(1));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", dir.path().join("k.png")).unwrap();
        std::os::unix::fs::symlink("a.png", dir.path().join("l")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", dir.path().join("m.png")).unwrap();
    }
    let input = input::read(dir.path(), &Wanted::of(ImageShape::GREY)).unwrap();
    let rows: Vec<_> = input.rows().map(|row| (row.source.into_owned(), row.image.ok())).collect();
    let expected: &[(&str, Option<usize>)] = &[
        ("a.png", Some(0)),
        ("b.png", None),
        ("c#0", Some(1)),
        ("c#1", Some(2)),
        ("d.jpeg", None),
        ("g.png", None),
        ("j-idx3-ubyte", Some(3)),
        #[cfg(unix)]
        ("l", Some(4)),
        #[cfg(unix)]
        ("m.png", None),
    ];
    assert_eq!(rows.iter().map(|(source, image)| (source.as_str(), *image)).collect::<Vec<_>>(), expected);
    assert_eq!(input.skipped[..5], ["e.txt", "f.csv", "h-labels", "i", "k.png"][..input.skipped.len().min(5)]);
    let errors: Vec<&str> = input.errors().map(|(_, error)| error).collect();
    for (error, part) in
        errors.iter().zip(["b.png is a text file", "is no readable JPEG", "g.png is empty", "m.png is a device"])
    {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn names_are_made_plain_and_stay_apart() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let dir = tempfile::tempdir().unwrap();
    let names: [(&[u8], &str); 6] = [
        (b"\x1b[31mred.png", r"\x1b[31mred.png"),
        (b"a b.png", "a b.png"),
        (b"a\nb.png", r"a\x0ab.png"),
        ("zwölf.png".as_bytes(), "zwölf.png"),
        (b"\xfe.png", r"\xfe.png"),
        (b"\xff.png", r"\xff.png"),
    ];
    for (name, _) in names {
        fs::write(dir.path().join(OsStr::from_bytes(name)), png_bytes()).unwrap();
    }
    let input = input::read(dir.path(), &Wanted::of(ImageShape::GREY)).unwrap();
    let mut found: Vec<_> = input.rows().map(|row| row.source.into_owned()).collect();
    found.sort_unstable();
    let mut expected = names.map(|(_, plain)| plain.to_owned());
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_stream_is_read_as_a_file_is() {
    for (bytes, count) in [(png_bytes(), 1), (npz_bytes(&[2, 784]), 2), (gzip(&images(3)), 3)] {
        assert_eq!(input::read_stream(&bytes[..], &Wanted::of(ImageShape::GREY)).unwrap().images.len(), count);
    }
    let message = input::read_stream(&b"words"[..], &Wanted::of(ImageShape::GREY)).unwrap_err().to_string();
    assert!(message.starts_with("stdin is a text file"), "{message}");
}
