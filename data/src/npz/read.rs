//! Reading one array of images from an npz archive, as floats or as bytes.

use std::{cell::Cell, fs, io::Read, path::Path};

use half::f16;

use super::{
    archive::Archive,
    array::Array,
    layout::{EXPECTED, Layout},
};
use crate::{Error, ImageShape, Images, MAX_IMAGES, fit::planes, level::Level, memory, pixel};

/// How far a float may be from a byte over 255 to count as that byte: what f16 rounds away.
const BYTE: f32 = 0.07;

/// Reads the first of the arrays `keys` that the archive holds, as images.
///
/// Shapes `(N, H, W)`, `(N, C, H, W)`, `(N, H, W, C)` (the last if only the last size is 1 or 3), `(N, 784)` or `(28, 28)`, C order, `N` from 1 to
/// [`MAX_IMAGES`]. u8 is divided by 255; f16, f32 and f64 must lie in [0, 1].
///
/// # Errors
/// The archive cannot be read, is none or is damaged; it holds none of `keys`; the array is of another type, order or shape; a pixel
/// is not a number from 0 to 1; the images do not fit into memory.
pub fn read_images(path: &Path, keys: &[&str]) -> Result<Images, Error> {
    let (shape, pixels) = Wanted { expected: None, rows: None }.floats(Archive::open(path)?.array(keys)?)?.1;
    Ok(Images::new(shape, pixels))
}

/// Reads the images at `rows`, ascending, of the array `key`, and says how many it holds; rows beyond are left out. As [`read_images`]
/// otherwise, but that only the images asked for are kept and their pixels looked at.
///
/// # Errors
/// As [`read_images`].
pub fn read_some_images(path: &Path, key: &str, rows: &[usize]) -> Result<(Images, usize), Error> {
    let wanted = Wanted { expected: None, rows: Some(rows) };
    let (count, (shape, pixels)) = wanted.floats(Archive::open(path)?.array(&[key])?)?;
    Ok((Images::new(shape, pixels), count))
}

/// The images of an open archive as floats. Where its sizes may mean several shapes, they mean `expected`.
pub(crate) fn float_images(
    file: fs::File,
    path: &Path,
    keys: &[&str],
    expected: ImageShape,
) -> Result<(ImageShape, Vec<f32>), Error> {
    let wanted = Wanted { expected: Some(expected), rows: None };
    Ok(wanted.floats(Archive::in_file(file, path)?.array(keys)?)?.1)
}

/// The images of the array `key` as bytes, and whether floats were rounded for it.
pub(crate) fn read_bytes(
    path: &Path,
    key: &str,
    expected: Option<ImageShape>,
) -> Result<(ImageShape, Vec<u8>, bool), Error> {
    let rounded = Cell::new(false);
    let byte = |pixel: f32| {
        let exact = pixel * 255.0;
        if (exact - exact.round()).abs() > BYTE {
            rounded.set(true);
        }
        exact.round() as u8
    };
    let mut archive = Archive::open(path)?;
    let wanted = Wanted { expected, rows: None };
    let (_, (shape, bytes)) = wanted.read(archive.array(&[key])?, |byte| byte, byte)?;
    Ok((shape, bytes, rounded.get()))
}

/// Which images of an array are wanted: all, or those at these rows, ascending; and the shape that they should have.
struct Wanted<'a> {
    expected: Option<ImageShape>,
    rows: Option<&'a [usize]>,
}

impl Wanted<'_> {
    fn floats(&self, array: Array<impl Read>) -> Result<(usize, (ImageShape, Vec<f32>)), Error> {
        self.read(array, pixel, |pixel| pixel)
    }

    /// How many images the array holds, their shape, and the values of those that are wanted.
    fn read<L: Level>(
        &self,
        mut array: Array<impl Read>,
        of_byte: impl Fn(u8) -> L,
        of_float: impl Fn(f32) -> L,
    ) -> Result<(usize, (ImageShape, Vec<L>)), Error> {
        let sizes = &array.header.shape;
        let Some(Layout { count, shape, channels_last }) = Layout::of(sizes, self.expected) else {
            return Err(array.wrong(format!("shape {sizes:?}"), EXPECTED));
        };
        if count == 0 || count > MAX_IMAGES {
            return Err(array.wrong(format!("{count} images"), format!("1 to {MAX_IMAGES}")));
        }
        let kept = self.rows.map_or(count, <[usize]>::len);
        memory::check(array.path, kept, kept * shape.values() * size_of::<L>())?;
        let (all, outside) = ([count, shape.values()], Cell::new(None));
        let position = Cell::new(0);
        let checked = |pixel: f32| {
            if !(0.0..=1.0).contains(&pixel) && outside.get().is_none() {
                outside.set(Some((position.get(), pixel)));
            }
            position.set(position.get() + 1);
            of_float(pixel)
        };
        let mut values = match array.header.descr.as_str() {
            "|u1" => array.values(all, self.rows, |[byte]| of_byte(byte)),
            "<f2" => array.values(all, self.rows, |bytes| checked(f16::from_le_bytes(bytes).to_f32())),
            "<f4" => array.values(all, self.rows, |bytes| checked(f32::from_le_bytes(bytes))),
            "<f8" => array.values(all, self.rows, |bytes| checked(f64::from_le_bytes(bytes) as f32)),
            other => {
                return Err(array.wrong(format!("type {other}"), "uint8, or little-endian float16, float32 or float64"));
            }
        }?;
        if let Some((at, value)) = outside.get() {
            let image = at / shape.values();
            let image = self.rows.map_or(image, |rows| rows[image]);
            return Err(Error::Pixel { path: array.path.to_owned(), key: array.key.to_owned(), image, value });
        }
        if channels_last {
            planes(shape, &mut values);
        }
        Ok((count, (shape, values)))
    }
}
