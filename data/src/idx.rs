//! A strict reader of IDX, the format of MNIST (<http://yann.lecun.com/exdb/mnist/>): a magic number, one size per
//! dimension, all u32 big-endian, then one byte per element.
//!
//! It reads the two kinds that such sets consist of, bytes in three dimensions (images) and in one (labels), gzip'd or
//! not, whatever their name says. Not a general IDX reader.

use std::{io::Read, path::Path};

use crate::{Error, HEIGHT, MAX_IMAGES, PIXELS, WIDTH, file::File, file::hex};

/// Unsigned bytes, three dimensions: count, rows, columns.
const IMAGES_MAGIC: u32 = 0x0000_0803;
/// Unsigned bytes, one dimension: count.
const LABELS_MAGIC: u32 = 0x0000_0801;

/// Reads a file of 28x28 images: `N` times 784 bytes, `N` at least 1.
///
/// # Errors
/// The file cannot be read, is damaged, is of another kind, holds images of another size, none, or more than
/// [`MAX_IMAGES`].
pub fn read_images(path: &Path) -> Result<Vec<u8>, Error> {
    images(&File::read(path)?)
}

/// Reads a file of labels, `N` bytes as stored, `N` at least 1.
///
/// # Errors
/// The file cannot be read, is damaged, is of another kind, holds none, or more than [`MAX_IMAGES`].
pub fn read_labels(path: &Path) -> Result<Vec<u8>, Error> {
    labels(&File::read(path)?)
}

pub(crate) fn images(file: &File) -> Result<Vec<u8>, Error> {
    let mut content = file.content();
    let [count, height, width] = header(file, &mut content, IMAGES_MAGIC, "images")?;
    if (height as usize, width as usize) != (HEIGHT, WIDTH) {
        return Err(Error::ImageSize { path: file.path.clone(), height: height.into(), width: width.into() });
    }
    data(file, content, 16, count, PIXELS)
}

pub(crate) fn labels(file: &File) -> Result<Vec<u8>, Error> {
    let mut content = file.content();
    let [count] = header(file, &mut content, LABELS_MAGIC, "labels")?;
    data(file, content, 8, count, 1)
}

/// Reads the magic number and the `D` sizes after it.
fn header<const D: usize>(
    file: &File,
    content: &mut dyn Read,
    magic: u32,
    kind: &'static str,
) -> Result<[u32; D], Error> {
    let expected = 4 + 4 * D;
    let bytes = read_at_most(file, content, expected)?;
    let (words, rest) = bytes.as_chunks::<4>();
    if let Some((&first, sizes)) = words.split_first() {
        if u32::from_be_bytes(first) != magic {
            return Err(Error::Magic { path: file.path.clone(), found: hex(&first), expected: magic, kind });
        }
        if let (Ok(sizes), []) = (<[_; D]>::try_from(sizes), rest) {
            return Ok(sizes.map(u32::from_be_bytes));
        }
    }
    Err(Error::Truncated { path: file.path.clone(), found: bytes.len(), expected })
}

/// Reads exactly `count` elements of `size` bytes to the end of the file.
fn data(
    file: &File,
    mut content: Box<dyn Read + '_>,
    header: usize,
    count: u32,
    size: usize,
) -> Result<Vec<u8>, Error> {
    let (path, count) = (|| file.path.clone(), count as usize);
    if count > MAX_IMAGES {
        return Err(Error::TooMany { path: path(), found: count as u64 });
    }
    if count == 0 {
        return Err(Error::Empty { path: path() });
    }
    let expected = count * size;
    let bytes = read_at_most(file, &mut content, expected + 1)?;
    match bytes.len() {
        found if found < expected => {
            Err(Error::Truncated { path: path(), found: header + found, expected: header + expected })
        }
        found if found > expected => Err(Error::Trailing { path: path(), expected: header + expected }),
        _ => Ok(bytes),
    }
}

/// Reads up to `limit` bytes. The buffer grows as bytes arrive, so that a header's word alone allocates nothing.
fn read_at_most(file: &File, content: &mut dyn Read, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let result = content.take(limit as u64).read_to_end(&mut bytes);
    result.map_err(|source| Error::Gzip { path: file.path.clone(), source })?;
    Ok(bytes)
}
