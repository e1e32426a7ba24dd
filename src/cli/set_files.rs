//! The images of a run, as `attack` and `evaluate` write them: `clean.npz` once, `adversarial.npz` for every set.
//!
//! Arrays are deflated on all threads of the command, in pieces of so many images whatever the batches were: the same seed gives the
//! same bytes.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Result;
use candle_core::Tensor;
use rayon::prelude::*;
use robust_data::npz::{Piece, Writer};
use robust_data::{ImageShape, Split, pixel, read_file, sha256};

use super::session::Session;
use crate::evaluation::{AttackRow, Attacked};
use crate::files::{Edition, Output};

/// Values in a piece, or those of one image if that is larger: some 0.2 MB, which stay in a core's cache.
const PIECE: usize = 64 * 784;

/// The clean images of a run.
pub(crate) const CLEAN_IMAGES: &str = "clean.npz";
/// The same, as seen from the folder of a set among several.
pub(crate) const CLEAN_IMAGES_AROUND: &str = "../clean.npz";

/// `clean.npz`: `x`, `label`, `index`.
pub(crate) struct Clean {
    archive: Vec<u8>,
    sha256: OnceLock<String>,
    /// Where the file lies, as seen from the folder of a set.
    seen_from_set: &'static str,
}

impl Clean {
    /// The images of the session.
    pub(crate) fn of(session: &Session, seen_from_set: &'static str) -> Result<Self> {
        let split = &session.split;
        let values = split.shape().values();
        let bytes = |range: Range<usize>| split.pixels()[range.start * values..range.end * values].iter().copied();
        let x = deflate(session, |range| Ok(bytes(range).map(pixel).collect()))?;
        Ok(Self { archive: write_clean(split, &x)?, sha256: OnceLock::new(), seen_from_set })
    }

    /// Adds the file to those of a set, unless it lies there: sets that refer to it stay what they are.
    pub(crate) fn add_to(&self, edition: &mut Edition) -> Result<()> {
        if self.lies_at(&edition.path(self.seen_from_set)) {
            edition.take_up(self.seen_from_set, self.sha256.get_or_init(|| sha256(&self.archive)).clone());
            return Ok(());
        }
        edition.write(self.seen_from_set, |file| file.write_all(&self.archive))
    }

    /// Writes the file for all sets in the folder.
    pub(crate) fn write(&self, folder: &Output) -> Result<()> {
        folder.write(CLEAN_IMAGES, |file| file.write_all(&self.archive)).map(drop)
    }

    /// Whether the file lies there.
    pub(crate) fn lies_at(&self, path: &Path) -> bool {
        read_file(path, self.archive.len() as u64).is_ok_and(|bytes| bytes == self.archive)
    }
}

fn write_clean(split: &Split, x: &[Piece<f32>]) -> io::Result<Vec<u8>> {
    let mut npz = Writer::new(Vec::new());
    npz.pieces("x", &dimensions(split.len(), split.shape()), x)?;
    npz.array("label", &[split.len()], &integers(split.labels(), |&label| label.into()))?;
    npz.array("index", &[split.len()], &integers(split.indices(), |&index| index as i64))?;
    npz.finish()
}

/// The adversarial images of a set, deflated.
pub(crate) fn deflate_adversarial(session: &Session, attacked: &[Attacked]) -> Result<Vec<Piece<f32>>> {
    deflate(session, |range| pixels(attacked.iter().map(|batch| &batch.x_adv), range))
}

/// `adversarial.npz`: `x_adv`, images of `shape`, `label`, `index`, `target`, in the order of the CSV.
pub(crate) fn write_adversarial(
    x_adv: &[Piece<f32>],
    shape: ImageShape,
    rows: &[&AttackRow],
    file: impl Write,
) -> io::Result<()> {
    let mut npz = Writer::new(file);
    npz.pieces("x_adv", &dimensions(rows.len(), shape), x_adv)?;
    npz.array("label", &[rows.len()], &integers(rows, |row| row.label.into()))?;
    npz.array("index", &[rows.len()], &integers(rows, |row| row.index as i64))?;
    npz.array("target", &[rows.len()], &integers(rows, |row| row.target.map_or(-1, i64::from)))?;
    npz.finish()?;
    Ok(())
}

