//! A file that may hold images: opened, looked at, and read by its content.

use std::{fs, io::ErrorKind, path::Path};

use super::wanted::Wanted;
use crate::{
    Error, idx,
    kind::{Content, Kind},
    npz,
    open::open_file,
    picture,
    picture_file::bytes,
    pixel,
};

/// What is read, for messages.
const READABLE: &str = "an npz archive, a PNG, a JPEG or an IDX file of images";
/// How names end that speak of images.
const ENDINGS: [&str; 13] = [
    ".png",
    ".jpg",
    ".jpeg",
    ".npz",
    ".npy",
    "idx3-ubyte",
    "idx3-ubyte.gz",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".webp",
    ".avif",
];

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

    /// The pixels of a file's images, of the shape that is wanted.
    pub(super) fn read(self, path: &Path, wanted: &Wanted) -> Result<Vec<f32>, Error> {
        let Self { file, kind } = self;
        let Wanted { shape, key, .. } = *wanted;
        let (found, pixels) = match (kind, key) {
            (Kind { content: Content::Npz, packed: false }, Some(key)) => npz::float_images(file, path, &[key], shape)?,
            (Kind { content: Content::Npz, packed: false }, None) => {
                npz::float_images(file, path, &["x_adv", "x"], shape)?
            }
            (_, Some(_)) => return Err(kind.unexpected(path, "an npz archive, of which --key names an array")),
            (Kind { content: content @ (Content::Png | Content::Jpeg), packed: false }, None) => {
                return read_picture(content, &bytes(file, path)?, path, wanted);
            }
            (Kind { content: Content::Idx, packed }, None) => idx::float_images(file, packed, path)?,
            (_, None) => return Err(kind.unexpected(path, READABLE)),
        };
        let (found, pixels) = wanted.fit(found, pixels, path)?;
        Ok(wanted.prepared(found, pixels, path)?)
    }
}

/// The pixels of a picture, which must be opaque: what a person sees of another one depends on what lies behind it.
fn read_picture(content: Content, bytes: &[u8], path: &Path, wanted: &Wanted) -> Result<Vec<f32>, Error> {
    let picture = picture::decode(content, bytes, path)?;
    if picture.traits.transparent {
        return Err(Error::Transparent { path: path.to_owned() });
    }
    let (found, pixels) = wanted.fit(picture.shape, picture.pixels, path)?;
    Ok(wanted.prepared(found, pixels.into_iter().map(pixel).collect(), path)?)
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
