//! IDX files made up for a test.

use std::{io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

/// An IDX file of bytes: sizes in the header, then data.
pub(crate) fn idx(sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let magic = 0x0800 + sizes.len() as u32;
    let header = [magic].iter().chain(sizes).flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    [&header, data].concat()
}

/// `count` images, pixel `i` of image `n` being `(n + i) % 256`: no image is its own transpose.
pub(crate) fn images(count: u32) -> Vec<u8> {
    let data: Vec<u8> = (0..count).flat_map(|image| (0..784).map(move |pixel| ((image + pixel) % 256) as u8)).collect();
    idx(&[count, 28, 28], &data)
}

pub(crate) fn labels(labels: &[u8]) -> Vec<u8> {
    idx(&[labels.len() as u32], labels)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Writes as many images as labels into a folder, under the names `{prefix}{part}-images-idx3-ubyte` and so on.
pub(crate) fn write_pair(dir: &Path, part: &str, all_labels: &[u8], packed: bool) {
    for (kind, bytes) in [("images-idx3", images(all_labels.len() as u32)), ("labels-idx1", labels(all_labels))] {
        let name = format!("{part}-{kind}-ubyte");
        match packed {
            true => std::fs::write(dir.join(name + ".gz"), gzip(&bytes)).unwrap(),
            false => std::fs::write(dir.join(name), bytes).unwrap(),
        }
    }
}