/// `(N, C, H, W)`.
fn dimensions(images: usize, ImageShape { channels, height, width }: ImageShape) -> [usize; 4] {
    [images, channels, height, width]
}

fn integers<T>(rows: &[T], value: impl Fn(&T) -> i64) -> Vec<i64> {
    rows.iter().map(value).collect()
}

/// Deflates an array of as many images as the session has; `pixels` gives those of some of them.
fn deflate(
    session: &Session,
    pixels: impl Fn(Range<usize>) -> Result<Vec<f32>> + Sync + Send,
) -> Result<Vec<Piece<f32>>> {
    let (images, step) = (session.split.len(), (PIECE / session.split.shape().values()).max(1));
    let piece = |start| Ok(Piece::new(&pixels(start..images.min(start + step))?)?);
    let starts = (0..images).into_par_iter().step_by(step).with_max_len(1);
    session.subject.pool.install(|| starts.map(piece).collect())
}

/// The pixels of the images at `range` of all batches, one after the other.
fn pixels<'a>(batches: impl Iterator<Item = &'a Tensor>, range: Range<usize>) -> Result<Vec<f32>> {
    let (mut pixels, mut end) = (Vec::new(), 0);
    for batch in batches {
        let start = end;
        end += batch.dim(0)?;
        let shared = start.max(range.start)..end.min(range.end);
        if !shared.is_empty() {
            pixels.extend(batch.narrow(0, shared.start - start, shared.len())?.flatten_all()?.to_vec1::<f32>()?);
        }
    }
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use candle_core::Device;

    use super::*;

    /// Several shapes of images, `[channels, rows, columns]`.
    const SHAPES: [[usize; 3]; 4] = [[1, 28, 28], [3, 32, 32], [3, 24, 40], [1, 64, 64]];

    #[test]
    fn images_of_any_shape_are_found_across_batches_of_any_size() {
        let value = |image: usize| image as f32;
        for ([channels, height, width], sizes) in
            SHAPES.into_iter().flat_map(|shape| [&[7][..], &[3, 4], &[1, 1, 3, 2]].map(|sizes| (shape, sizes)))
        {
            let image = |image| vec![value(image); channels * height * width];
            let mut next = 0;
            let mut batch = |&size: &usize| {
                let images: Vec<f32> = (next..next + size).flat_map(image).collect();
                next += size;
                Tensor::from_vec(images, (size, channels, height, width), &Device::Cpu).unwrap()
            };
            let batches: Vec<Tensor> = sizes.iter().map(&mut batch).collect();
            for range in [0..7, 0..1, 2..5, 6..7, 3..3] {
                let expected: Vec<f32> = range.clone().flat_map(image).collect();
                assert_eq!(pixels(batches.iter(), range.clone()).unwrap(), expected, "{range:?} of {sizes:?}");
            }
        }
    }

    #[test]
    fn arrays_have_the_shape_of_the_images() {
        for [channels, height, width] in SHAPES {
            let shape = ImageShape { channels, height, width };
            let (row, images) = (AttackRow::default(), vec![0.5; 2 * shape.values()]);
            let mut archive = Vec::new();
            write_adversarial(&[Piece::new(&images).unwrap()], shape, &[&row, &row], &mut archive).unwrap();
            let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
            let mut npy = Vec::new();
            zip.by_name("x_adv.npy").unwrap().read_to_end(&mut npy).unwrap();
            let header = format!("'shape': (2,{channels},{height},{width},)");
            assert!(String::from_utf8_lossy(&npy).contains(&header), "{shape}");
            assert!(npy.ends_with(&0.5_f32.to_le_bytes().repeat(2 * shape.values())), "{shape}");
        }
    }
}
