//! CIFAR-10's binary files (<https://www.cs.toronto.edu/~kriz/cifar.html>): per image a byte for the label and 3,072 for the pixels,
//! channel by channel, each row by row.

use std::path::{Path, PathBuf};

use super::{Classes, Loaded, Part};
use crate::{DatasetError, Error, ImageShape, MAX_IMAGES, file::File, fit::Fit, labelled::Labelled, plain, read_file};

const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];
/// Names of the classes, a line each.
const NAMES: &str = "batches.meta.txt";
const CLASSES: usize = 10;
/// A label and the pixels of an image.
const RECORD: usize = 1 + 3 * 32 * 32;

/// The folder that the archive of CIFAR-10 unpacks to.
#[derive(Debug)]
pub(crate) struct CifarFiles {
    pub(crate) folder: PathBuf,
}

impl CifarFiles {
    pub(super) fn find(folder: &Path) -> Option<Self> {
        let is_there = [TRAIN[0], TEST[0]].iter().any(|name| folder.join(name).exists());
        is_there.then(|| Self { folder: folder.to_owned() })
    }

    /// Those of `batches.meta.txt`, or numbers.
    pub(super) fn classes(&self) -> Result<Classes, Error> {
        let path = self.folder.join(NAMES);
        if !path.exists() {
            return Ok(Classes::known((0..CLASSES).map(|class| class.to_string()).collect()));
        }
        let bytes = read_file(&path, 1 << 16)?;
        let text = String::from_utf8_lossy(&bytes);
        let names: Vec<String> = text.lines().map(|line| plain(line.trim()).into_owned()).collect();
        let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        match names.len() {
            CLASSES => Ok(Classes::known(names)),
            found => {
                Err(DatasetError::ClassNames { path, found: format!("{found} names of {CLASSES} classes") }.into())
            }
        }
    }

    pub(super) fn load(&self, part: Part, classes: usize, fit: &Fit) -> Result<Loaded, Error> {
        let files = if part == Part::Test { &TEST[..] } else { &TRAIN[..] };
        let mut labelled = Labelled { shape: ImageShape::CIFAR, pixels: Vec::new(), labels: Vec::new() };
        let mut hashes = Vec::new();
        for &file in files {
            let path = self.folder.join(file);
            if !path.exists() {
                let (folder, file) = (self.folder.clone(), file.to_owned());
                return Err(DatasetError::MissingFile { folder, file, split: part.split() }.into());
            }
            let file = File::read(&path)?;
            append(&file, classes, &mut labelled)?;
            hashes.push((file.name(), file.sha256()));
        }
        Ok(Loaded { labelled: labelled.fit(fit, &self.folder)?, hashes, remarks: Vec::new() })
    }
}

/// Appends the images of a file.
fn append(file: &File, classes: usize, labelled: &mut Labelled) -> Result<(), Error> {
    let path = || file.path.clone();
    let (records, rest) = file.bytes().as_chunks::<RECORD>();
    match records.len() {
        0 => return Err(Error::Truncated { path: path(), found: rest.len(), expected: RECORD }),
        found if found > MAX_IMAGES => return Err(Error::TooMany { path: path(), found: found as u64 }),
        found if !rest.is_empty() => {
            let found = found * RECORD + rest.len();
            return Err(Error::Truncated { path: path(), found, expected: found.next_multiple_of(RECORD) });
        }
        _ => {}
    }
    for (index, [label, pixels @ ..]) in records.iter().enumerate() {
        if usize::from(*label) >= classes {
            let (found, last) = (u32::from(*label), classes as u32 - 1);
            return Err(DatasetError::Label { path: path(), index, found, first: 0, last }.into());
        }
        labelled.labels.push(u32::from(*label));
        labelled.pixels.extend_from_slice(pixels);
    }
    Ok(())
}
