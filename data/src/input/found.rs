//! A file that may hold images: opened, looked at, and read by its content.

use std::{fs, io::ErrorKind, path::Path};

use crate::{
    Error, idx,
    kind::{Content, Kind},
    npz,
    open::open_file,
    png,
};

/// What is read, for messages.
const READABLE: &str = "an npz archive, a PNG or an IDX file of 28x28 images";
/// How names end that speak of images.
const ENDINGS: [&str; 12] =
    [".png", ".npz", ".npy", "idx3-ubyte", "idx3-ubyte.gz", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"];

/// An open file and its kind.
pub(super) struct Found {
    file: fs::File,
    kind: Kind,
}

impl Found {
    /// Opens a file of any size that some reader takes.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        Self::in_file(open_file(path, npz::MAX_BYTES)?, path)
    }

    /// Looks at an open file, which messages call `path`.
    pub(super) fn in_file(mut file: fs::File, path: &Path) -> Result<Self, Error> {
        let kind = Kind::of(&mut file, path)?;
        Ok(Self { file, kind })
    }

    /// Appends the images of a file to `pixels` and returns how many there were.
    pub(super) fn append(self, path: &Path, key: Option<&str>, pixels: &mut Vec<f32>) -> Result<usize, Error> {
        let Self { file, kind } = self;
        match (kind, key) {
            (Kind { content: Content::Npz, packed: false }, Some(key)) => {
                npz::append_images(file, path, &[key], pixels)
            }
            (Kind { content: Content::Npz, packed: false }, None) => {
                npz::append_images(file, path, &["x_adv", "x"], pixels)
            }
            (_, Some(_)) => Err(kind.unexpected(path, "an npz archive, of which --key names an array")),
            (Kind { content: Content::Png, packed: false }, None) => png::append_image(file, path, pixels).map(|()| 1),
            (Kind { content: Content::Idx, packed }, None) => idx::append_images(file, packed, path, pixels),
            (_, None) => Err(kind.unexpected(path, READABLE)),
        }
    }
}

/// Whether an entry of a folder is meant to be an image: its name or its content says so.
pub(super) fn is_meant(name: &str, found: &Result<Found, Error>) -> bool {
    let name = name.to_ascii_lowercase();
    match found {
        Ok(Found { kind: Kind { content: Content::Unknown(_) | Content::Other(_), .. }, .. }) => is_image_name(&name),
        Ok(_) => true,
        Err(Error::Read { source, .. }) if source.kind() == ErrorKind::NotFound => false,
        Err(Error::NotAFile { found: "a folder", .. }) => false,
        Err(_) => is_image_name(&name),
    }
}

fn is_image_name(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
