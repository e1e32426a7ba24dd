//! Pictures gathered one by one, as bytes of one shape: what cannot be read is left out and told.
//!
//! A set is grey if all of its pictures are; otherwise grey ones get three equal channels. A network that wants one channel or three
//! gets them.

use std::{collections::BTreeMap, path::Path};

use sha2::{Digest, Sha256};

use super::{Loaded, told::Told};
use crate::{
    DatasetError, Error, FitError, ImageShape,
    fit::{Fit, coloured, greyed},
    hash::hex,
    labelled::Labelled,
    memory,
    picture::{self, Picture},
    picture_file::PictureFile,
    plain,
    words::counted,
};

/// A file of another kind, and several.
const NO_PICTURE: [&str; 2] = ["file that is no picture", "files that are no pictures"];
/// Sizes that an error lists at most.
const MOST_SIZES: usize = 4;

/// The pictures of a folder so far.
pub(super) struct Pictures<'a> {
    root: &'a Path,
    fit: &'a Fit,
    /// How many files there are in all.
    files: usize,
    shape: Option<ImageShape>,
    pixels: Vec<u8>,
    labels: Vec<u32>,
    sizes: BTreeMap<[usize; 2], usize>,
    hash: Sha256,
    told: ToldAll,
}

#[derive(Default)]
struct ToldAll {
    others: Told,
    unreadable: Told,
    first_error: Option<String>,
    grey: Told,
    colour: Told,
    oriented: Told,
    transparent: Told,
    animated: Told,
    deep: Told,
}

impl<'a> Pictures<'a> {
    pub(super) fn new(root: &'a Path, fit: &'a Fit, files: usize) -> Self {
        Self {
            root,
            fit,
            files,
            shape: None,
            pixels: Vec::new(),
            labels: Vec::new(),
            sizes: BTreeMap::new(),
            hash: Sha256::new(),
            told: ToldAll::default(),
        }
    }

    /// Reads a file as a picture of that label; one that cannot be read is told, and so is one that is none.
    ///
    /// # Errors
    /// The flags do not suit the picture; there is not enough memory.
    pub(super) fn add(&mut self, path: &Path, label: u32) -> Result<(), Error> {
        let name = plain(&path.strip_prefix(self.root).unwrap_or(path).to_string_lossy()).into_owned();
        let file = match PictureFile::read(path) {
            Ok(Some(file)) => file,
            Ok(None) => {
                self.told.others.add(&name);
                return Ok(());
            }
            Err(error) => {
                self.leave_out(&name, &error);
                return Ok(());
            }
        };
        if self.is_lost() {
            // Pixels are of no use any more; what is left to say is how many pictures have which size.
            if let Ok(size) = picture::size(file.content, &file.bytes, path) {
                *self.sizes.entry(self.fit.sizing.target(size)).or_default() += 1;
            }
            return Ok(());
        }
        match picture::decode(file.content, &file.bytes, path) {
            Ok(picture) => self.keep(picture, path, &name, label, &file.bytes),
            Err(error) => {
                self.leave_out(&name, &error);
                Ok(())
            }
        }
    }

    fn leave_out(&mut self, name: &str, error: &Error) {
        self.told.unreadable.add(name);
        self.told.first_error.get_or_insert_with(|| plain(&error.to_string()).into_owned());
    }

    /// Whether the pictures so far make no set.
    fn is_lost(&self) -> bool {
        let is_other = |shape: &ImageShape| self.sizes.keys().any(|size| *size != [shape.height, shape.width]);
        self.sizes.len() > 1 || self.fit.shape.as_ref().is_some_and(is_other)
    }

