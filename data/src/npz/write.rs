//! Writing an npz archive array by array, each chunk by chunk: no array is ever held whole.

use std::{
    io::{self, Seek, Write},
    marker::PhantomData,
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::header::Header;
use crate::Error;

/// Values that are turned into bytes at a time.
const BLOCK: usize = 8192;

/// A number that an array can hold.
pub trait Element: Copy {
    /// numpy's name for it, little-endian.
    const DESCR: &str;
    /// Its bytes, little-endian: an array.
    type Bytes: AsRef<[u8]>;
    /// The number as bytes, little-endian.
    fn bytes(self) -> Self::Bytes;
}

impl Element for f32 {
    const DESCR: &str = "<f4";
    type Bytes = [u8; 4];
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

impl Element for i64 {
    const DESCR: &str = "<i8";
    type Bytes = [u8; 8];
    fn bytes(self) -> [u8; 8] {
        self.to_le_bytes()
    }
}

/// Writes an npz archive: uncompressed, every entry dated 1980-01-01, so that the same values make the same file.
///
/// Give it a file that is not yet in its final place: the archive is whole only after [`Writer::finish`].
///
/// ```
/// # let path = std::path::Path::new("example.npz");
/// let mut npz = robust_data::npz::Writer::new(std::io::Cursor::new(Vec::new()), path);
/// npz.array("label", &[3], &[7_i64, 2, 1])?;
/// let mut x = npz.start::<f32>("x", &[2, 1, 28, 28])?;
/// for image in [[0.0; 784], [1.0; 784]] {
///     x.write(&image)?;
/// }
/// x.finish()?;
/// let bytes = npz.finish()?.into_inner();
/// # assert_eq!(&bytes[..4], b"PK\x03\x04");
/// # Ok::<(), robust_data::Error>(())
/// ```
pub struct Writer<W: Write + Seek> {
    zip: ZipWriter<W>,
    path: PathBuf,
}

impl<W: Write + Seek> Writer<W> {
    /// Writes to `writer`; messages call it `path`.
    pub fn new(writer: W, path: &Path) -> Self {
        Self { zip: ZipWriter::new(writer), path: path.to_owned() }
    }

    /// Writes a whole array.
    ///
    /// # Errors
    /// As [`Writer::start`] and [`ArrayWriter::finish`].
    pub fn array<T: Element>(&mut self, key: &str, shape: &[usize], values: &[T]) -> Result<(), Error> {
        let mut array = self.start(key, shape)?;
        array.write(values)?;
        array.finish()
    }

    /// Begins an array of that shape; its values follow in C order.
    ///
    /// # Errors
    /// The archive has that key already, or cannot be written.
    pub fn start<T: Element>(&mut self, key: &str, shape: &[usize]) -> Result<ArrayWriter<'_, W, T>, Error> {
        let header = Header { descr: T::DESCR.to_owned(), fortran_order: false, shape: shape.to_owned() };
        let values = shape.iter().fold(1, |values: u64, &size| values.saturating_mul(size as u64));
        let header = header.to_bytes();
        let bytes = values.saturating_mul(size_of::<T>() as u64).saturating_add(header.len() as u64);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(bytes > u32::MAX.into());
        self.zip.start_file(format!("{key}.npy"), options).map_err(|source| self.zip_error(source))?;
        self.zip.write_all(&header).map_err(|source| self.write_error(source))?;
        Ok(ArrayWriter { npz: self, key: key.to_owned(), expected: values, written: 0, element: PhantomData })
    }

    /// Writes the directory at the end of the archive and hands the writer back.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn finish(self) -> Result<W, Error> {
        let path = self.path;
        self.zip.finish().map_err(|source| zip_error(&path, source))
    }

    fn zip_error(&self, source: ZipError) -> Error {
        zip_error(&self.path, source)
    }

    fn write_error(&self, source: io::Error) -> Error {
        Error::Write { path: self.path.clone(), source }
    }
}

fn zip_error(path: &Path, source: ZipError) -> Error {
    match source {
        ZipError::Io(source) => Error::Write { path: path.to_owned(), source },
        source => Error::Write { path: path.to_owned(), source: io::Error::other(source) },
    }
}

/// An array in the making. Dropped before [`ArrayWriter::finish`], it leaves a broken archive behind.
#[must_use = "an array is complete only after `finish`"]
pub struct ArrayWriter<'a, W: Write + Seek, T> {
    npz: &'a mut Writer<W>,
    key: String,
    expected: u64,
    written: u64,
    element: PhantomData<T>,
}

impl<W: Write + Seek, T: Element> ArrayWriter<'_, W, T> {
    /// Appends values, in C order.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn write(&mut self, values: &[T]) -> Result<(), Error> {
        let width = size_of::<T::Bytes>();
        let mut bytes = vec![0; BLOCK.min(values.len()) * width];
        for block in values.chunks(BLOCK) {
            let bytes = &mut bytes[..block.len() * width];
            for (bytes, value) in bytes.chunks_exact_mut(width).zip(block) {
                bytes.copy_from_slice(value.bytes().as_ref());
            }
            self.npz.zip.write_all(bytes).map_err(|source| self.npz.write_error(source))?;
        }
        self.written += values.len() as u64;
        Ok(())
    }

    /// Ends the array.
    ///
    /// # Errors
    /// More or fewer values were written than its shape says.
    pub fn finish(self) -> Result<(), Error> {
        if self.written == self.expected {
            return Ok(());
        }
        Err(Error::Array {
            path: self.npz.path.clone(),
            key: self.key,
            found: format!("{} values were written", self.written),
            expected: format!("{}, as its shape says", self.expected),
        })
    }
}
