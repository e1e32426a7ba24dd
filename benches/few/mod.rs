//! Few images for benches that train.

use std::fs;
use std::path::Path;

use anyhow::Result;
use robust_data::{Dataset, PIXELS, SplitName};

/// A dataset: so many of MNIST's first digits, and a quarter as many to be tested on, in IDX files.
pub(crate) fn write_few(folder: &Path, images: usize) -> Result<()> {
    let header = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    fs::create_dir_all(folder)?;
    for (split, stem, images) in [(SplitName::Train, "train", images), (SplitName::Test, "t10k", images / 4)] {
        let digits = Dataset::open("mnist", None)?.split(split)?;
        let pixels = [&header(&[0x0803, images as u32, 28, 28]), &digits.pixels()[..images * PIXELS]].concat();
        fs::write(folder.join(format!("{stem}-images-idx3-ubyte")), pixels)?;
        let labels = digits.labels()[..images].iter().map(|&label| label as u8).collect();
        let labels = [header(&[0x0801, images as u32]), labels].concat();
        fs::write(folder.join(format!("{stem}-labels-idx1-ubyte")), labels)?;
    }
    Ok(())
}
