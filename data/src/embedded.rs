//! MNIST as part of the binary: the four official files of `data/mnist`, 11 MB, still compressed.

use crate::{SplitName, file::File};

macro_rules! embedded {
    ($name:literal) => {
        File::embedded(concat!("embedded mnist/", $name), include_bytes!(concat!("../mnist/", $name)))
    };
}

/// The file of images and the file of labels that a split is taken from.
pub(crate) fn mnist(split: SplitName) -> [File; 2] {
    match split {
        SplitName::Train | SplitName::Validation => {
            [embedded!("train-images-idx3-ubyte.gz"), embedded!("train-labels-idx1-ubyte.gz")]
        }
        SplitName::Test => [embedded!("t10k-images-idx3-ubyte.gz"), embedded!("t10k-labels-idx1-ubyte.gz")],
    }
}
