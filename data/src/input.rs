//! A person's own images, to be screened: an npz archive, a PNG, a JPEG, an IDX file of images, or a folder of them.
//!
//! What a file is, its content says. A folder's other files are skipped: those whose name and content speak of no image.

mod found;
mod wanted;

use std::{
    borrow::Cow,
    fs,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use self::found::{Found, is_meant};
pub use self::wanted::Wanted;
use crate::{Error, Images, memory, open::names, plain};

/// No more than this is taken from a stream.
pub const MAX_STREAM_BYTES: u64 = 1 << 30;
/// What a stream is called in messages and sources.
const STREAM: &str = "stdin";

/// Images and the files that they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// `N` images, file by file.
    pub images: Images,
    /// The files by name, whether they could be read or not.
    pub files: Vec<InputFile>,
    /// The names of what lies in the folder beside images: other files, folders, links that lead nowhere.
    pub skipped: Vec<String>,
}

/// A file that should hold images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Its name without the folder, as [`plain`] text.
    pub name: String,
    /// How many images it holds, or why they cannot be read, in one line.
    pub outcome: Result<usize, String>,
}

/// One image, or one file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The file's name, followed by `#` and a position where it holds several images.
    pub source: Cow<'a, str>,
    /// The position among all images, or what is wrong with the file.
    pub image: Result<usize, &'a str>,
}

impl Input {
    /// The images and the files that could not be read, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let mut next = 0;
        self.files.iter().flat_map(move |InputFile { name, outcome }| {
            let first = next;
            let rows = *outcome.as_ref().unwrap_or(&1);
            next += *outcome.as_ref().unwrap_or(&0);
            (0..rows).map(move |position| Row {
                source: if rows == 1 { name.into() } else { format!("{name}#{position}").into() },
                image: match outcome {
                    Ok(_) => Ok(first + position),
                    Err(error) => Err(error.as_str()),
                },
            })
        })
    }

    /// What several paths hold, one after the other. Files are then called by the path that led to them too, as files of two folders may
    /// have one name; those of a single path keep their names.
    #[must_use]
    pub fn joined(parts: Vec<(PathBuf, Self)>) -> Option<Self> {
        let is_single = parts.len() == 1;
        let named = |path: &Path, name: String| {
            let is_file = path.file_name().is_some_and(|own| plain::name(own) == name);
            let led = if is_file { path.to_owned() } else { path.join(&name) };
            if is_single { name } else { plain(&led.to_string_lossy()).into_owned() }
        };
        let renamed = |(path, mut input): (PathBuf, Self)| {
            for file in &mut input.files {
                file.name = named(&path, std::mem::take(&mut file.name));
            }
            input.skipped = input.skipped.into_iter().map(|name| named(&path, name)).collect();
            input
        };
        parts.into_iter().map(renamed).reduce(|mut all, more| {
            all.images.append(more.images);
            all.files.extend(more.files);
            all.skipped.extend(more.skipped);
            all
        })
    }

    /// The files that could not be read, and why.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|file| Some((file.name.as_str(), file.outcome.as_ref().err()?.as_str())))
    }
}

/// Reads `path`: a PNG, a JPEG, an IDX file of images, or an npz archive; or all such files of a folder, by name, and there those that
/// cannot be read are only told. Every image comes out in the shape that is `wanted`: resized and cropped if that is wanted too, with one
/// channel made of three or three of one; another size is an error, unless scans are to be prepared.
///
/// # Errors
/// What the reader of the file reports; a folder that cannot be listed or has nothing like an image; a `key` where there is no archive;
/// [`FitError::Prepare`](crate::FitError::Prepare).
pub fn read(path: &Path, wanted: &Wanted) -> Result<Input, Error> {
    wanted.check()?;
    let read_error = |source| Error::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(read_error)?.is_dir() {
        return read_folder(path, wanted);
    }
    Ok(one(path, wanted, Ok(Found::open(path)?.read(path, wanted)?)))
}

