//! Reading an array of labels.

use std::path::Path;

use super::archive::Archive;
use crate::{Error, MAX_CLASSES, MAX_IMAGES};

/// The labels in the array `key`, `(N)` or `(N, 1)` whole numbers of any type, from 0.
pub(crate) fn read_labels(path: &Path, key: &str) -> Result<Vec<u32>, Error> {
    let mut archive = Archive::open(path)?;
    let keys = [key];
    let mut array = archive.array(&keys)?;
    let count = match *array.header.shape.as_slice() {
        [count] | [count, 1] if (1..=MAX_IMAGES).contains(&count) => count,
        ref sizes => {
            return Err(array.wrong(
                format!("shape {sizes:?}"),
                format!("(N) or (N, 1), N from 1 to {MAX_IMAGES}: a label for each image"),
            ));
        }
    };
    let size = [count, 1];
    let labels: Vec<i64> = match array.header.descr.as_str() {
        "|u1" => array.values(size, None, |[byte]| byte.into()),
        "|i1" => array.values(size, None, |bytes| i8::from_le_bytes(bytes).into()),
        "<u2" => array.values(size, None, |bytes| u16::from_le_bytes(bytes).into()),
        "<i2" => array.values(size, None, |bytes| i16::from_le_bytes(bytes).into()),
        "<u4" => array.values(size, None, |bytes| u32::from_le_bytes(bytes).into()),
        "<i4" => array.values(size, None, |bytes| i32::from_le_bytes(bytes).into()),
        "<u8" | "<i8" => array.values(size, None, i64::from_le_bytes),
        other => Err(array.wrong(format!("type {other}"), "little-endian whole numbers, such as numpy.int64")),
    }?;
    let label = |(at, label): (usize, i64)| {
        u32::try_from(label).ok().filter(|&label| (label as usize) < MAX_CLASSES).ok_or_else(|| {
            array.wrong(format!("label {label} at position {at}"), format!("labels from 0 to {}", MAX_CLASSES - 1))
        })
    };
    labels.into_iter().enumerate().map(label).collect()
}
