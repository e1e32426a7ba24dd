//! Folders of IDX files in MNIST's names, filled with its digits.

use std::fs;
use std::path::Path;

use robust_data::{Dataset, PIXELS, SplitName};

/// Writes `<stem>-images-idx3-ubyte` and its labels into `folder`: for each label another MNIST test digit of that class, or of the class
/// that its last decimal names.
pub(crate) fn write_digits(folder: &Path, stem: &str, labels: &[u8]) {
    let digits = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    let mut used = [0; 10];
    let pixels = labels.iter().flat_map(|label| {
        let class = label % 10;
        let mut of_class = digits.labels().iter().enumerate().filter(|(_, found)| **found == u32::from(class));
        let (image, _) = of_class.nth(used[usize::from(class)]).unwrap();
        used[usize::from(class)] += 1;
        &digits.pixels()[image * PIXELS..][..PIXELS]
    });
    let count = labels.len() as u32;
    let header = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    fs::create_dir_all(folder).unwrap();
    let write = |kind: &str, bytes: Vec<u8>| fs::write(folder.join(format!("{stem}-{kind}-ubyte")), bytes).unwrap();
    write("images-idx3", [header(&[0x0803, count, 28, 28]), pixels.copied().collect()].concat());
    write("labels-idx1", [header(&[0x0801, count]), labels.to_vec()].concat());
}

/// A dataset `few` that a network is trained on in seconds.
pub(crate) fn write_few(folder: &Path) {
    write_digits(&folder.join("few"), "train", &in_turns(200, 10));
    write_digits(&folder.join("few"), "t10k", &in_turns(40, 10));
}

/// `count` labels that go round among `classes` classes.
pub(crate) fn in_turns(count: usize, classes: u8) -> Vec<u8> {
    (0..classes).cycle().take(count).collect()
}
