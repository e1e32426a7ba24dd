//! [`Beside`]: files in the folder of a file that names them, as a model names those with its weights.
//!
//! A name from a file may lie. What is read lies in that folder or below it, is a regular file, and is not reached over a link that leads out.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Component, Path, PathBuf},
};

use crate::{Error, open_file};

/// The folder of a file.
#[derive(Debug, Clone)]
pub struct Beside {
    folder: PathBuf,
}

impl Beside {
    /// The folder of this file, which must be there.
    ///
    /// # Errors
    /// It cannot be found.
    pub fn of(file: &Path) -> Result<Self, Error> {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = parent.canonicalize().map_err(|source| Error::Read { path: parent.to_owned(), source })?;
        Ok(Self { folder })
    }

    /// How many bytes long the file of this relative name is.
    ///
    /// # Errors
    /// [`Error::Outside`] for a name that leads out of the folder; as [`open_file`].
    pub fn length(&self, name: &str) -> Result<u64, Error> {
        let file = self.open(name)?;
        Ok(file.metadata().map_err(|source| Error::Read { path: self.folder.join(name), source })?.len())
    }

    /// So many bytes of it, from `offset` on.
    ///
    /// # Errors
    /// As [`Beside::length`]; it has not as many.
    pub fn read(&self, name: &str, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let (path, mut file) = (self.folder.join(name), self.open(name)?);
        let mut bytes = Vec::new();
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.take(length as u64).read_to_end(&mut bytes));
        match read {
            Ok(read) if read == length => Ok(bytes),
            Ok(_) => Err(Error::Read { path, source: io::ErrorKind::UnexpectedEof.into() }),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Beside::length`].
    pub fn open(&self, name: &str) -> Result<File, Error> {
        let path = self.folder.join(name);
        let outside = || Error::Outside { path: path.clone(), folder: self.folder.clone() };
        if name.is_empty() || !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(outside());
        }
        // Links are followed first, so that what is opened is what was looked at.
        let found = path.canonicalize().map_err(|source| Error::Read { path: path.clone(), source })?;
        if !found.starts_with(&self.folder) {
            return Err(outside());
        }
        open_file(&found, u64::MAX)
    }
}
