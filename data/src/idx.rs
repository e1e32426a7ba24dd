//! A strict reader of IDX, the format of MNIST (<http://yann.lecun.com/exdb/mnist/>): a magic number, one size per
//! dimension, all u32 big-endian, then one byte per element.
//!
//! It reads the two kinds that such sets consist of, bytes in three dimensions (images) and in one (labels), gzip'd or
//! not, whatever their name says. Not a general IDX reader.

use std::{
    fs,
    io::{self, BufReader, ErrorKind, Read},
    path::Path,
};

use crate::{Error, ImageShape, MAX_IMAGES, file::File, file::unpacked, hash::hex, memory, pixel, values};

/// Unsigned bytes, three dimensions: count, rows, columns.
const IMAGES_MAGIC: u32 = 0x0000_0803;
/// Unsigned bytes, one dimension: count.
const LABELS_MAGIC: u32 = 0x0000_0801;

/// Reads a file of images: their shape, always of one channel, and `N` times [`ImageShape::values`] bytes, `N` at least 1.
///
/// # Errors
/// The file cannot be read, is damaged, is of another kind, holds images without pixels or of more than 16,384 rows or columns, none,
/// or more than [`MAX_IMAGES`].
pub fn read_images(path: &Path) -> Result<(ImageShape, Vec<u8>), Error> {
    images(&File::read(path)?)
}

/// Reads a file of labels, `N` of them as stored (a byte each, so at most 255), `N` at least 1.
///
/// # Errors
/// The file cannot be read, is damaged, is of another kind, holds none, or more than [`MAX_IMAGES`].
pub fn read_labels(path: &Path) -> Result<Vec<u32>, Error> {
    labels(&File::read(path)?)
}

pub(crate) fn images(file: &File) -> Result<(ImageShape, Vec<u8>), Error> {
    Source { path: &file.path, content: file.content() }.images(|[byte]| byte)
}

/// The images of an open file as floats in [0, 1].
pub(crate) fn float_images(file: fs::File, packed: bool, path: &Path) -> Result<(ImageShape, Vec<f32>), Error> {
    Source { path, content: unpacked(BufReader::new(file), packed) }.images(|[byte]| pixel(byte))
}

pub(crate) fn labels(file: &File) -> Result<Vec<u32>, Error> {
    let mut source = Source { path: &file.path, content: file.content() };
    let [count] = source.header(LABELS_MAGIC, "labels")?;
    let (count, mut labels) = (source.count(count)?, Vec::new());
    source.data(8, count, 1, |[byte]| byte.into(), &mut labels)?;
    Ok(labels)
}

/// The content of a file, unpacked, and its name for messages.
struct Source<'a> {
    path: &'a Path,
    content: Box<dyn Read + 'a>,
}

impl Source<'_> {
    /// Reads a file of images, value by value.
    fn images<T>(mut self, value: impl Fn([u8; 1]) -> T) -> Result<(ImageShape, Vec<T>), Error> {
        let [count, height, width] = self.header(IMAGES_MAGIC, "images")?;
        let shape = ImageShape { channels: 1, height: height as usize, width: width as usize };
        if !shape.is_sane() {
            return Err(Error::ImageSize { path: self.path.to_owned(), width: width.into(), height: height.into() });
        }
        let count = self.count(count)?;
        let bytes = count * shape.values() * size_of::<T>();
        memory::check(self.path, count, bytes)?;
        let mut values = Vec::new();
        self.data(16, count, shape.values(), value, &mut values)?;
        Ok((shape, values))
    }

    /// Reads the magic number and the `D` sizes after it.
    fn header<const D: usize>(&mut self, magic: u32, kind: &'static str) -> Result<[u32; D], Error> {
        let expected = 4 + 4 * D;
        let mut bytes = Vec::new();
        let read = self.content.by_ref().take(expected as u64).read_to_end(&mut bytes);
        read.map_err(|source| self.damaged(source, 0, 0))?;
        let (words, rest) = bytes.as_chunks::<4>();
        if let Some((&first, sizes)) = words.split_first() {
            if u32::from_be_bytes(first) != magic {
                return Err(Error::Magic { path: self.path.to_owned(), found: hex(&first), expected: magic, kind });
            }
            if let (Ok(sizes), []) = (<[_; D]>::try_from(sizes), rest) {
                return Ok(sizes.map(u32::from_be_bytes));
            }
        }
        Err(Error::Truncated { path: self.path.to_owned(), found: bytes.len(), expected })
    }

    /// A number of images or labels that may be.
    fn count(&self, count: u32) -> Result<usize, Error> {
        match count as usize {
            0 => Err(Error::Empty { path: self.path.to_owned() }),
            count if count > MAX_IMAGES => Err(Error::TooMany { path: self.path.to_owned(), found: count as u64 }),
            count => Ok(count),
        }
    }

    /// Reads exactly `count` elements of `size` bytes to the end of the file.
    fn data<T>(
        &mut self,
        header: usize,
        count: usize,
        size: usize,
        value: impl Fn([u8; 1]) -> T,
        values: &mut Vec<T>,
    ) -> Result<(), Error> {
        let expected = count * size;
        let found = values::append(&mut self.content, expected, value, values);
        let path = || self.path.to_owned();
        match found.map_err(|source| self.damaged(source, count, size))? as usize {
            found if found < expected => {
                Err(Error::Truncated { path: path(), found: header + found, expected: header + expected })
            }
            found if found > expected => Err(Error::Trailing { path: path(), expected: header + expected }),
            _ => Ok(()),
        }
    }

    fn damaged(&self, source: io::Error, images: usize, size: usize) -> Error {
        match source.kind() {
            ErrorKind::OutOfMemory => memory::exceeded(self.path, images, images * size),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                Error::Gzip { path: self.path.to_owned(), source }
            }
            _ => Error::Read { path: self.path.to_owned(), source },
        }
    }
}
