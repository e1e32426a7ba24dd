//! Datasets of one's own: folders of classes, npz, CIFAR-10's files, tables; divided.

use std::{fs, path::Path};

use png::{BitDepth, ColorType};
use robust_data::{Dataset, ImageShape, Split, SplitName};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    files::idx,
    pictures::{level, plain, png},
};

const SIZE: [usize; 2] = [4, 3];

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

pub(crate) fn open(path: &Path) -> Dataset {
    Dataset::open(path.to_str().unwrap(), None).unwrap()
}

pub(crate) fn shape(channels: usize, height: usize, width: usize) -> ImageShape {
    ImageShape { channels, height, width }
}

/// An array of an npz archive.
fn array(descr: &str, sizes: &str, data: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {sizes}, }}\n");
    [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes(), data].concat()
}

/// An npz archive.
pub(crate) fn npz(x: (&str, &str, &[u8]), y: (&str, &str, &[u8])) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, (descr, sizes, data)) in [("x.npy", x), ("y.npy", y)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &array(descr, sizes, data)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The first byte of each image.
pub(crate) fn firsts(split: &Split) -> Vec<u8> {
    split.pixels().chunks(split.shape().values()).map(|image| image[0]).collect()
}

#[test]
fn folders_of_classes_are_numbered_as_strings() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("animals");
    for (part, names) in [("train", ["9", "10", "Zebra", "ape"]), ("test", ["9", "10", "Zebra", "bee"])] {
        for (at, name) in (0..).zip(names) {
            (0..12).for_each(|file| write(&root, &format!("{part}/{name}/{file:02}.png"), &plain(SIZE, [at, file, 7])));
        }
    }
    let animals = open(&root);
    assert_eq!(
        (animals.name(), animals.class_names()),
        ("animals", &["10", "9", "Zebra", "ape", "bee"].map(String::from)[..])
    );
    assert!(!animals.classes_from_labels() && !animals.is_undivided());
    let test = animals.split(SplitName::Test).unwrap();
    assert_eq!((test.shape(), test.len()), (shape(3, 3, 4), 48));
    assert_eq!(test.labels().chunks(12).map(|labels| labels[0]).collect::<Vec<_>>(), [0, 1, 2, 4]);
    assert_eq!(firsts(&test).chunks(12).map(|levels| levels[0]).collect::<Vec<_>>(), [1, 0, 2, 3]);
    // Red, then green, then blue.
    assert_eq!(test.pixels()[11..14], [1, 0, 0]);
    let [train, validation] = [SplitName::Train, SplitName::Validation].map(|name| animals.split(name).unwrap());
    assert_eq!((train.len(), validation.len()), (44, 4));
    let expected = [
        "classes are numbered in the order of their folders' names as bytes: 0 is 10, ..., 4 is bee",
        "test holds no picture of class ape",
        "train holds no picture of class bee",
    ];
    let remarks = animals.remarks();
    assert_eq!(remarks.len(), expected.len(), "{remarks:?}");
    assert!(remarks.iter().zip(expected).all(|(remark, end)| remark.ends_with(end)), "{remarks:?}");
    assert_eq!(animals.hashes().into_keys().collect::<Vec<_>>(), ["test/", "train/"]);
}

#[test]
fn a_set_without_a_test_folder_is_a_test_set_or_divided_by_a_seed() {
    let dir = tempfile::tempdir().unwrap();
    for class in ["cat", "dog"] {
        (0..50).for_each(|file| write(dir.path(), &format!("{class}/{file:02}.png"), &level(SIZE, file)));
    }
    let pets = open(dir.path());
    assert!(pets.is_undivided());
    let whole = pets.split(SplitName::Test).unwrap();
    assert_eq!((whole.len(), whole.shape()), (100, shape(1, 3, 4)));
    let message = pets.split(SplitName::Train).unwrap_err().to_string();
    assert!(message.contains("so all of it is the split test"), "{message}");
    assert!(pets.remarks()[1].ends_with("nothing in it is set apart for training, so all of it is the test set"));

    let divided = |seed| {
        let pets = open(dir.path()).divided(seed);
        [SplitName::Train, SplitName::Validation, SplitName::Test].map(|name| {
            let split = pets.split(name).unwrap();
            assert_eq!(split.labels().iter().filter(|&&label| label == 1).count() * 2, split.len());
            split.labels().iter().copied().zip(firsts(&split)).collect::<Vec<_>>()
        })
    };
    let parts = divided(3);
    assert_eq!(parts.each_ref().map(Vec::len), [80, 10, 10]);
    let mut together = parts.concat();
    together.sort_unstable();
    assert_eq!(together, (0..2).flat_map(|class| (0..50).map(move |file| (class, file))).collect::<Vec<_>>());
    assert_eq!(parts, divided(3));
    assert_ne!(parts, divided(4));

    let pets = open(dir.path()).held_out();
    let [validation, test] = [SplitName::Validation, SplitName::Test].map(|name| firsts(&pets.split(name).unwrap()));
    assert_eq!([validation.len(), test.len()], [10, 90]);
    assert!(pets.split(SplitName::Train).is_err());
    assert!(pets.remarks()[1].contains("10 of its 100 images are held out for validation"), "{:?}", pets.remarks());
}

