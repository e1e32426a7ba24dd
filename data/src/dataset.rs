//! A dataset: a name, classes, and three splits that are read when they are asked for.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, PoisonError},
};

use crate::{
    DatasetError, DatasetInfo, Error, ImageShape, Sizing, Split, SplitName,
    catalogue::datasets,
    characters,
    file::File,
    fit::Fit,
    formats::{Classes, Format, Loaded, Part},
    holdout::{Holdout, divide},
    labelled::Labelled,
    source::{HUB_PREFIX, Source},
};

/// What becomes of a set that has no images to train on of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Division {
    /// All of it is the split `test`.
    Whole,
    /// Training, validation and test by a seed.
    Seeded(u64),
    /// Validation and test.
    HeldOut,
}

/// A set of labelled images with the splits `train`, `validation` and `test`.
#[derive(Debug)]
pub struct Dataset {
    name: String,
    classes: Classes,
    holdout: Holdout,
    source: Source,
    fit: Fit,
    /// The shape that its images are known to have.
    known_shape: Option<ImageShape>,
    division: Division,
    hashes: Mutex<BTreeMap<String, String>>,
    remarks: Mutex<Vec<String>>,
}

impl Dataset {
    /// Opens a dataset by name or by path.
    ///
    /// - A name of [`datasets`]: read from the folder `data_dir` where one is given; else `mnist` is the embedded one, `fashion-mnist` that of
    ///   Debian's package where it is installed, and the others come from the Hugging Face Hub (cargo feature `hub`).
    /// - `hub:NAME`: from the Hub in any case.
    /// - Any other text is a dataset of its own, named like the folder or the file: folders of classes, IDX files in MNIST's names, CIFAR-10's binary
    ///   files, npz files with `x` and `y`, or pictures with a table `labels.csv`. Where only numbers tell the classes, they are as
    ///   many as the largest says (see [`Dataset::classes_from_labels`]).
    ///
    /// Of such a dataset labels and names are read here, and no image; everything else waits for [`Dataset::split`].
    ///
    /// # Errors
    /// The name is unknown, the path cannot be read or holds nothing of use, its labels are damaged, or the dataset is neither
    /// embedded nor given.
    pub fn open(name_or_path: &str, data_dir: Option<&Path>) -> Result<Self, Error> {
        if let Some(info) = name_or_path.strip_prefix(HUB_PREFIX).and_then(DatasetInfo::find) {
            return Ok(Self::named(info, Source::hub(info)?));
        }
        if let Some(info) = DatasetInfo::find(name_or_path) {
            return Ok(Self::named(info, Source::of(info, data_dir)?));
        }
        let path = Path::new(name_or_path);
        match data_dir {
            _ if !path.exists() => {
                let known = datasets().iter().map(|info| info.id).collect::<Vec<_>>().join(", ");
                Err(DatasetError::UnknownDataset { name: name_or_path.to_owned(), known }.into())
            }
            Some(data_dir) => {
                Err(DatasetError::TwoFolders { dataset: path.to_owned(), data_dir: data_dir.to_owned() }.into())
            }
            None => Self::own(path),
        }
    }

    fn named(info: &DatasetInfo, source: Source) -> Self {
        let classes = Classes::known(info.class_names());
        Self { known_shape: Some(info.shape), ..Self::new(info.id.to_owned(), classes, info.holdout, source) }
    }

    /// A folder or file as a dataset of its own.
    fn own(path: &Path) -> Result<Self, Error> {
        let (format, classes, remarks) = Format::find(path)?;
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy().into_owned();
        let dataset = Self::new(name, classes, Holdout::Stratified, Source::Files(format));
        Ok(Self { remarks: Mutex::new(remarks), ..dataset })
    }

    fn new(name: String, classes: Classes, holdout: Holdout, source: Source) -> Self {
        let (hashes, remarks) = (Mutex::default(), Mutex::default());
        Self {
            name,
            classes,
            holdout,
            source,
            fit: Fit::default(),
            known_shape: None,
            division: Division::Whole,
            hashes,
            remarks,
        }
    }

    /// With images that are resized and cropped on their way in.
    #[must_use]
    pub fn sized(mut self, sizing: Sizing) -> Self {
        self.fit.sizing = sizing;
        self
    }

    /// For whoever takes images of this shape only: another size is an error that names both, and images of one channel become
    /// images of three, or the other way round. Without it, only the images of a named dataset must have its shape, unless they are resized.
    #[must_use]
    pub fn for_shape(mut self, shape: ImageShape) -> Self {
        self.fit.shape = Some(shape);
        self
    }

    /// With the images of a set that has no test images of its own divided: of each class 80 % to train on, 10 % for validation and
    /// 10 % for the test, drawn by `seed`. Without it all of them are the split `test`. Other datasets stay as they are.
    #[must_use]
    pub fn divided(mut self, seed: u64) -> Self {
        self.division = Division::Seeded(seed);
        self
    }

    /// With a part of the images of a set that has none to train on held out for validation, `min(5,000, 10 %)` of them, the same share of
    /// every class, drawn with a fixed seed; the others are the test images. For whoever brings a network of their own, which has learned
    /// from other images.
    #[must_use]
    pub fn held_out(mut self) -> Self {
        self.division = Division::HeldOut;
        self
    }

