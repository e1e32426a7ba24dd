//! How datasets lie on disk, a file for each way: IDX pairs, CIFAR-10's binary files, npz, a folder of classes, a table beside
//! pictures. [`Format::find`] tells which one a path is, [`Format::load`] reads a part of it.

mod cifar;
mod class_folders;
mod class_names;
mod idx_files;
mod loaded;
mod npz_files;
mod pictures;
mod table;
mod told;

use std::path::Path;

pub(crate) use self::cifar::CifarFiles;
pub(crate) use self::class_names::Classes;
pub(crate) use self::idx_files::{IdxFiles, labelled};
pub(crate) use self::loaded::{Loaded, Part};
use self::{class_folders::ClassFolders, npz_files::NpzFiles, table::Table};
use crate::{DatasetError, Error, fit::Fit};

/// A dataset on disk.
#[derive(Debug)]
pub(crate) enum Format {
    Idx(IdxFiles),
    Cifar(CifarFiles),
    Npz(NpzFiles),
    Table(Table),
    Classes(ClassFolders),
}

impl Format {
    /// What lies at a path, the classes that it has, and what there is to be said of them. Reads labels where there are no names.
    ///
    /// # Errors
    /// Nothing that is known; labels or names are damaged.
    pub(crate) fn find(path: &Path) -> Result<(Self, Classes, Vec<String>), Error> {
        if let Some(files) = NpzFiles::find(path) {
            let classes = files.classes()?;
            return Ok((Self::Npz(files), classes, Vec::new()));
        }
        std::fs::read_dir(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        if let Some((files, classes)) = IdxFiles::find(path)? {
            return Ok((Self::Idx(files), classes, Vec::new()));
        }
        if let Some(files) = CifarFiles::find(path) {
            let classes = files.classes()?;
            return Ok((Self::Cifar(files), classes, Vec::new()));
        }
        if let Some((table, classes, remark)) = Table::find(path)? {
            return Ok((Self::Table(table), classes, vec![remark]));
        }
        if let Some((folders, classes, remarks)) = ClassFolders::find(path)? {
            return Ok((Self::Classes(folders), classes, remarks));
        }
        Err(DatasetError::NoDataset { folder: path.to_owned() }.into())
    }

    /// Whether it is one whole, of which nothing says what is for training and what for the test.
    pub(crate) fn is_undivided(&self) -> bool {
        match self {
            Self::Idx(_) | Self::Cifar(_) => false,
            Self::Npz(files) => files.is_undivided(),
            Self::Table(_) => true,
            Self::Classes(folders) => folders.is_undivided(),
        }
    }

    /// Reads a part; labels come out in `0..classes`, images as `fit` wants them.
    ///
    /// # Errors
    /// A file is missing, damaged or of another kind; images and labels do not match; the images do not fit.
    pub(crate) fn load(&self, part: Part, classes: usize, fit: &Fit) -> Result<Loaded, Error> {
        match self {
            Self::Idx(files) => files.load(part, classes, fit),
            Self::Cifar(files) => files.load(part, classes, fit),
            Self::Npz(files) => files.load(part, classes, fit),
            Self::Table(table) => table.load(fit),
            Self::Classes(folders) => folders.load(part, fit),
        }
    }
}
