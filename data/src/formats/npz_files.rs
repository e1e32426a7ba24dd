//! Datasets as npz: `x` holds images and `y` labels, in one file, or in `train.npz` and `test.npz` in a folder.

use std::path::{Path, PathBuf};

use super::{Classes, Loaded, Part};
use crate::{DatasetError, Error, ImageShape, fit::Fit, labelled::Labelled, npz, open_file, sha256_of};

/// A file, or a folder of two.
#[derive(Debug)]
pub(crate) struct NpzFiles {
    path: PathBuf,
    is_folder: bool,
}

impl NpzFiles {
    /// A file, whatever it holds, or a folder with a file of one of the two names.
    pub(super) fn find(path: &Path) -> Option<Self> {
        let is_folder = path.is_dir();
        let files = Self { path: path.to_owned(), is_folder };
        (!is_folder || files.file(Part::Train).exists() || files.file(Part::Test).exists()).then_some(files)
    }

    /// As many as the largest label in the files says, or those in `labels.txt` beside them.
    pub(super) fn classes(&self) -> Result<Classes, Error> {
        let parts = if self.is_folder { &[Part::Train, Part::Test][..] } else { &[Part::Whole] };
        let mut largest = 0;
        for file in parts.iter().map(|&part| self.file(part)).filter(|file| file.exists()) {
            largest = npz::read_labels(&file, "y")?.into_iter().max().unwrap_or(0).max(largest);
        }
        let folder = if self.is_folder { Some(self.path.as_path()) } else { self.path.parent() };
        Classes::numbered(folder.unwrap_or(Path::new("")), largest)
    }

    pub(super) fn is_undivided(&self) -> bool {
        !self.is_folder
    }

    pub(super) fn load(&self, part: Part, classes: usize, fit: &Fit) -> Result<Loaded, Error> {
        let path = self.file(part);
        if !path.exists() {
            let (folder, file) = (self.path.clone(), format!("{part}.npz"));
            return Err(DatasetError::MissingFile { folder, file, split: part.split() }.into());
        }
        let labels = npz::read_labels(&path, "y")?;
        if let Some(index) = labels.iter().position(|&label| label as usize >= classes) {
            let (found, last) = (labels[index], classes as u32 - 1);
            return Err(DatasetError::Label { path, index, found, first: 0, last }.into());
        }
        // Before it is resized, nothing says which shape the network's is; but without that, it is what the array should hold.
        let expected = fit.shape.filter(|_| fit.sizing == crate::Sizing::default());
        let (shape, pixels, rounded) = npz::read_bytes(&path, "x", expected)?;
        let images = pixels.len() / shape.values();
        if images != labels.len() {
            let (images_path, labels_path) = (path.clone(), path);
            return Err(DatasetError::Count { images_path, images, labels_path, labels: labels.len() }.into());
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let read_error = |source| Error::Read { path: path.clone(), source };
        let hash = sha256_of(open_file(&path, npz::MAX_BYTES)?).map_err(read_error)?;
        let remarks = if rounded { vec![remark(&path, shape)] } else { Vec::new() };
        let labelled = Labelled { shape, pixels, labels }.fit(fit, &path)?;
        Ok(Loaded { labelled, hashes: vec![(name, hash)], remarks })
    }

    fn file(&self, part: Part) -> PathBuf {
        match part {
            Part::Whole => self.path.clone(),
            Part::Train | Part::Test => self.path.join(format!("{part}.npz")),
        }
    }
}

fn remark(path: &Path, shape: ImageShape) -> String {
    format!("{}: the {shape} floats of array x were rounded to the nearest of 256 levels", path.display())
}
