//! Bad pictures and folders: what is said of each, in one line, and whether the rest is read. The table in `docs/pictures.md` is made here;
//! `REWRITE_PICTURES=1 cargo test -p robust-data bad_pictures` writes it anew.

use std::{fs, path::Path};

use png::{BitDepth, ColorType};
use robust_data::{Crop, Dataset, ImageShape, Sizing, SplitName};

use crate::{
    files::{gzip, idx},
    folders::npz,
    pictures::{
        CMYK, COLOUR, GREY, HEIGHT, TURNED, WIDTH, animation, claiming, claiming_jpeg, level, palette, plain, png,
    },
};

const SIZE: [usize; 2] = [WIDTH, HEIGHT];
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures.md");

/// A folder `photos`, which a case fills.
struct Photos<'a>(&'a Path);

impl Photos<'_> {
    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Two good pictures.
    fn two(&self) {
        self.write("cat/a.png", &plain(SIZE, [1, 2, 3]));
        self.write("dog/b.jpg", COLOUR);
    }

    /// Two good pictures and a third file among them.
    fn third(&self, name: &str, bytes: &[u8]) {
        self.two();
        self.write(&format!("cat/{name}"), bytes);
    }

    /// A set of npz with three images of 40x24 and these labels.
    fn npz(&self, labels: &[i8]) {
        let labels: Vec<u8> = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
        let images = vec![7; 3 * WIDTH * HEIGHT];
        self.write(
            "test.npz",
            &npz(("|u1", "(3, 24, 40)", &images), ("|i1", &format!("({},)", labels.len()), &labels)),
        );
    }
}

type Fill = fn(&Photos);

/// Inputs by name; what is done with the folder is to read its split `test`.
const CASES: [(&str, Fill); 43] = [
    ("an empty folder", |_| {}),
    ("a folder of texts", |photos| photos.write("notes.txt", b"none")),
    ("classes without a single picture", |photos| photos.write("cat/notes.txt", b"none")),
    ("classes of pictures that cannot be read", |photos| photos.write("cat/a.png", b"")),
    ("a class without pictures", |photos| {
        photos.two();
        fs::create_dir(photos.0.join("eel")).unwrap();
    }),
    ("an empty file `c.png`", |photos| photos.third("c.png", b"")),
    ("a text called `c.jpg`", |photos| photos.third("c.jpg", b"not found")),
    ("a web page called `c.jpg`", |photos| photos.third("c.jpg", b"<!DOCTYPE html><html>")),
    ("unknown bytes called `c.png`", |photos| photos.third("c.png", &[1, 2, 3, 4, 5])),
    ("half a PNG", |photos| {
        let whole = level(SIZE, 7);
        photos.third("c.png", &whole[..whole.len() / 2 + 10]);
    }),
    ("a PNG with a flipped byte", |photos| {
        let mut bytes = plain(SIZE, [9, 8, 7]);
        bytes[50] ^= 0xff;
        photos.third("c.png", &bytes);
    }),
    ("a PNG of 2,000,000,000 pixels a side", |photos| {
        photos.third("c.png", &claiming(&level(SIZE, 7), 2_000_000_000, 2_000_000_000));
    }),
    ("a short PNG of 8,000 pixels a side", |photos| photos.third("c.png", &claiming(&level(SIZE, 7), 8000, 8000))),
    ("half a JPEG", |photos| photos.third("c.jpg", &COLOUR[..COLOUR.len() - 100])),
    ("a JPEG of 60,000 pixels a side", |photos| photos.third("c.jpg", &claiming_jpeg(COLOUR, 60_000, 60_000))),
    ("a short JPEG of 8,000 pixels a side", |photos| photos.third("c.jpg", &claiming_jpeg(COLOUR, 8000, 8000))),
    ("a JPEG in CMYK", |photos| photos.third("c.jpg", CMYK)),
    ("a JPEG that asks to be turned", |photos| photos.third("c.jpg", TURNED)),
    ("a GIF", |photos| photos.third("c.gif", b"GIF89a\x1c\0\x1c\0")),
    ("a BMP", |photos| photos.third("c.bmp", b"BM\x36\x0c\0\0\0\0\0\0")),
    ("a WebP called `c.jpg`", |photos| photos.third("c.jpg", b"RIFF\x24\0\0\0WEBPVP8 ")),
    ("a gzip'd PNG", |photos| photos.third("c.png", &gzip(&level(SIZE, 7)))),
    ("a PNG of 16 bits", |photos| {
        photos.third("c.png", &png(SIZE, ColorType::Rgb, BitDepth::Sixteen, &[7; 6 * WIDTH * HEIGHT]));
    }),
    ("a transparent PNG", |photos| {
        photos.third("c.png", &png(SIZE, ColorType::Rgba, BitDepth::Eight, &[7; 4 * WIDTH * HEIGHT]));
    }),
    ("a PNG with a palette that is transparent", |photos| {
        photos.third("c.png", &palette(SIZE, &[1, 2, 3, 4, 5, 6], &[0, 255], &[0; WIDTH * HEIGHT]));
    }),
    ("an animated PNG", |photos| photos.third("c.png", &animation(SIZE, &[7; 3 * WIDTH * HEIGHT]))),
    ("a grey picture among coloured ones", |photos| photos.third("c.jpg", GREY)),
    ("a picture of another size", |photos| photos.third("c.png", &plain([32, 20], [9, 8, 7]))),
    ("a picture called `.c.png`, and a `Thumbs.db`", |photos| {
        photos.third(".c.png", &plain(SIZE, [9, 8, 7]));
        photos.write("dog/Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1");
    }),
    ("a folder within a class", |photos| {
        photos.two();
        fs::create_dir(photos.0.join("cat/more")).unwrap();
    }),
    ("a picture beside the classes", |photos| {
        photos.two();
        photos.write("c.png", &plain(SIZE, [9, 8, 7]));
    }),
    ("a file of 100 MB called `c.png`", |photos| {
        photos.two();
        // Sparse: takes no room.
        fs::File::create(photos.0.join("cat/c.png")).unwrap().set_len(100_000_000).unwrap();
    }),
    ("no folder `test` beside `train`", |photos| photos.write("train/cat/a.png", &plain(SIZE, [1, 2, 3]))),
    ("`labels.csv` with other columns", |photos| photos.write("labels.csv", b"name,class\na.png,cat\n")),
    ("`labels.csv` that names a file that is not there", |photos| {
        photos.write("a.png", &plain(SIZE, [1, 2, 3]));
        photos.write("labels.csv", b"file,label\na.png,cat\nb.png,dog\n");
    }),
    ("`labels.csv` that names a file elsewhere", |photos| photos.write("labels.csv", b"file,label\n../a.png,cat\n")),
    ("`labels.txt` with fewer names than labels", |photos| {
        photos.npz(&[0, 1, 2]);
        photos.write("labels.txt", b"cat\ndog\n");
    }),
    ("npz with fewer labels than images", |photos| photos.npz(&[0, 1])),
    ("npz with a label below 0", |photos| photos.npz(&[0, 1, -1])),
    ("IDX images of no rows", |photos| {
        photos.write("t10k-labels-idx1-ubyte", &idx(&[1], &[0]));
        photos.write("t10k-images-idx3-ubyte", &idx(&[1, 0, 28], &[]));
    }),
    ("CIFAR-10's test file cut off", |photos| photos.write("test_batch.bin", &[1; 5000])),
    ("pictures for a network of 32x32 pixels", |photos| photos.two()),
    ("`--crop 32` of pictures of 40x24", |photos| photos.two()),
];

