//! The classifiers of `tests/own/`, and the images that they know: digits of MNIST, grey or coloured, as `benches/peers/own_networks.py`
//! colours them.

use std::fs;
use std::path::{Path, PathBuf};

use robust_data::npz::Writer;
use robust_data::{Dataset, SplitName};

/// Digits of the test file, some of each class.
const DIGITS: usize = 2400;

/// Copies a network of `tests/own/` into a folder.
pub(crate) fn copy(name: &str, folder: &Path) {
    let from = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/own")).join(name);
    fs::copy(from, folder.join(name)).unwrap();
}

/// Writes digits as an npz file of images `x` and labels `y`; `label` says what becomes of a label, or that there are no such images.
pub(crate) fn write(path: &Path, is_coloured: bool, label: impl Fn(u32) -> Option<u32>) {
    let digits = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap().slice(0, Some(DIGITS)).unwrap();
    let size = digits.shape().values();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (levels, own) in digits.pixels().chunks(size).zip(digits.labels()) {
        let Some(label) = label(*own) else { continue };
        y.push(i64::from(label));
        let planes: &[fn(u8) -> u8] =
            if is_coloured { &[|level| level, |level| level / 2, |level| 255 - level] } else { &[|level| level] };
        x.extend(planes.iter().flat_map(|plane| levels.iter().map(|level| f32::from(plane(*level)) / 255.0)));
    }
    let mut writer = Writer::new(fs::File::create(path).unwrap());
    writer.array("x", &[y.len(), x.len() / y.len() / size, 28, 28], &x).unwrap();
    writer.array("y", &[y.len()], &y).unwrap();
    writer.finish().unwrap();
}
