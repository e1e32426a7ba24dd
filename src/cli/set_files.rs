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
use rayon::ThreadPool;
use rayon::prelude::*;
use robust_data::npz::{Piece, Writer};
use robust_data::{ImageShape, pixel, read_file, sha256};

use super::session::Session;
use crate::evaluation::AttackRow;
use crate::files::{
    ADVERSARIAL, ATTACK_ROWS, ATTACK_SUMMARY, CLEAN, Edition, Output, SHARD_SUMMARY, Vouched, write_csv,
};
use crate::report::AttackSummary;

/// Values in a piece, or those of one image if that is larger: some 0.2 MB, which stay in a core's cache.
const PIECE: usize = 64 * 784;

/// What tells of a set in its own folder, where it is the only one of `attack`, and goes before it changes.
pub(crate) const ONLY: [&str; 1] = [SHARD_SUMMARY];
/// The same in the folder around the sets of `attack`, and of `evaluate`.
pub(crate) const AROUND: [&str; 2] = ["../report.html", "../shard.json"];
pub(crate) const AROUND_EVALUATED: [&str; 4] =
    ["../detect.json", "../evaluate.json", "../report.html", "../shard.json"];

/// `clean.npz`: `x`, `label`, `index`.
pub(crate) struct Clean {
    archive: Vec<u8>,
    sha256: OnceLock<String>,
    /// Where the file lies, as seen from the folder of a set.
    seen_from_set: &'static str,
    shape: ImageShape,
}

/// What is known of clean images.
pub(crate) struct Labelled {
    pub(crate) labels: Vec<u32>,
    /// Positions in the split.
    pub(crate) indices: Vec<u64>,
}

impl Clean {
    /// The images of the session.
    pub(crate) fn of(session: &Session, seen_from_set: &'static str) -> Result<Self> {
        let split = &session.split;
        let values = split.shape().values();
        let bytes = |range: Range<usize>| split.pixels()[range.start * values..range.end * values].iter().copied();
        let pixels = |range| Ok(bytes(range).map(pixel).collect());
        let known = Labelled { labels: split.labels().to_vec(), indices: split.indices().to_vec() };
        Self::new(split.shape(), &known, pixels, seen_from_set, &session.subject.pool)
    }

    /// Images of a shape; `pixels` gives those of some of them.
    pub(crate) fn new(
        shape: ImageShape,
        known: &Labelled,
        pixels: impl Fn(Range<usize>) -> Result<Vec<f32>> + Sync + Send,
        seen_from_set: &'static str,
        pool: &ThreadPool,
    ) -> Result<Self> {
        let x = deflate(pool, known.labels.len(), shape, pixels)?;
        Ok(Self { archive: write_clean(shape, known, &x)?, sha256: OnceLock::new(), seen_from_set, shape })
    }

    /// Writes the files of a set that was made from these images: `rows`, and images of which `pixels` gives some. `around` are files in
    /// the folder around it that tell of its sets and go before they change.
    pub(crate) fn write_set(
        &self,
        (rows, pixels): (&[&AttackRow], impl Fn(Range<usize>) -> Result<Vec<f32>> + Sync + Send),
        summary: AttackSummary,
        folder: &Output,
        around: &[&str],
        pool: &ThreadPool,
    ) -> Result<Vouched<AttackSummary>> {
        let mut csv = Vec::new();
        let table = || write_csv::<AttackRow>(rows.iter().copied(), &mut csv);
        let (table, x_adv) = pool.join(table, || deflate(pool, rows.len(), self.shape, pixels));
        table?;
        let x_adv = x_adv?;
        let mut edition = folder.edition();
        self.add_to(&mut edition)?;
        edition.write(ATTACK_ROWS, |file| file.write_all(&csv))?;
        edition.write(ADVERSARIAL, |file| write_adversarial(&x_adv, self.shape, rows, file))?;
        edition.publish(ATTACK_SUMMARY, summary, around)
    }

    /// Adds the file to those of a set, unless it lies there: sets that refer to it stay what they are.
    fn add_to(&self, edition: &mut Edition) -> Result<()> {
        if self.lies_at(&edition.path(self.seen_from_set)) {
            edition.take_up(self.seen_from_set, self.sha256.get_or_init(|| sha256(&self.archive)).clone());
            return Ok(());
        }
        edition.write(self.seen_from_set, |file| file.write_all(&self.archive))
    }

    /// Writes the file for all sets in the folder.
    pub(crate) fn write(&self, folder: &Output) -> Result<()> {
        folder.write(CLEAN, |file| file.write_all(&self.archive)).map(drop)
    }

    /// Whether the file lies there.
    pub(crate) fn lies_at(&self, path: &Path) -> bool {
        read_file(path, self.archive.len() as u64).is_ok_and(|bytes| bytes == self.archive)
    }
}

fn write_clean(shape: ImageShape, Labelled { labels, indices }: &Labelled, x: &[Piece<f32>]) -> io::Result<Vec<u8>> {
    let mut npz = Writer::new(Vec::new());
    npz.pieces("x", &dimensions(labels.len(), shape), x)?;
    npz.array("label", &[labels.len()], &integers(labels, |&label| label.into()))?;
    npz.array("index", &[labels.len()], &integers(indices, |&index| index as i64))?;
    npz.finish()
}

/// `adversarial.npz`: `x_adv`, images of `shape`, `label`, `index`, `target`, in the order of the CSV.
fn write_adversarial(x_adv: &[Piece<f32>], shape: ImageShape, rows: &[&AttackRow], file: impl Write) -> io::Result<()> {
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

/// Deflates an array of so many images; `pixels` gives those of some of them.
fn deflate(
    pool: &ThreadPool,
    images: usize,
    shape: ImageShape,
    pixels: impl Fn(Range<usize>) -> Result<Vec<f32>> + Sync + Send,
) -> Result<Vec<Piece<f32>>> {
    let step = (PIECE / shape.values()).max(1);
    let piece = |start| Ok(Piece::new(&pixels(start..images.min(start + step))?)?);
    let starts = (0..images).into_par_iter().step_by(step).with_max_len(1);
    pool.install(|| starts.map(piece).collect())
}

/// The pixels of the images at `range` of all batches, one after the other.
pub(crate) fn pixels<'a>(batches: impl Iterator<Item = &'a Tensor>, range: Range<usize>) -> Result<Vec<f32>> {
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