#[test]
fn npz_files_hold_images_and_labels() {
    let dir = tempfile::tempdir().unwrap();
    let pixels: Vec<u8> = (0..36).collect();
    let halves: Vec<u8> = [0.0_f32, 1.0, 0.2, 0.5].repeat(3).iter().flat_map(|level| level.to_le_bytes()).collect();
    let labels: Vec<u8> = [2_i64, 0, 1].iter().flat_map(|label| label.to_le_bytes()).collect();
    let y = ("<i8", "(3,)", &labels[..]);
    let file = dir.path().join("set.npz");
    for (x, expected, second) in [
        (("|u1", "(3, 4, 3)", &pixels[..]), shape(1, 4, 3), 12),
        (("|u1", "(3, 3, 2, 2)", &pixels[..]), shape(3, 2, 2), 12),
        (("|u1", "(3, 2, 2, 3)", &pixels[..]), shape(3, 2, 2), 12),
        (("<f4", "(3, 2, 2)", &halves[..]), shape(1, 2, 2), 0),
    ] {
        fs::write(&file, npz(x, y)).unwrap();
        let set = open(&file);
        let split = set.split(SplitName::Test).unwrap();
        assert_eq!((split.shape(), split.labels(), firsts(&split)[1]), (expected, &[2, 0, 1][..], second), "{x:?}");
        assert_eq!((set.class_names().len(), set.classes_from_labels(), set.name()), (3, true, "set.npz"));
        assert_eq!(set.remarks().iter().any(|remark| remark.contains("rounded")), x.0 == "<f4", "{:?}", set.remarks());
    }
    // Pixel by pixel, channels side by side: 12, 15, 18, 21 is the first channel of the second image.
    fs::write(&file, npz(("|u1", "(3, 2, 2, 3)", &pixels), y)).unwrap();
    assert_eq!(open(&file).split(SplitName::Test).unwrap().pixels()[12..16], [12, 15, 18, 21]);

    fs::write(dir.path().join("test.npz"), npz(("|u1", "(3, 4, 3)", &pixels), y)).unwrap();
    fs::write(dir.path().join("labels.txt"), "red\r\ngreen\nblue\nwhite\n\n").unwrap();
    let set = open(dir.path());
    assert_eq!((set.class_names().join(" "), set.classes_from_labels()), ("red green blue white".to_owned(), false));
    assert_eq!(set.split(SplitName::Test).unwrap().labels(), [2, 0, 1]);
    let message = set.split(SplitName::Train).unwrap_err().to_string();
    assert!(message.contains("holds no train.npz, which split train needs"), "{message}");
}

#[test]
fn cifar_10_comes_from_its_binary_files() {
    let dir = tempfile::tempdir().unwrap();
    let record = |label: u8, level: u8| [&[label][..], &[level; 3072]].concat();
    for (name, labels) in [("test_batch.bin", [3, 9]), ("data_batch_1.bin", [0, 1])] {
        write(dir.path(), name, &labels.map(|label| record(label, 10 * label)).concat());
    }
    let names = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";
    for dataset in [Dataset::open("cifar-10", Some(dir.path())).unwrap(), {
        write(dir.path(), "batches.meta.txt", names.as_bytes());
        open(dir.path())
    }] {
        assert_eq!(dataset.class_names().join("\n") + "\n\n", names);
        let test = dataset.split(SplitName::Test).unwrap();
        assert_eq!((test.shape(), test.labels(), firsts(&test)), (ImageShape::CIFAR, &[3, 9][..], vec![30, 90]));
        let message = dataset.split(SplitName::Train).unwrap_err().to_string();
        assert!(message.contains("holds no data_batch_2.bin, which split train needs"), "{message}");
    }
    (2..6).for_each(|batch| {
        write(dir.path(), &format!("data_batch_{batch}.bin"), &[record(5, 50), record(6, 60)].concat())
    });
    let cifar = open(dir.path());
    assert_eq!(cifar.split(SplitName::Train).unwrap().len() + cifar.split(SplitName::Validation).unwrap().len(), 10);
    assert_eq!(cifar.hashes().len(), 5);
}

#[test]
fn idx_files_may_be_of_any_size_and_have_names() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "t10k-images-idx3-ubyte", &idx(&[2, 3, 5], &(0..30).collect::<Vec<_>>()));
    write(dir.path(), "t10k-labels-idx1-ubyte", &idx(&[2], &[0, 1]));
    write(dir.path(), "labels.txt", b"even\nodd\n");
    let set = open(dir.path());
    let test = set.split(SplitName::Test).unwrap();
    assert_eq!(
        (test.shape(), firsts(&test), set.class_names().join(" ")),
        (shape(1, 3, 5), vec![0, 15], "even odd".into())
    );
    let message = Dataset::open("mnist", Some(dir.path())).unwrap().split(SplitName::Test).unwrap_err().to_string();
    assert!(message.contains("t10k-images-idx3-ubyte holds images of 5x3 pixels, expected 28x28 pixels"), "{message}");
}

#[test]
fn a_table_beside_pictures_gives_their_labels() {
    let dir = tempfile::tempdir().unwrap();
    for (name, level) in [("b.png", 1_u8), ("a.png", 2), ("c.png", 3)] {
        write(dir.path(), name, &png(SIZE, ColorType::Grayscale, BitDepth::Eight, &[level; 12]));
    }
    let read = |table: &str| {
        write(dir.path(), "labels.csv", table.as_bytes());
        let set = open(dir.path());
        let split = set.split(SplitName::Test).unwrap();
        (set.class_names().join(" "), split.labels().to_vec(), firsts(&split), set.remarks().len())
    };
    let words = read("file,label\nb.png,dog\na.png,\"cat, small\"\nc.png,dog\n");
    assert_eq!(words, ("cat, small dog".into(), vec![1, 0, 1], vec![1, 2, 3], 2));
    let numbers = read("label,more,file\n10,x,b.png\n2,y,a.png\n");
    assert_eq!((numbers.0.len(), numbers.1, numbers.2), ("0 1 2 3 4 5 6 7 8 9 10".len(), vec![10, 2], vec![1, 2]));
    write(dir.path(), "labels.txt", b"dog\ncat\n");
    assert_eq!(read("file,label\nb.png,cat\na.png,dog\n").1, [1, 0]);
}
