//! A folder of classes: `train/CLASS/*` and `test/CLASS/*`, or `CLASS/*` alone. A class is a folder, with pictures or without.
//!
//! Classes are numbered in the order of their names as bytes, as torchvision's `ImageFolder` does: `10` comes before `9`, `Z` before `a`.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use super::{Classes, Loaded, Part, pictures::Pictures};
use crate::{
    DatasetError, Error, MAX_CLASSES, MAX_IMAGES,
    fit::Fit,
    open::names,
    plain,
    words::{counted, first_of},
};

/// Names of classes that a remark gives at most, and of other things.
const MOST_LISTED: usize = 5;

/// Folders of pictures.
#[derive(Debug)]
pub(crate) struct ClassFolders {
    root: PathBuf,
    is_divided: bool,
    classes: Vec<OsString>,
}

impl ClassFolders {
    /// A folder that holds folders, its classes, and what there is to be said of them.
    pub(super) fn find(root: &Path) -> Result<Option<(Self, Classes, Vec<String>)>, Error> {
        let parts: Vec<PathBuf> = [Part::Train, Part::Test].map(|part| root.join(part.to_string())).into();
        let mut found = Vec::new();
        for part in parts.iter().filter(|part| part.is_dir()) {
            found.push(folders(part)?);
        }
        let is_divided = found.iter().any(|classes| !classes.is_empty());
        if !is_divided {
            found = vec![folders(root)?];
        }
        let classes: BTreeSet<OsString> = found.iter().flatten().cloned().collect();
        if classes.len() > MAX_CLASSES {
            let (folder, found) = (root.to_owned(), classes.len());
            return Err(DatasetError::TooManyClasses { folder, found }.into());
        }
        let classes: Vec<OsString> = classes.into_iter().collect();
        let names: Vec<String> = classes.iter().map(|class| plain::name(class)).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let root = root.to_owned();
        let remarks = remarks(&root, is_divided, &names)?;
        Ok(Some((Self { root, is_divided, classes }, Classes::known(names), remarks)))
    }

    pub(super) fn is_undivided(&self) -> bool {
        !self.is_divided
    }

    pub(super) fn load(&self, part: Part, fit: &Fit) -> Result<Loaded, Error> {
        let root = if part == Part::Whole { self.root.clone() } else { self.root.join(part.to_string()) };
        if !root.is_dir() {
            let (folder, file) = (self.root.clone(), format!("folder {part}"));
            return Err(DatasetError::MissingFile { folder, file, split: part.split() }.into());
        }
        let mut files = Vec::new();
        for (label, class) in (0..).zip(&self.classes) {
            let folder = root.join(class);
            if folder.is_dir() {
                files.extend(names(&folder)?.into_iter().map(|name| (label, folder.join(name))));
            }
        }
        if files.len() > MAX_IMAGES {
            return Err(Error::TooMany { path: root, found: files.len() as u64 });
        }
        let mut pictures = Pictures::new(&root, fit, files.len());
        for (label, path) in files {
            pictures.add(&path, label)?;
        }
        let mut loaded = pictures.finish()?;
        let mut counts = vec![0_usize; self.classes.len()];
        loaded.labelled.labels.iter().for_each(|&label| counts[label as usize] += 1);
        let empty =
            self.classes.iter().zip(counts).filter(|(_, count)| *count == 0).map(|(class, _)| plain::name(class));
        let empty: Vec<String> = empty.collect();
        if !empty.is_empty() {
            loaded.remarks.push(format!(
                "{} holds no picture of class {}",
                root.display(),
                first_of(&empty, MOST_LISTED)
            ));
        }
        Ok(loaded)
    }
}

/// The folders in a folder, in order of their names.
fn folders(path: &Path) -> Result<Vec<OsString>, Error> {
    let is_class = |name: &OsString| !is_hidden(name) && path.join(name).is_dir();
    Ok(names(path)?.into_iter().filter(is_class).collect())
}

/// What systems leave behind.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || name == "__MACOSX"
}

/// How classes are numbered, and what lies beside them.
fn remarks(root: &Path, is_divided: bool, classes: &[String]) -> Result<Vec<String>, Error> {
    let shown = root.display();
    let last = classes.len() - 1;
    let middle = if last > 1 { ", ..." } else { "" };
    let ends = if last > 0 { format!("{middle}, {last} is {}", classes[last]) } else { String::new() };
    let mut remarks = vec![format!(
        "{shown}: classes are numbered in the order of their folders' names as bytes: 0 is {}{ends}",
        classes[0]
    )];
    let is_read = |name: &OsString| match is_divided {
        true => name == "train" || name == "test",
        false => !is_hidden(name) && root.join(name).is_dir(),
    };
    let beside: Vec<String> = names(root)?.iter().filter(|name| !is_read(name)).map(|name| plain::name(name)).collect();
    if !beside.is_empty() {
        remarks.push(format!(
            "{shown}: left out {} beside the folders of classes: {}",
            counted(beside.len(), ["entry", "entries"]),
            first_of(&beside, MOST_LISTED)
        ));
    }
    Ok(remarks)
}