/// Reads `path` as one of several: as [`read`] does, but a file that cannot be read is only told, as in a folder.
///
/// # Errors
/// As [`read`] for folders; a path that leads to nothing.
pub fn read_among(path: &Path, wanted: &Wanted) -> Result<Input, Error> {
    wanted.check()?;
    let found = fs::metadata(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    if found.is_dir() {
        return read_folder(path, wanted);
    }
    Ok(one(path, wanted, Found::open(path).and_then(|found| found.read(path, wanted))))
}

/// Reads one file from a stream, as [`read`] does; it goes through a nameless temporary file, because an archive is read from its end.
///
/// # Errors
/// As [`read`]; the stream breaks, or holds more than [`MAX_STREAM_BYTES`].
pub fn read_stream(stream: impl Read, wanted: &Wanted) -> Result<Input, Error> {
    wanted.check()?;
    let path = Path::new(STREAM);
    let file = spooled(stream, MAX_STREAM_BYTES)?;
    Ok(one(path, wanted, Ok(Found::in_file(file, path)?.read(path, wanted)?)))
}

/// A stream of at most `limit` bytes as a file.
fn spooled(stream: impl Read, limit: u64) -> Result<fs::File, Error> {
    let copy = || -> io::Result<(fs::File, u64)> {
        let mut file = tempfile::tempfile()?;
        let bytes = io::copy(&mut stream.take(limit + 1), &mut file)?;
        file.rewind()?;
        Ok((file, bytes))
    };
    match copy() {
        Ok((_, bytes)) if bytes > limit => Err(Error::TooLarge { path: STREAM.into(), limit }),
        Ok((file, _)) => Ok(file),
        Err(source) => Err(Error::Read { path: STREAM.into(), source }),
    }
}

/// One file, and what came of reading it.
fn one(path: &Path, wanted: &Wanted, read: Result<Vec<f32>, Error>) -> Input {
    let name = plain::name(path.file_name().unwrap_or(path.as_os_str()));
    let told = |error: Error| (Vec::new(), Some(plain(&error.to_string()).into_owned()));
    let (pixels, error) = read.map_or_else(told, |pixels| (pixels, None));
    let images = Images::new(wanted.shape, pixels);
    let outcome = error.map_or(Ok(images.len()), Err);
    Input { images, files: vec![InputFile { name, outcome }], skipped: Vec::new() }
}

fn read_folder(folder: &Path, wanted: &Wanted) -> Result<Input, Error> {
    let (mut images, mut files, mut skipped) = (Images::none(wanted.shape), Vec::new(), Vec::new());
    for name in names(folder)? {
        let (path, name) = (folder.join(&name), plain::name(&name));
        let found = Found::open(&path);
        if !is_meant(&name, &found) {
            skipped.push(name);
            continue;
        }
        let outcome = match found.and_then(|found| found.read(&path, wanted)) {
            Ok(more) => {
                let more = Images::new(wanted.shape, more);
                let count = more.len();
                // A larger room is twice as large.
                memory::check(folder, images.len() + count, 2 * count * wanted.shape.values() * size_of::<f32>())?;
                images.append(more);
                Ok(count)
            }
            Err(error) => Err(plain(&error.to_string()).into_owned()),
        };
        files.push(InputFile { name, outcome });
    }
    if files.is_empty() {
        return Err(Error::NoInput { folder: folder.to_owned() });
    }
    Ok(Input { images, files, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImageShape, PIXELS, npz, png};

    const WANTED: Wanted = Wanted {
        shape: ImageShape::GREY,
        sizing: crate::Sizing { resize: None, crop: None },
        prepare: None,
        key: None,
    };

    fn sources(input: &Input) -> Vec<String> {
        input.rows().map(|row| row.source.into_owned()).collect()
    }

    #[test]
    fn a_folder_gives_its_pictures_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, level) in [("b.png", 20), ("a.png", 10), ("c.PNG", 30)] {
            png::write(&folder.path().join(name), &[level; PIXELS], 28).unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
        fs::create_dir(folder.path().join("more.png")).unwrap();
        let input = read(folder.path(), &WANTED).unwrap();
        assert_eq!(sources(&input), ["a.png", "b.png", "c.PNG"]);
        assert_eq!(input.images.pixels()[PIXELS], 20.0 / 255.0);
        assert_eq!(input.skipped, ["more.png", "notes.txt"]);
    }

    #[test]
    fn several_paths_follow_each_other_under_names_that_tell_them_apart() {
        let folder = tempfile::tempdir().unwrap();
        for (name, level) in [("a/1.png", 10), ("b/1.png", 20), ("c.png", 30)] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            png::write(&path, &[level; PIXELS], 28).unwrap();
        }
        let paths = ["a", "b", "c.png"].map(|name| folder.path().join(name));
        let read_in = |paths: &[PathBuf]| {
            let parts = paths.iter().map(|path| (path.clone(), read(path, &WANTED).unwrap()));
            Input::joined(parts.collect()).unwrap()
        };
        let all = read_in(&paths);
        let expected = ["a/1.png", "b/1.png", "c.png"].map(|name| folder.path().join(name).display().to_string());
        assert_eq!(sources(&all), expected);
        assert_eq!([0, 1, 2].map(|at| all.images.pixels()[at * PIXELS] * 255.0), [10.0, 20.0, 30.0]);
        assert_eq!(sources(&read_in(&paths[..1])), ["1.png"]);
        assert_eq!(Input::joined(Vec::new()), None);
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
            let input = read(&path, &Wanted { key, ..WANTED }).unwrap();
            (input.images.pixels()[0], sources(&input))
        };
        assert_eq!(found(None), (0.5, vec!["some.npz#0".into(), "some.npz#1".into()]));
        assert_eq!(found(Some("x")), (0.25, vec!["some.npz".into()]));
        let stream = read_stream(fs::File::open(&path).unwrap(), &WANTED).unwrap();
        assert_eq!(sources(&stream), ["stdin#0", "stdin#1"]);
    }

    #[test]
    fn a_stream_without_an_end_is_left_at_the_limit() {
        assert!(spooled(&b"0123456789"[..], 10).is_ok());
        assert!(matches!(spooled(io::repeat(0), 100_000), Err(Error::TooLarge { limit: 100_000, .. })));
    }

    #[test]
    fn a_file_that_breaks_off_leaves_no_image_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.npz");
        let mut npz = npz::Writer::new(fs::File::create(&path).unwrap());
        npz.array("x", &[2, 28, 28], &[[0.5; PIXELS], [7.0; PIXELS]].concat()).unwrap();
        npz.finish().unwrap();
        for (name, level) in [("a.png", 51), ("c.png", 102)] {
            png::write(&folder.path().join(name), &[level; PIXELS], 28).unwrap();
        }
        let input = read(folder.path(), &WANTED).unwrap();
        assert_eq!(input.images.pixels(), [[0.2; PIXELS], [0.4; PIXELS]].concat());
        let images: Vec<_> = input.rows().map(|row| row.image.ok()).collect();
        assert_eq!(
            (sources(&input), images),
            (vec!["a.png".into(), "b.npz".into(), "c.png".into()], vec![Some(0), None, Some(1)])
        );
        let (name, error) = input.errors().next().unwrap();
        assert!(name == "b.npz" && error.contains("pixel 7 in image 1"), "{error}");
    }

    #[test]
    fn a_folder_without_images_says_what_it_should_hold() {
        let folder = tempfile::tempdir().unwrap();
        let message = read(folder.path(), &WANTED).unwrap_err().to_string();
        assert!(message.ends_with("IDX or npz files, not in folders of its own"), "{message}");
    }
}
