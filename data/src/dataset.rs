//! A dataset: a name, classes, and three splits that are read when they are asked for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    DatasetError, DatasetInfo, Error, Split, SplitName,
    catalogue::{Files, Layout, datasets, numbers},
    characters, embedded,
    file::File,
    holdout::Holdout,
    idx,
    labelled::Labelled,
};

/// What a name starts with that is to be loaded from the Hub in any case.
const HUB_PREFIX: &str = "hub:";

/// A set of labelled images with the splits `train`, `validation` and `test`.
#[derive(Debug)]
pub struct Dataset {
    name: String,
    class_names: Vec<String>,
    classes_from_labels: bool,
    layout: Layout,
    holdout: Holdout,
    source: Source,
    hashes: Mutex<BTreeMap<String, String>>,
}

#[derive(Debug)]
enum Source {
    Embedded,
    Folder(PathBuf),
    #[cfg(feature = "hub")]
    Hub(&'static DatasetInfo),
}

impl Dataset {
    /// Opens a dataset by name or by folder.
    ///
    /// - A name of [`datasets`]: read from the folder `data_dir` where one is given; else `mnist` is the embedded one and
    ///   the others come from the Hugging Face Hub (cargo feature `hub`).
    /// - `hub:NAME`: from the Hub in any case.
    /// - Any other text is a folder of IDX files in MNIST's names, gzip'd or not, with labels from 0: a dataset of its own,
    ///   with as many classes as its largest label says (see [`Dataset::classes_from_labels`]), named like the folder. One of the two
    ///   pairs of files is enough.
    ///
    /// Only such a folder's label files are read here; everything else waits for [`Dataset::split`].
    ///
    /// # Errors
    /// The name is unknown, the folder cannot be read or holds nothing of use, its labels are damaged, or the dataset is neither
    /// embedded nor given.
    pub fn open(name_or_dir: &str, data_dir: Option<&Path>) -> Result<Self, Error> {
        if let Some(info) = name_or_dir.strip_prefix(HUB_PREFIX).and_then(DatasetInfo::find) {
            return Ok(Self::named(info, hub(info)?));
        }
        if let Some(info) = DatasetInfo::find(name_or_dir) {
            let source = match data_dir {
                Some(dir) => folder(dir)?,
                None if info.id == "mnist" => Source::Embedded,
                None => hub(info)?,
            };
            return Ok(Self::named(info, source));
        }
        let dir = Path::new(name_or_dir);
        match data_dir {
            _ if !dir.exists() => {
                let known = datasets().iter().map(|info| info.id).collect::<Vec<_>>().join(", ");
                Err(DatasetError::UnknownDataset { name: name_or_dir.to_owned(), known }.into())
            }
            Some(data_dir) => {
                Err(DatasetError::TwoFolders { dataset: dir.to_owned(), data_dir: data_dir.to_owned() }.into())
            }
            None => Self::own(dir),
        }
    }

    fn named(info: &DatasetInfo, source: Source) -> Self {
        Self {
            name: info.id.to_owned(),
            class_names: info.class_names(),
            classes_from_labels: false,
            layout: info.layout,
            holdout: info.holdout,
            source,
            hashes: Mutex::default(),
        }
    }

    /// A folder as a dataset of its own.
    fn own(dir: &Path) -> Result<Self, Error> {
        let source = folder(dir)?;
        let layout = Layout::MNIST;
        let mut largest = None;
        for files in [layout.train, layout.test] {
            if let Some(path) = find(dir, files.labels) {
                largest = largest.max(idx::read_labels(&path)?.into_iter().max());
            }
        }
        let none = || DatasetError::NoDataset { folder: dir.to_owned(), file: layout.test.labels };
        let classes = largest.ok_or_else(none)? as usize + 1;
        let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        let name = whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy().into_owned();
        Ok(Self {
            name,
            class_names: numbers(classes),
            classes_from_labels: true,
            layout,
            holdout: Holdout::Stratified,
            source,
            hashes: Mutex::default(),
        })
    }

    /// What it is called: a name of [`datasets`], or that of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `K` names; label `k` is entry `k`.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Whether the number of classes is only what the labels of a folder show: there may be more, of which it has no image.
    #[must_use]
    pub fn classes_from_labels(&self) -> bool {
        self.classes_from_labels
    }