/// What is said of a case, each thing on a line, and how many pictures are read.
fn answer(case: &str, fill: Fill) -> (Vec<String>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("photos");
    fs::create_dir(&folder).unwrap();
    fill(&Photos(&folder));
    let fit = |dataset: Dataset| match case {
        _ if case.contains("network") => dataset.for_shape(ImageShape::CIFAR),
        _ if case.contains("--crop") => dataset.sized(Sizing { resize: None, crop: Some(Crop(32)) }),
        _ => dataset,
    };
    let read = || {
        let dataset = fit(Dataset::open(folder.to_str().unwrap(), None)?);
        let split = dataset.split(SplitName::Test)?;
        // How classes are numbered and that there is no `test/` is said of every such folder.
        let remarks = dataset.remarks().into_iter();
        let usual = ["classes are numbered", "nothing in it is set apart"];
        let remarks = remarks.filter(|remark| !usual.iter().any(|usual| remark.contains(usual)));
        Ok::<_, robust_data::Error>((remarks.collect::<Vec<_>>(), split.len()))
    };
    let (lines, read) = read().unwrap_or_else(|error| (vec![error.to_string()], 0));
    let outside = format!("{}/", dir.path().display());
    (lines.into_iter().map(|line| line.replace(&outside, "")).collect(), read)
}

#[test]
fn bad_pictures_and_folders_are_told_in_a_line_and_the_rest_is_read() {
    let mut table = "| `photos` holds | read | what is said |\n|---|---:|---|\n".to_owned();
    for (case, fill) in CASES {
        let (lines, read) = answer(case, fill);
        assert!(lines.len() == 1, "{case}: {lines:?}");
        assert!(lines[0].contains("photos") && !lines[0].contains('\n'), "{case}: {lines:?}");
        let third = case.contains("`c.") || ["a PNG", "a JPEG", "half"].iter().any(|start| case.starts_with(start));
        assert!(!third || read >= 2, "{case}: {read} are read");
        table += &format!("| {case} | {read} | {} |\n", lines[0].replace('|', "\\|"));
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once("<!-- table -->\n").unwrap();
    let (found, after) = rest.split_once("<!-- end -->").unwrap();
    if std::env::var_os("REWRITE_PICTURES").is_some() {
        fs::write(PAGE, format!("{before}<!-- table -->\n{table}<!-- end -->{after}")).unwrap();
        return;
    }
    assert_eq!(found, table, "docs/pictures.md: REWRITE_PICTURES=1 writes it anew");
}