    fn keep(&mut self, picture: Picture, path: &Path, name: &str, label: u32, file: &[u8]) -> Result<(), Error> {
        let traits = picture.traits;
        let (shape, pixels) = self.fit.size(picture.shape, picture.pixels, path)?;
        *self.sizes.entry([shape.height, shape.width]).or_default() += 1;
        if self.is_lost() {
            self.shape.get_or_insert(shape);
            return Ok(());
        }
        for (is_so, told) in [
            (shape.channels == 1, &mut self.told.grey),
            (shape.channels == 3, &mut self.told.colour),
            (traits.oriented, &mut self.told.oriented),
            (traits.transparent, &mut self.told.transparent),
            (traits.animated, &mut self.told.animated),
            (traits.deep, &mut self.told.deep),
        ] {
            if is_so {
                told.add(name);
            }
        }
        let wanted = self.fit.shape.map(|shape| shape.channels);
        let before = self.shape.map(|shape| shape.channels);
        let channels = match wanted {
            Some(wanted @ (1 | 3)) => wanted,
            _ => before.unwrap_or(1).max(shape.channels),
        };
        let whole = ImageShape { channels, ..shape };
        if before != Some(channels) {
            memory::check(self.root, self.files, self.files * whole.values())?;
            if before.is_some() {
                self.pixels = coloured(shape, &self.pixels);
            }
            self.shape = Some(whole);
        }
        match (shape.channels, channels) {
            (1, 3) => self.pixels.extend(coloured(shape, &pixels)),
            (3, 1) => self.pixels.extend(greyed(shape, &pixels)),
            _ => self.pixels.extend(pixels),
        }
        self.labels.push(label);
        self.hash.update(name.as_bytes());
        self.hash.update([0]);
        self.hash.update(Sha256::digest(file));
        Ok(())
    }

    /// All of them.
    ///
    /// # Errors
    /// There is none; they are of several sizes, or of another shape than is asked for.
    pub(super) fn finish(self) -> Result<Loaded, Error> {
        let folder = || self.root.to_owned();
        if self.sizes.len() > 1 {
            return Err(FitError::Sizes { folder: folder(), sizes: listed(&self.sizes) }.into());
        }
        let Some((&[height, width], _)) = self.sizes.first_key_value() else {
            let found = match self.told.first_error {
                Some(first) => {
                    format!("{}; the first: {first}", counted(self.told.unreadable.count, ["picture", "pictures"]))
                }
                None => counted(self.told.others.count, NO_PICTURE),
            };
            return Err(DatasetError::NoPicture { folder: folder(), found }.into());
        };
        let found = self.shape.unwrap_or(ImageShape { channels: 1, height, width });
        if let Some(expected) = self.fit.shape.filter(|expected| *expected != found) {
            return Err(FitError::Shape { path: folder(), found, expected }.into());
        }
        let remarks = self.told.remarks(self.root, found.channels);
        let name = self.root.file_name().unwrap_or(self.root.as_os_str()).to_string_lossy();
        Ok(Loaded {
            hashes: vec![(format!("{name}/"), hex(&self.hash.finalize()))],
            labelled: Labelled { shape: found, pixels: self.pixels, labels: self.labels },
            remarks,
        })
    }
}

impl ToldAll {
    fn remarks(&self, root: &Path, channels: usize) -> Vec<String> {
        let of = |count| counted(count, ["picture", "pictures"]);
        let none = Told::default();
        let (grey, colour) = match channels {
            3 => (&self.grey, &none),
            _ => (&none, &self.colour),
        };
        let unreadable = self
            .first_error
            .as_ref()
            .map(|first| format!("left out {} that cannot be read; the first: {first}", of(self.unreadable.count)));
        let told = [
            self.others.remark(|count| format!("left out {}", counted(count, NO_PICTURE))),
            unreadable,
            grey.remark(|count| format!("gave three equal channels to {} in grey", of(count))),
            colour.remark(|count| format!("made {} in colour grey, by luma", of(count))),
            self.oriented
                .remark(|count| format!("did not turn {} whose EXIF asks for it (nor does torchvision)", of(count))),
            self.transparent.remark(|count| format!("left out the transparency of {}", of(count))),
            self.animated.remark(|count| format!("read the first frame only of {}", of(count))),
            self.deep.remark(|count| format!("read the high byte only of {} of 16 bits", of(count))),
        ];
        told.into_iter().flatten().map(|remark| format!("{}: {remark}", root.display())).collect()
    }
}

/// How many pictures have which size, the most frequent first.
fn listed(sizes: &BTreeMap<[usize; 2], usize>) -> String {
    let mut sizes: Vec<(usize, [usize; 2])> = sizes.iter().map(|(&size, &count)| (count, size)).collect();
    sizes.sort_unstable_by_key(|&(count, size)| (std::cmp::Reverse(count), size));
    let named = |&(count, [height, width]): &(usize, [usize; 2])| format!("{count} of {width}x{height}");
    let first = sizes.iter().take(MOST_SIZES).map(named).collect::<Vec<_>>().join(", ");
    match sizes.iter().skip(MOST_SIZES).map(|(count, _)| count).sum::<usize>() {
        0 => first,
        more => format!("{first}, {more} of other sizes"),
    }
}