    /// Reads a split, and no file that it does not need.
    ///
    /// `validation` is held out of the training file, `min(5,000, 10 %)` of it: the last images of MNIST's and
    /// Fashion-MNIST's; elsewhere the same share of every class, drawn with a fixed seed.
    ///
    /// # Errors
    /// A file is missing, damaged or of another kind; images and labels do not match; the split is empty; the Hub cannot
    /// be reached.
    pub fn split(&self, name: SplitName) -> Result<Split, Error> {
        let mut labelled = self.load(name)?;
        if name != SplitName::Test {
            let mask = self.holdout.mask(&labelled.labels);
            labelled = labelled.select(&mask, name == SplitName::Validation);
        }
        if labelled.labels.is_empty() {
            return Err(DatasetError::EmptySplit { dataset: self.name.clone(), split: name }.into());
        }
        Ok(Split::new(name, labelled.pixels, labelled.labels))
    }

    /// The characters that were written, image by image as in [`Dataset::split`], where one label stands for two of them and
    /// a table `<name>-provenance.csv` beside the IDX files tells (columns `split`, `position`, `char`); else none.
    ///
    /// # Errors
    /// The table is damaged or is not of these images.
    pub fn characters(&self, name: SplitName) -> Result<Option<Vec<Option<char>>>, Error> {
        let Source::Folder(folder) = &self.source else { return Ok(None) };
        let Some(table) = find(folder, &format!("{}-provenance.csv", self.name)) else { return Ok(None) };
        let table = File::read(&table)?;
        let mut characters = characters::characters(&table, name)?;
        let labels = self.load(name)?.labels;
        if characters.len() != labels.len() {
            let found = format!("{} images of {name} where there are {}", characters.len(), labels.len());
            return Err(DatasetError::Provenance { path: table.path, line: 1, found }.into());
        }
        if name != SplitName::Test {
            let mut mask = self.holdout.mask(&labels).into_iter();
            characters.retain(|_| mask.next() == Some(name == SplitName::Validation));
        }
        self.record(table.name(), table.sha256());
        Ok(Some(characters))
    }

    /// The SHA-256 in hexadecimal of every file that was read so far, by file name. Of a file from the Hub, that of its pixels (upright),
    /// then its labels (from 0).
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The whole file that a split is taken from.
    fn load(&self, split: SplitName) -> Result<Labelled, Error> {
        let [images, labels] = match &self.source {
            Source::Embedded => embedded::mnist(split),
            Source::Folder(folder) => {
                let read = |file| {
                    let missing = || DatasetError::MissingFile { folder: folder.clone(), file, split };
                    File::read(&find(folder, file).ok_or_else(missing)?)
                };
                let Files { images, labels } = self.layout.files(split);
                [read(images)?, read(labels)?]
            }
            #[cfg(feature = "hub")]
            Source::Hub(info) => {
                let labelled = crate::hub::load(info, split)?;
                let file = if split == SplitName::Test { "test" } else { "train" };
                self.record(format!("{HUB_PREFIX}{} {file}", info.id), labelled.sha256());
                return Ok(labelled);
            }
        };
        let labelled = Labelled::read(&images, &labels, self.layout, self.class_names.len())?;
        for file in [images, labels] {
            self.record(file.name(), file.sha256());
        }
        Ok(labelled)
    }

    fn record(&self, file: String, hash: String) {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).insert(file, hash);
    }
}

/// A folder that can be read.
fn folder(dir: &Path) -> Result<Source, Error> {
    fs::read_dir(dir).map_err(|source| Error::Read { path: dir.to_owned(), source })?;
    Ok(Source::Folder(dir.to_owned()))
}

/// The file of that name, gzip'd or not, with a dash before `idx` or, as in some copies, a dot.
fn find(dir: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.to_owned(), name.replace("-idx", ".idx")];
    names
        .iter()
        .flat_map(|name| [format!("{name}.gz"), name.to_owned()])
        .map(|name| dir.join(name))
        .find(|path| path.exists())
}

#[cfg(feature = "hub")]
fn hub(info: &'static DatasetInfo) -> Result<Source, Error> {
    Ok(Source::Hub(info))
}

#[cfg(not(feature = "hub"))]
fn hub(info: &'static DatasetInfo) -> Result<Source, Error> {
    Err(DatasetError::NotEmbedded { dataset: info.id }.into())
}
