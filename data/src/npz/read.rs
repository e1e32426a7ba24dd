//! Reading one array of images from an npz archive, without trusting what the archive says of itself.

use std::{
    cmp::Ordering,
    fs,
    io::{BufReader, ErrorKind, Read},
    path::Path,
};

use half::f16;
use zip::{ZipArchive, result::ZipError};

use super::header::Header;
use crate::{
    Error, HEIGHT, Images, MAX_IMAGES, PIXELS, WIDTH,
    kind::{Content, Kind},
    memory,
    open::open_file,
    pixel, values,
};

/// Two arrays of f64 take 12.5 GB at most; looked at before the archive is read.
pub(crate) const MAX_BYTES: u64 = 16 << 30;
/// Arrays that a message names at most, and characters of each.
const MOST_LISTED: usize = 8;
const LONGEST_LISTED: usize = 60;

/// Reads the first of the arrays `keys` that the archive holds, as images.
///
/// Shapes `(N, 28, 28)`, `(N, 1, 28, 28)`, `(N, 28, 28, 1)`, `(N, 784)` or `(28, 28)`, C order, `N` from 1 to [`MAX_IMAGES`]. u8 is
/// divided by 255; f16, f32 and f64 must lie in [0, 1].
///
/// # Errors
/// The archive cannot be read, is none or is damaged; it holds none of `keys`; the array is of another type, order or shape; a pixel
/// is not a number from 0 to 1; the images do not fit into memory.
pub fn read_images(path: &Path, keys: &[&str]) -> Result<Images, Error> {
    let mut pixels = Vec::new();
    append(open(path)?, path, keys, None, &mut pixels)?;
    Ok(Images::new(pixels))
}

/// Reads the images at `rows`, ascending, of the array `key`, and says how many it holds; rows beyond are left out. As [`read_images`]
/// otherwise, but that only the images asked for are kept and their pixels looked at.
///
/// # Errors
/// As [`read_images`].
pub fn read_some_images(path: &Path, key: &str, rows: &[usize]) -> Result<(Images, usize), Error> {
    let mut pixels = Vec::new();
    let count = append(open(path)?, path, &[key], Some(rows), &mut pixels)?;
    Ok((Images::new(pixels), count))
}

fn open(path: &Path) -> Result<fs::File, Error> {
    let mut file = open_file(path, MAX_BYTES)?;
    Kind::of(&mut file, path)?.expect(Content::Npz, path, "an npz archive")?;
    Ok(file)
}

/// Appends the images of an open archive to `pixels` and returns how many there were.
pub(crate) fn append_images(file: fs::File, path: &Path, keys: &[&str], pixels: &mut Vec<f32>) -> Result<usize, Error> {
    append(file, path, keys, None, pixels)
}

fn append(
    file: fs::File,
    path: &Path,
    keys: &[&str],
    rows: Option<&[usize]>,
    pixels: &mut Vec<f32>,
) -> Result<usize, Error> {
    let zip_error = |source| match source {
        ZipError::Io(source) => Error::Read { path: path.to_owned(), source },
        source => Error::Zip { path: path.to_owned(), source },
    };
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(zip_error)?;
    let Some(&key) = keys.iter().find(|key| zip.index_for_name(&format!("{key}.npy")).is_some()) else {
        let found: Vec<_> = zip.file_names().flatten().map(|name| name.trim_end_matches(".npy").to_owned()).collect();
        return Err(Error::NoArray { path: path.to_owned(), wanted: keys.join(" or "), found: listed(&found) });
    };
    let entry = zip.by_name(&format!("{key}.npy")).map_err(zip_error)?;
    Source { path, key, rows }.images(entry, pixels)
}

/// Where an array comes from, for messages, and which of its images are wanted: all, or those at these rows, ascending.
struct Source<'a> {
    path: &'a Path,
    key: &'a str,
    rows: Option<&'a [usize]>,
}

impl Source<'_> {
    fn images(&self, mut npy: impl Read, pixels: &mut Vec<f32>) -> Result<usize, Error> {
        let damaged = |source: std::io::Error| self.wrong(source.to_string(), "an undamaged npy array");
        let header = Header::read(&mut npy).map_err(damaged)?;
        if header.fortran_order {
            return Err(self.wrong("Fortran order", "C order: write numpy.ascontiguousarray(x)"));
        }
        let count = count(&header.shape).ok_or_else(|| {
            self.wrong(
                format!("shape {:?}", header.shape),
                "(N, 28, 28), (N, 1, 28, 28), (N, 28, 28, 1), (N, 784) or (28, 28)",
            )
        })?;
        if count == 0 || count > MAX_IMAGES {
            return Err(self.wrong(format!("{count} images"), format!("1 to {MAX_IMAGES}")));
        }
        memory::check(self.path, self.rows.map_or(count, <[usize]>::len))?;
        let start = pixels.len();
        match header.descr.as_str() {
            "|u1" => self.values(npy, count, |[byte]| pixel(byte), pixels),
            "<f2" => self.values(npy, count, |bytes| f16::from_le_bytes(bytes).to_f32(), pixels),
            "<f4" => self.values(npy, count, f32::from_le_bytes, pixels),
            "<f8" => self.values(npy, count, |bytes| f64::from_le_bytes(bytes) as f32, pixels),
            other => Err(self.wrong(format!("type {other}"), "uint8, or little-endian float16, float32 or float64")),
        }?;
        let pixels = &pixels[start..];
        match pixels.iter().position(|pixel| !(0.0..=1.0).contains(pixel)) {
            Some(at) => Err(Error::Pixel {
                path: self.path.to_owned(),
                key: self.key.to_owned(),
                image: self.rows.map_or(at / PIXELS, |rows| rows[at / PIXELS]),
                value: pixels[at],
            }),
            None => Ok(count),
        }
    }

    /// Reads exactly `images` images of values of `W` bytes, to the end.
    fn values<const W: usize>(
        &self,
        npy: impl Read,
        images: usize,
        value: impl Fn([u8; W]) -> f32,
        pixels: &mut Vec<f32>,
    ) -> Result<(), Error> {
        let expected = (images * PIXELS * W) as u64;
        let found = match self.rows {
            Some(rows) => values::append_rows(npy, [images, PIXELS], rows, value, pixels),
            None => values::append(npy, images * PIXELS, value, pixels),
        };
        let found = found.map_err(|source| match source.kind() {
            ErrorKind::OutOfMemory => memory::exceeded(self.path, images),
            _ => self.wrong(source.to_string(), "an undamaged npy array"),
        })?;
        match found.cmp(&expected) {
            Ordering::Equal => Ok(()),
            Ordering::Less => Err(self.wrong(format!("{found} bytes"), format!("{expected}, as its header says"))),
            Ordering::Greater => Err(self.wrong("bytes after the end", format!("{expected}, as its header says"))),
        }
    }

    fn wrong(&self, found: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::Array {
            path: self.path.to_owned(),
            key: self.key.to_owned(),
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// The arrays of an archive, a few of them by name.
fn listed(names: &[String]) -> String {
    let short = |name: &String| match name.char_indices().nth(LONGEST_LISTED) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.clone(),
    };
    let listed = names.iter().take(MOST_LISTED).map(short).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// How many images an array of that shape holds.
fn count(shape: &[usize]) -> Option<usize> {
    match *shape {
        [HEIGHT, WIDTH] => Some(1),
        [count, HEIGHT, WIDTH] | [count, 1, HEIGHT, WIDTH] | [count, HEIGHT, WIDTH, 1] | [count, PIXELS] => Some(count),
        _ => None,
    }
}
