//! A flat folder of pictures with a table `labels.csv`: the columns `file` and `label`, a line per picture.
//!
//! Labels that are all whole numbers are the numbers of classes, and `labels.txt` may name these. Other labels are names, in the order
//! of `labels.txt` or else of their bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path, PathBuf},
};

use super::{Classes, Loaded, class_names::names, pictures::Pictures};
use crate::{
    DatasetError, Error, MAX_CLASSES, MAX_IMAGES, fit::Fit, hash::sha256, open::names as entries, plain, read_file,
    words::counted,
};

const FILE: &str = "labels.csv";
/// A million lines of long names.
const MAX_BYTES: u64 = 256 << 20;

/// The pictures that a table names.
#[derive(Debug)]
pub(crate) struct Table {
    folder: PathBuf,
    pictures: Vec<(String, u32)>,
    hash: String,
}

impl Table {
    /// Reads the table of a folder, if there is one: its pictures, its classes, and how these are numbered.
    pub(super) fn find(folder: &Path) -> Result<Option<(Self, Classes, String)>, Error> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read_file(&path, MAX_BYTES)?;
        let rows = rows(&path, &bytes)?;
        let numbers: Option<Vec<u32>> = rows.iter().map(|(_, label)| label.parse().ok()).collect();
        let (classes, labels, how) = match numbers {
            Some(labels) => {
                let largest = labels.iter().copied().max().unwrap_or(0);
                if largest as usize >= MAX_CLASSES {
                    return Err(wrong(&path, 1, format!("label {largest}, and at most {} is read", MAX_CLASSES - 1)));
                }
                (Classes::numbered(folder, largest)?, labels, "labels are the numbers of classes")
            }
            None => named(folder, &path, &rows)?,
        };
        let files = rows.into_iter().map(|(file, _)| file);
        let table = Self { folder: folder.to_owned(), pictures: files.zip(labels).collect(), hash: sha256(&bytes) };
        Ok(Some((table, classes, format!("{}: {how}", path.display()))))
    }

    pub(super) fn load(&self, fit: &Fit) -> Result<Loaded, Error> {
        let mut pictures = Pictures::new(&self.folder, fit, self.pictures.len());
        for (file, label) in &self.pictures {
            pictures.add(&self.folder.join(file), *label)?;
        }
        let mut loaded = pictures.finish()?;
        loaded.hashes.push((FILE.to_owned(), self.hash.clone()));
        let listed: BTreeSet<&str> = self.pictures.iter().map(|(file, _)| file.as_str()).collect();
        let is_beside =
            |name: &String| !listed.contains(name.as_str()) && ![FILE, "labels.txt"].contains(&name.as_str());
        let names = entries(&self.folder)?.into_iter().map(|name| name.to_string_lossy().into_owned());
        let beside: Vec<String> = names.filter(is_beside).collect();
        if let Some(first) = beside.first() {
            let (folder, count) = (self.folder.display(), beside.len());
            let left = counted(count, ["entry", "entries"]);
            loaded
                .remarks
                .push(format!("{folder}: left out {left} that {FILE} does not name; the first: {}", plain(first)));
        }
        Ok(loaded)
    }
}

/// Files and labels as they stand in the table.
fn rows(path: &Path, bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| wrong(path, 1, error.to_string()))?.clone();
    let place = |name| header.iter().position(|column| column == name);
    let Some((file, label)) = place("file").zip(place("label")) else {
        return Err(wrong(path, 1, format!("the columns {}", header.iter().collect::<Vec<_>>().join(","))));
    };
    let mut rows = Vec::new();
    for (line, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|error| wrong(path, line, error.to_string()))?;
        let (file, label) = (record[file].to_owned(), record[label].to_owned());
        let is_inside = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
        if file.is_empty() || !Path::new(&file).components().all(is_inside) {
            return Err(wrong(path, line, format!("the file {file:?}, which does not lie in this folder")));
        }
        if label.is_empty() {
            return Err(wrong(path, line, "no label".to_owned()));
        }
        rows.push((file, label));
    }
    match rows.len() {
        0 => Err(wrong(path, 1, "no line below the header".to_owned())),
        found if found > MAX_IMAGES => Err(Error::TooMany { path: path.to_owned(), found: found as u64 }),
        _ => Ok(rows),
    }
}

/// Classes whose labels are names.
fn named(folder: &Path, path: &Path, rows: &[(String, String)]) -> Result<(Classes, Vec<u32>, &'static str), Error> {
    let plain_label = |label: &String| plain(label).into_owned();
    let (names, how) = match names(folder)? {
        Some(names) => (names, "classes are numbered in the order of labels.txt"),
        None => {
            let all: BTreeSet<String> = rows.iter().map(|(_, label)| plain_label(label)).collect();
            (all.into_iter().collect(), "classes are numbered in the order of their names as bytes")
        }
    };
    if names.len() > MAX_CLASSES {
        return Err(DatasetError::TooManyClasses { folder: folder.to_owned(), found: names.len() }.into());
    }
    let numbers: BTreeMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let label = |(line, (_, label)): (usize, &(String, String))| {
        let unknown = || wrong(path, line, format!("the label {label:?}, which labels.txt does not name"));
        numbers.get(plain_label(label).as_str()).copied().ok_or_else(unknown)
    };
    let labels = (2..).zip(rows).map(label).collect::<Result<Vec<u32>, Error>>()?;
    Ok((Classes::known(names), labels, how))
}

fn wrong(path: &Path, line: usize, found: String) -> Error {
    let found = plain(&found.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    DatasetError::Table { path: path.to_owned(), line, found }.into()
}
