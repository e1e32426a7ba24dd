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
use robust_data::{pixel, read_file, sha256};
use robust_networks::{PIXELS, SIDE};

use super::session::Session;
use crate::evaluation::{AttackRow, Attacked};
use crate::files::{Edition, Output};

/// Images in a piece: some 0.2 MB, which stay in a core's cache.
const PIECE: usize = 64;

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
        let bytes = |range: Range<usize>| split.pixels()[range.start * PIXELS..range.end * PIXELS].iter().copied();
        let x = deflate(session, |range| Ok(bytes(range).map(pixel).collect()))?;
        let mut npz = Writer::new(Vec::new());
        npz.pieces("x", &[split.len(), 1, SIDE, SIDE], &x)?;
        npz.array("label", &[split.len()], &integers(split.labels(), |&label| label.into()))?;
        npz.array("index", &[split.len()], &integers(split.indices(), |&index| index as i64))?;
        let archive = npz.finish()?;
        Ok(Self { archive, sha256: OnceLock::new(), seen_from_set })
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

/// The adversarial images of a set, deflated.
pub(crate) fn deflate_adversarial(session: &Session, attacked: &[Attacked]) -> Result<Vec<Piece<f32>>> {
    deflate(session, |range| pixels(attacked.iter().map(|batch| &batch.x_adv), range))
}

/// `adversarial.npz`: `x_adv`, `label`, `index`, `target`, in the order of the CSV.
pub(crate) fn write_adversarial(x_adv: &[Piece<f32>], rows: &[&AttackRow], file: impl Write) -> io::Result<()> {
    let mut npz = Writer::new(file);
    npz.pieces("x_adv", &[rows.len(), 1, SIDE, SIDE], x_adv)?;
    npz.array("label", &[rows.len()], &integers(rows, |row| row.label.into()))?;
    npz.array("index", &[rows.len()], &integers(rows, |row| row.index as i64))?;
    npz.array("target", &[rows.len()], &integers(rows, |row| row.target.map_or(-1, i64::from)))?;
    npz.finish()?;
    Ok(())
}

fn integers<T>(rows: &[T], value: impl Fn(&T) -> i64) -> Vec<i64> {
    rows.iter().map(value).collect()
}

/// Deflates an array of as many images as the session has; `pixels` gives those of some of them.
fn deflate(
    session: &Session,
    pixels: impl Fn(Range<usize>) -> Result<Vec<f32>> + Sync + Send,
) -> Result<Vec<Piece<f32>>> {
    let images = session.split.len();
    let piece = |start| Ok(Piece::new(&pixels(start..images.min(start + PIECE))?)?);
    let starts = (0..images).into_par_iter().step_by(PIECE).with_max_len(1);
    session.subject.pool.install(|| starts.map(piece).collect())
}

/// The pixels of the images at `range` of all batches, one after the other.
fn pixels<'a>(batches: impl Iterator<Item = &'a Tensor>, range: Range<usize>) -> Result<Vec<f32>> {
    let (mut pixels, mut end) = (Vec::with_capacity(range.len() * SIDE * SIDE), 0);
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
    use candle_core::Device;

    use super::*;

    #[test]
    fn images_are_found_across_batches_of_any_size() {
        let value = |image: usize| image as f32;
        let image = |image| vec![value(image); SIDE * SIDE];
        for sizes in [&[7][..], &[3, 4], &[1, 1, 3, 2]] {
            let mut next = 0;
            let mut batch = |&size: &usize| {
                let images: Vec<f32> = (next..next + size).flat_map(image).collect();
                next += size;
                Tensor::from_vec(images, (size, 1, SIDE, SIDE), &Device::Cpu).unwrap()
            };
            let batches: Vec<Tensor> = sizes.iter().map(&mut batch).collect();
            for range in [0..7, 0..1, 2..5, 6..7, 3..3] {
                let expected: Vec<f32> = range.clone().flat_map(image).collect();
                assert_eq!(pixels(batches.iter(), range.clone()).unwrap(), expected, "{range:?} of {sizes:?}");
            }
        }
    }
}