    /// What it is called: a name of [`datasets`], or that of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `K` names; label `k` is entry `k`.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.classes.names
    }

    /// Whether the number of classes is only what numbers show: there may be more, of which there is no image.
    #[must_use]
    pub fn classes_from_labels(&self) -> bool {
        self.classes.from_labels
    }

    /// Whether nothing but a seed ([`Dataset::divided`]) says which of its images are to train on.
    #[must_use]
    pub fn is_undivided(&self) -> bool {
        self.source.is_undivided()
    }

    /// Reads a split, and no file that it does not need.
    ///
    /// `validation` is held out of the training file, `min(5,000, 10 %)` of it: the last images of MNIST's and
    /// Fashion-MNIST's; elsewhere the same share of every class, drawn with a fixed seed.
    ///
    /// # Errors
    /// A file is missing, damaged or of another kind; images and labels do not match; images are not of one shape, or not of the one
    /// that is asked for; the split is empty; the Hub cannot be reached.
    pub fn split(&self, name: SplitName) -> Result<Split, Error> {
        self.taken(name, self.load(self.part(name)?)?)
    }

    /// The part that a split is taken from.
    pub(crate) fn part(&self, name: SplitName) -> Result<Part, Error> {
        let is_there = match self.division {
            Division::Whole => name == SplitName::Test,
            Division::Seeded(_) => true,
            Division::HeldOut => name != SplitName::Train,
        };
        match self.is_undivided() {
            false => Ok(Part::of(name)),
            true if is_there => Ok(Part::Whole),
            true => Err(DatasetError::Undivided { path: self.name.clone() }.into()),
        }
    }

    /// A split out of its part.
    pub(crate) fn taken(&self, name: SplitName, mut part: Labelled) -> Result<Split, Error> {
        if let Some(mask) = self.mask(name, &part.labels) {
            part = part.select(&mask);
        }
        if part.labels.is_empty() {
            return Err(DatasetError::EmptySplit { dataset: self.name.clone(), split: name }.into());
        }
        Ok(Split::new(name, part))
    }

    /// Which images of the part that it is taken from a split has, unless it has all of them.
    fn mask(&self, name: SplitName, labels: &[u32]) -> Option<Vec<bool>> {
        match self.division {
            Division::Seeded(seed) if self.is_undivided() => {
                self.remark(format!(
                    "{}: divided by seed {seed} into 80 % to train on, 10 % for validation and 10 % for the test",
                    self.name
                ));
                Some(divide(labels, seed).into_iter().map(|split| split == name).collect())
            }
            Division::HeldOut if self.is_undivided() => {
                let held_out = self.holdout.mask(labels);
                let (count, all) = (held_out.iter().filter(|held_out| **held_out).count(), labels.len());
                self.remark(format!(
                    "{}: nothing in it is set apart for training: {count} of its {all} images are held out for validation, a tenth of each class, and the others are the test set",
                    self.name
                ));
                Some(held_out.into_iter().map(|held_out| held_out == (name == SplitName::Validation)).collect())
            }
            Division::Whole if self.is_undivided() => {
                self.remark(format!(
                    "{}: nothing in it is set apart for training, so all of it is the test set",
                    self.name
                ));
                None
            }
            _ if name == SplitName::Test => None,
            _ => {
                let held_out = self.holdout.mask(labels).into_iter();
                Some(held_out.map(|held_out| held_out == (name == SplitName::Validation)).collect())
            }
        }
    }

    /// The characters that were written, image by image as in [`Dataset::split`], where one label stands for two of them and
    /// a table `<name>-provenance.csv` beside the IDX files tells (columns `split`, `position`, `char`); else none.
    ///
    /// # Errors
    /// The table is damaged or is not of these images.
    pub fn characters(&self, name: SplitName) -> Result<Option<Vec<Option<char>>>, Error> {
        let Source::Files(Format::Idx(files)) = &self.source else { return Ok(None) };
        let Some(table) = files.path(&format!("{}-provenance.csv", self.name)) else { return Ok(None) };
        let table = File::read(&table)?;
        let mut characters = characters::characters(&table, name)?;
        let labels = self.load(Part::of(name))?.labels;
        if characters.len() != labels.len() {
            let found = format!("{} images of {name} where there are {}", characters.len(), labels.len());
            return Err(DatasetError::Provenance { path: table.path, line: 1, found }.into());
        }
        if let Some(mask) = self.mask(name, &labels) {
            let mut mask = mask.into_iter();
            characters.retain(|_| mask.next() == Some(true));
        }
        self.record(table.name(), table.sha256());
        Ok(Some(characters))
    }

    /// The SHA-256 in hexadecimal of every file that was read so far, by file name. Of a folder of pictures that of the pictures' names and
    /// hashes; of a file from the Hub, that of its pixels (upright), then its labels (from 0).
    #[must_use]
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What there is to be said of what was read so far, a line each: how classes are numbered, what was left out, what was not acted on.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A part, all of it.
    pub(crate) fn load(&self, part: Part) -> Result<Labelled, Error> {
        let known = self.known_shape.filter(|_| self.fit.sizing == Sizing::default());
        let fit = Fit { shape: self.fit.shape.or(known), ..self.fit };
        let Loaded { labelled, hashes, remarks } = self.source.load(part, self.class_names().len(), &fit)?;
        hashes.into_iter().for_each(|(file, hash)| self.record(file, hash));
        remarks.into_iter().for_each(|remark| self.remark(remark));
        Ok(labelled)
    }

    fn record(&self, file: String, hash: String) {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner).insert(file, hash);
    }

    fn remark(&self, remark: String) {
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
}
