//! An npz archive, opened, and one of its arrays.

use std::{
    fs,
    io::{BufReader, Read},
    path::Path,
};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{array::Array, header::Header};
use crate::{
    Error,
    kind::{Content, Kind},
    open::open_file,
};

/// Two arrays of f64 of a million MNIST images take 12.5 GB; looked at before the archive is read.
pub(crate) const MAX_BYTES: u64 = 16 << 30;
/// Arrays that a message names at most, and characters of each.
const MOST_LISTED: usize = 8;
const LONGEST_LISTED: usize = 60;

/// An archive and its name for messages.
pub(super) struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<BufReader<fs::File>>,
}

impl<'a> Archive<'a> {
    /// Opens the file of that name.
    pub(super) fn open(path: &'a Path) -> Result<Self, Error> {
        let mut file = open_file(path, MAX_BYTES)?;
        Kind::of(&mut file, path)?.expect(Content::Npz, path, "an npz archive")?;
        Self::in_file(file, path)
    }

    /// An open file as an archive.
    pub(super) fn in_file(file: fs::File, path: &'a Path) -> Result<Self, Error> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| zip_error(path, error))?;
        Ok(Self { path, zip })
    }

    /// The first of the arrays `keys` that is there, read as far as its header.
    pub(super) fn array<'b>(
        &'b mut self,
        keys: &'b [&str],
    ) -> Result<Array<'b, ZipFile<'b, BufReader<fs::File>>>, Error> {
        let zip = &mut self.zip;
        let Some(&key) = keys.iter().find(|key| zip.index_for_name(&format!("{key}.npy")).is_some()) else {
            let found: Vec<_> =
                zip.file_names().flatten().map(|name| name.trim_end_matches(".npy").to_owned()).collect();
            return Err(Error::NoArray {
                path: self.path.to_owned(),
                wanted: keys.join(" or "),
                found: listed(&found),
            });
        };
        let mut npy = zip.by_name(&format!("{key}.npy")).map_err(|error| zip_error(self.path, error))?;
        let header = Header::read(npy.by_ref());
        let array = |header| Array { path: self.path, key, header, npy };
        match header {
            Ok(header) => {
                let array = array(header);
                array.check_order()?;
                Ok(array)
            }
            Err(error) => Err(Error::Array {
                path: self.path.to_owned(),
                key: key.to_owned(),
                found: error.to_string(),
                expected: "an undamaged npy array".to_owned(),
            }),
        }
    }
}

fn zip_error(path: &Path, error: ZipError) -> Error {
    match error {
        ZipError::Io(source) => Error::Read { path: path.to_owned(), source },
        source => Error::Zip { path: path.to_owned(), source },
    }
}

/// The arrays of an archive, a few of them by name.
fn listed(names: &[String]) -> String {
    let short = |name: &String| match name.char_indices().nth(LONGEST_LISTED) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.clone(),
    };
    let listed = names.iter().take(MOST_LISTED).map(short).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
