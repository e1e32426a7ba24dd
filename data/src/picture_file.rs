//! A file that may be a picture: opened, looked at, and its bytes if it is one that is read.

use std::{fs, io::Read, path::Path};

use crate::{
    Error,
    kind::{Content, Kind},
    open::open_file,
    picture::MAX_BYTES,
};

/// How names end that speak of pictures.
const ENDINGS: [&str; 9] = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif"];

/// The bytes of a PNG or a JPEG.
pub(crate) struct PictureFile {
    pub(crate) content: Content,
    pub(crate) bytes: Vec<u8>,
}

impl PictureFile {
    /// Reads a file if it is meant as a picture: its name or its content says so.
    ///
    /// # Errors
    /// It is meant as one, and cannot be read, or is of a kind that is not read.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let is_named = !name.starts_with('.') && ENDINGS.iter().any(|ending| name.ends_with(ending));
        let found = open_file(path, MAX_BYTES).and_then(|mut file| Ok((Kind::of(&mut file, path)?, file)));
        match found {
            Ok((Kind { content: content @ (Content::Png | Content::Jpeg), packed: false }, file)) => {
                Ok((!name.starts_with('.')).then_some(Self { content, bytes: bytes(file, path)? }))
            }
            Ok((kind @ Kind { content: Content::Picture(_), .. }, _)) => Err(kind.unexpected(path, "a PNG or a JPEG")),
            Ok((kind, _)) if is_named => Err(kind.unexpected(path, "a PNG or a JPEG")),
            Err(Error::NotAFile { found: "a folder", .. }) => Ok(None),
            Err(error) if is_named => Err(error),
            Ok(_) | Err(_) => Ok(None),
        }
    }
}

/// What is left of an open picture file.
///
/// # Errors
/// It cannot be read, or is longer than any picture file may be.
pub(crate) fn bytes(file: fs::File, path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    match read.map_err(|source| Error::Read { path: path.to_owned(), source })? as u64 > MAX_BYTES {
        true => Err(Error::TooLarge { path: path.to_owned(), limit: MAX_BYTES }),
        false => Ok(bytes),
    }
}
