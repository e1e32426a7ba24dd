//! The images of sets, out of `clean.npz` and `adversarial.npz`: each file is read once, and only the images wanted are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;
use robust_data::{ImageShape, npz};

use super::unexpected;

/// Where the images of a set lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ImageFiles {
    /// Holds `x`.
    pub(super) clean: PathBuf,
    /// Holds `x_adv`.
    pub(super) adversarial: PathBuf,
}

/// Some images of a set.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) files: &'a ImageFiles,
    /// Their positions in the set.
    pub(super) positions: &'a [usize],
    /// How many images the set has.
    pub(super) of: usize,
}

/// The pixels of images of a set, one image after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pixels {
    /// Of every image.
    pub(super) shape: ImageShape,
    pub(super) clean: Vec<f32>,
    pub(super) adversarial: Vec<f32>,
}

/// What a file holds for a set.
type Found = (ImageShape, Vec<f32>);

/// Reads what is wanted of every set, in order.
///
/// # Errors
/// A file cannot be read, holds more or fewer images than its set, or others than clean ones of the same shape.
pub(super) fn read(wanted: &[Wanted]) -> Result<Vec<Pixels>> {
    let mut users: BTreeMap<(&Path, &'static str), Vec<usize>> = BTreeMap::new();
    for (set, Wanted { files, .. }) in wanted.iter().enumerate() {
        users.entry((&files.clean, "x")).or_default().push(set);
        users.entry((&files.adversarial, "x_adv")).or_default().push(set);
    }
    let read = |((path, key), sets): ((&Path, &'static str), Vec<usize>)| {
        let rows: BTreeSet<usize> = sets.iter().flat_map(|&set| wanted[set].positions).copied().collect();
        let rows: Vec<usize> = rows.into_iter().collect();
        let (images, count) = npz::read_some_images(path, key, &rows)?;
        let pick = |set: usize| {
            let Wanted { positions, of, .. } = wanted[set];
            if count != of {
                let (found, expected) = (format!("{count} images in {key}"), format!("{of}, as attack.csv has rows"));
                return Err(unexpected(path, found, expected));
            }
            let found = positions.iter().filter_map(|position| rows.binary_search(position).ok());
            let values = images.shape().values();
            let pixels = found.flat_map(|row| &images.pixels()[row * values..(row + 1) * values]);
            Ok((key, set, (images.shape(), pixels.copied().collect())))
        };
        sets.into_iter().map(pick).collect::<Result<Vec<_>>>()
    };
    let picked = users.into_par_iter().map(read).collect::<Result<Vec<_>>>()?;
    let mut clean: BTreeMap<usize, Found> = BTreeMap::new();
    let mut adversarial = clean.clone();
    for (key, set, found) in picked.into_iter().flatten() {
        let of_key = if key == "x" { &mut clean } else { &mut adversarial };
        of_key.insert(set, found);
    }
    let pairs = clean.into_values().zip(adversarial.into_values()).zip(wanted);
    pairs.map(|((clean, adversarial), Wanted { files, .. })| paired(files, clean, adversarial)).collect()
}

/// The images of one set, clean and adversarial.
fn paired(files: &ImageFiles, (of_clean, clean): Found, (shape, adversarial): Found) -> Result<Pixels> {
    if of_clean != shape {
        let (found, expected) = (format!("images of {of_clean} in x"), format!("{shape}, as x_adv has"));
        return Err(unexpected(&files.clean, found, expected));
    }
    Ok(Pixels { shape, clean, adversarial })
}
