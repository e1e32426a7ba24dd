//! One array of an archive: its header, and values that are read without trusting what the header says.

use std::{
    cmp::Ordering,
    io::{ErrorKind, Read},
    path::Path,
};

use super::header::Header;
use crate::{Error, memory, values};

/// An array whose values wait to be read, and its name for messages.
pub(super) struct Array<'a, R> {
    pub(super) path: &'a Path,
    pub(super) key: &'a str,
    pub(super) header: Header,
    pub(super) npy: R,
}

impl<R: Read> Array<'_, R> {
    /// An error if the first index runs fastest.
    pub(super) fn check_order(&self) -> Result<(), Error> {
        match self.header.fortran_order && self.header.shape.len() > 1 {
            true => Err(self.wrong("Fortran order", "C order: write numpy.ascontiguousarray(x)")),
            false => Ok(()),
        }
    }

    /// Reads exactly `count` times `size` values of `W` bytes, to the end; or only those of `rows`, ascending.
    pub(super) fn values<const W: usize, T>(
        &mut self,
        [count, size]: [usize; 2],
        rows: Option<&[usize]>,
        value: impl Fn([u8; W]) -> T,
    ) -> Result<Vec<T>, Error> {
        let expected = (count * size * W) as u64;
        let mut read = Vec::new();
        let found = match rows {
            Some(rows) => values::append_rows(&mut self.npy, [count, size], rows, value, &mut read),
            None => values::append(&mut self.npy, count * size, value, &mut read),
        };
        let found = found.map_err(|source| match source.kind() {
            ErrorKind::OutOfMemory => memory::exceeded(self.path, count, count * size * size_of::<T>()),
            _ => self.wrong(source.to_string(), "an undamaged npy array"),
        })?;
        match found.cmp(&expected) {
            Ordering::Equal => Ok(read),
            Ordering::Less => Err(self.wrong(format!("{found} bytes"), format!("{expected}, as its header says"))),
            Ordering::Greater => Err(self.wrong("bytes after the end", format!("{expected}, as its header says"))),
        }
    }

    /// The error of an array that is not what is expected.
    pub(super) fn wrong(&self, found: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::Array {
            path: self.path.to_owned(),
            key: self.key.to_owned(),
            found: found.into(),
            expected: expected.into(),
        }
    }
}
