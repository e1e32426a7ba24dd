//! Reading an array of floats of any shape.

use std::path::Path;

use super::archive::Archive;
use crate::{Error, memory};

/// The most dimensions of an array.
const MOST_DIMENSIONS: usize = 8;

/// The shape and the values of the array `key`: bytes, or floats of 32 or 64 bits, in C order, not all of them finite.
///
/// # Errors
/// The archive cannot be read, is none or is damaged; there is no such array; it is of another type or order, or larger than the memory.
pub fn read_floats(path: &Path, key: &str) -> Result<(Vec<usize>, Vec<f32>), Error> {
    let mut archive = Archive::open(path)?;
    let keys = [key];
    let mut array = archive.array(&keys)?;
    let shape = array.header.shape.clone();
    let count = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let count = count.filter(|count| shape.len() <= MOST_DIMENSIONS && count.checked_mul(8).is_some());
    let count = count.ok_or_else(|| array.wrong(format!("shape {shape:?}"), "an array that fits into memory"))?;
    memory::check(array.path, count, count * size_of::<f32>())?;
    let size = [count, 1];
    let values = match array.header.descr.as_str() {
        "|u1" => array.values(size, None, |[byte]| f32::from(byte)),
        "<f4" => array.values(size, None, f32::from_le_bytes),
        "<f8" => array.values(size, None, |bytes| f64::from_le_bytes(bytes) as f32),
        other => Err(array.wrong(format!("type {other}"), "uint8, or little-endian float32 or float64")),
    }?;
    Ok((shape, values))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::npz::Writer;

    #[test]
    fn floats_of_any_shape_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.npz");
        let mut writer = Writer::new(fs::File::create(&path).unwrap());
        let values = [-3.5, 1e30, 0.0, f32::NAN, 2.0, 1.0];
        writer.array("logits", &[3, 2], &values).unwrap();
        writer.finish().unwrap();
        let (shape, found) = read_floats(&path, "logits").unwrap();
        assert_eq!(shape, [3, 2]);
        assert!(found.iter().zip(values).all(|(found, value)| found.to_bits() == value.to_bits()));
        assert!(read_floats(&path, "x").unwrap_err().to_string().contains("logits"));
    }
}
