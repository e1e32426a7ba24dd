//! Pairs of IDX files: the images and the labels of the training file and of the test file, of any size.

use std::path::{Path, PathBuf};

use super::{Classes, Loaded, Part};
use crate::{
    DatasetError, Error,
    catalogue::{Files, Layout},
    file::File,
    fit::Fit,
    idx,
    labelled::Labelled,
};

/// A folder of IDX files.
#[derive(Debug)]
pub(crate) struct IdxFiles {
    pub(crate) folder: PathBuf,
    pub(crate) layout: Layout,
}

impl IdxFiles {
    /// A folder that holds labels in MNIST's names; they are read.
    pub(super) fn find(folder: &Path) -> Result<Option<(Self, Classes)>, Error> {
        let files = Self { folder: folder.to_owned(), layout: Layout::MNIST };
        let mut largest = None;
        for part in [files.layout.train, files.layout.test] {
            if let Some(path) = files.path(part.labels) {
                largest = largest.max(idx::read_labels(&path)?.into_iter().max());
            }
        }
        let Some(largest) = largest else { return Ok(None) };
        Ok(Some((files, Classes::numbered(folder, largest)?)))
    }

    /// The file of that name, gzip'd or not, with a dash before `idx` or, as in some copies, a dot.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let names = [name.to_owned(), name.replace("-idx", ".idx")];
        names
            .iter()
            .flat_map(|name| [format!("{name}.gz"), name.to_owned()])
            .map(|name| self.folder.join(name))
            .find(|path| path.exists())
    }

    pub(super) fn load(&self, part: Part, classes: usize, fit: &Fit) -> Result<Loaded, Error> {
        let read = |file| {
            let missing = || DatasetError::MissingFile {
                folder: self.folder.clone(),
                file: format!("{file}.gz (nor {file})"),
                split: part.split(),
            };
            File::read(&self.path(file).ok_or_else(missing)?)
        };
        let Files { images, labels } = self.layout.files(part.split());
        labelled(&read(images)?, &read(labels)?, self.layout, classes, fit)
    }
}

/// Reads a pair of files, the short one first. Labels come out in `0..classes`.
pub(crate) fn labelled(
    images: &File,
    labels: &File,
    layout: Layout,
    classes: usize,
    fit: &Fit,
) -> Result<Loaded, Error> {
    let hashes = [images, labels].map(|file| (file.name(), file.sha256())).to_vec();
    let (images_path, labels_path) = (&images.path, &labels.path);
    let mut labels = idx::labels(labels)?;
    let first = layout.first_label;
    for (index, label) in labels.iter_mut().enumerate() {
        let found = *label;
        *label = found.wrapping_sub(first);
        if *label as usize >= classes {
            let last = first + classes as u32 - 1;
            return Err(DatasetError::Label { path: labels_path.clone(), index, found, first, last }.into());
        }
    }
    let (shape, pixels) = idx::images(images)?;
    let count = pixels.len() / shape.values();
    if count != labels.len() {
        return Err(DatasetError::Count {
            images_path: images_path.clone(),
            images: count,
            labels_path: labels_path.clone(),
            labels: labels.len(),
        }
        .into());
    }
    let mut labelled = Labelled { shape, pixels, labels };
    if layout.transposed {
        labelled.transpose();
    }
    let labelled = labelled.fit(fit, images_path)?;
    Ok(Loaded { labelled, hashes, remarks: Vec::new() })
}
