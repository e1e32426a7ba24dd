//! A person's own images, to be screened: an npz archive, a PNG, or a folder of PNG or IDX files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Images, idx, npz, png};

/// Images and where each came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// `N` images.
    pub images: Images,
    /// `N` names: the file's, followed by `#` and a position where it holds several.
    pub sources: Vec<String>,
}

/// Reads `path`: a folder (its `.png` files by name, or else its IDX image files by name), a file that ends in `.png`, an
/// IDX image file, or an npz archive, of which the array `key` is taken, or else `x_adv`, or else `x`.
///
/// # Errors
/// What the reader of the file reports; a folder with neither PNG nor IDX files; a `key` without an archive.
pub fn read(path: &Path, key: Option<&str>) -> Result<Input, Error> {
    let read_error = |source| Error::Read { path: path.to_owned(), source };
    let files = if fs::metadata(path).map_err(read_error)?.is_dir() { files(path)? } else { vec![path.to_owned()] };
    let (mut pixels, mut sources) = (Vec::new(), Vec::new());
    for file in files {
        let name = name(&file);
        let images = match key {
            Some(key) => npz::read_images(&file, &[key])?,
            None if is_png(&name) => png::read(&file)?,
            None if is_idx(&name) => from_bytes(&idx::read_images(&file)?),
            None => npz::read_images(&file, &["x_adv", "x"])?,
        };
        match images.len() {
            1 => sources.push(name),
            count => sources.extend((0..count).map(|position| format!("{name}#{position}"))),
        }
        pixels.extend_from_slice(images.pixels());
    }
    Ok(Input { images: Images::new(pixels), sources })
}

/// The PNG files of a folder, or else its IDX image files, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read_error = |source| Error::Read { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(read_error)?;
    let mut all = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(read_error)?;
    all.sort();
    let chosen = |kind: fn(&str) -> bool| all.iter().filter(|path| kind(&name(path))).cloned().collect::<Vec<_>>();
    let pictures = chosen(is_png);
    let files = if pictures.is_empty() { chosen(is_idx) } else { pictures };
    if files.is_empty() {
        return Err(Error::NoInput { folder: folder.to_owned() });
    }
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn is_png(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".png")
}

fn is_idx(name: &str) -> bool {
    name.ends_with("idx3-ubyte") || name.ends_with("idx3-ubyte.gz")
}

fn from_bytes(bytes: &[u8]) -> Images {
    Images::new(bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PIXELS;

    #[test]
    fn a_folder_gives_its_pictures_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, level) in [("b.png", 20), ("a.png", 10), ("c.PNG", 30)] {
            png::write(&folder.path().join(name), &[level; PIXELS], 28).unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
        let input = read(folder.path(), None).unwrap();
        assert_eq!(input.sources, ["a.png", "b.png", "c.PNG"]);
        assert_eq!(input.images.pixels()[PIXELS], 20.0 / 255.0);
    }

    #[test]
    fn an_archive_prefers_the_adversarial_images() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.npz");
        let mut npz = npz::Writer::new(fs::File::create(&path).unwrap());
        npz.array("x", &[1, 28, 28], &[0.25_f32; PIXELS]).unwrap();
        npz.array("x_adv", &[2, 28, 28], &[0.5_f32; 2 * PIXELS]).unwrap();
        npz.finish().unwrap();
        let found = |key| {
            let input = read(&path, key).unwrap();
            (input.images.pixels()[0], input.sources)
        };
        assert_eq!(found(None), (0.5, vec!["some.npz#0".into(), "some.npz#1".into()]));
        assert_eq!(found(Some("x")), (0.25, vec!["some.npz".into()]));
    }

    #[test]
    fn a_folder_without_images_says_what_it_should_hold() {
        let folder = tempfile::tempdir().unwrap();
        let message = read(folder.path(), None).unwrap_err().to_string();
        assert!(
            message.ends_with("holds neither PNG nor IDX image files: expected *.png or *idx3-ubyte[.gz]"),
            "{message}"
        );
    }
}
