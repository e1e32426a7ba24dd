//! Where a dataset is read from: the binary, files, or the Hub.

use std::{fs, path::Path};

#[cfg(not(feature = "hub"))]
use crate::{DatasetError, catalogue::SystemFolder};
use crate::{
    DatasetInfo, Error,
    catalogue::{FileSet, Layout},
    embedded,
    fit::Fit,
    formats::{CifarFiles, Format, IdxFiles, Loaded, Part, labelled},
};

/// What a name starts with that is to be loaded from the Hub in any case.
pub(crate) const HUB_PREFIX: &str = "hub:";

#[derive(Debug)]
pub(crate) enum Source {
    /// MNIST in the binary.
    Embedded,
    Files(Format),
    #[cfg(feature = "hub")]
    Hub(&'static DatasetInfo),
}

impl Source {
    /// Where a named dataset comes from: the folder that is given, that of a system's package, the binary, or the Hub.
    ///
    /// # Errors
    /// The folder cannot be read; there is none, and no Hub.
    pub(crate) fn of(info: &'static DatasetInfo, data_dir: Option<&Path>) -> Result<Self, Error> {
        let system = info.system_folder.map(|system| Path::new(system.folder)).filter(|folder| folder.is_dir());
        match data_dir.or(system) {
            Some(dir) => files(info, dir).map(Self::Files),
            None if info.id == "mnist" => Ok(Self::Embedded),
            None => Self::hub(info),
        }
    }

    /// The Hub.
    #[cfg(feature = "hub")]
    pub(crate) fn hub(info: &'static DatasetInfo) -> Result<Self, Error> {
        Ok(Self::Hub(info))
    }

    /// An error: there is no Hub.
    #[cfg(not(feature = "hub"))]
    pub(crate) fn hub(info: &'static DatasetInfo) -> Result<Self, Error> {
        let package = |SystemFolder { folder, package }| {
            format!(" install the package {package} of Debian or Ubuntu (it was looked for in {folder}),")
        };
        let system = info.system_folder.map(package).unwrap_or_default();
        Err(DatasetError::NotEmbedded { dataset: info.id, system }.into())
    }

    /// As [`Format::is_undivided`].
    pub(crate) fn is_undivided(&self) -> bool {
        matches!(self, Self::Files(format) if format.is_undivided())
    }

    /// As [`Format::load`].
    pub(crate) fn load(&self, part: Part, classes: usize, fit: &Fit) -> Result<Loaded, Error> {
        match self {
            Self::Embedded => {
                let [images, labels] = embedded::mnist(part.split());
                labelled(&images, &labels, Layout::MNIST, classes, fit)
            }
            Self::Files(format) => format.load(part, classes, fit),
            #[cfg(feature = "hub")]
            Self::Hub(info) => {
                let labelled = crate::hub::load(info, part.split())?;
                let name = format!("{HUB_PREFIX}{} {part}", info.id);
                let hashes = vec![(name.clone(), labelled.sha256())];
                Ok(Loaded { labelled: labelled.fit(fit, Path::new(&name))?, hashes, remarks: Vec::new() })
            }
        }
    }
}

/// The files of a named dataset, in a folder that can be read.
fn files(info: &DatasetInfo, dir: &Path) -> Result<Format, Error> {
    fs::read_dir(dir).map_err(|source| Error::Read { path: dir.to_owned(), source })?;
    let folder = dir.to_owned();
    Ok(match info.files {
        FileSet::Idx(layout) => Format::Idx(IdxFiles { folder, layout }),
        FileSet::Cifar => Format::Cifar(CifarFiles { folder }),
    })
}
