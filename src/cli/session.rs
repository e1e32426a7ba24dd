//! [`Session`]: a network in front of images, the checked form of the flags that name them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use anyhow::{Result, anyhow, bail, ensure};
use robust_attacks::{ImageShape, Model};
use robust_data::{Dataset, DatasetError, Split, SplitName, datasets, sha256};
use robust_networks::StyleMemory;

use super::flags::names::meant;
use super::flags::{CommonFlags, ImageFlags, SubjectFlags};
use super::out::note;
use super::subject::{NetworkFile, Subject, model_bytes};
use crate::checkpoint::{Checkpoint, Metadata};
use crate::classes::class_names;
use crate::evaluation::{Images, RunInfo};

/// A network in front of images.
pub(crate) struct Session {
    pub(crate) subject: Subject,
    pub(crate) dataset: Dataset,
    pub(crate) seed: u64,
    /// What the network's classes are called, `K` names.
    pub(crate) class_names: Vec<String>,
    /// The images under test.
    pub(crate) split: Split,
    /// Whether they are all of the split that the flags name, not a part of it in its order.
    pub(crate) is_whole: bool,
    info: RunInfo,
}

impl Session {
    /// Loads the network and the images that the flags name.
    pub(crate) fn open(flags: &SubjectFlags) -> Result<Self> {
        Self::of(&flags.common, &flags.images, flags.batch_size)
    }

    /// The same, with at most so many images per thread at once.
    pub(crate) fn of(common: &CommonFlags, images: &ImageFlags, batch_size: usize) -> Result<Self> {
        let dataset = dataset(common)?;
        let file = NetworkFile::read(common, &images.model)?;
        let (metadata, shape) = (file.checkpoint.metadata.clone(), file.shape());
        let class_names = class_names(&metadata, &dataset)?.to_vec();
        let (subject, read) = thread::scope(|scope| {
            let read = scope.spawn(|| read_for(&metadata, shape, dataset, common, images.split));
            (Subject::of(file, common, batch_size), read.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (subject, (dataset, whole)) = (subject?, read?);
        let in_all = whole.len();
        let split = whole.slice(images.offset, images.limit)?;
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION"),
            model: subject.name.clone(),
            model_sha256: subject.sha256.clone(),
            dataset: dataset.name().to_owned(),
            split: images.split.to_string(),
            shape: [shape.channels, shape.height, shape.width],
            resize: common.resize.map(|resize| resize.to_string()),
            crop: common.crop.map(|crop| crop.0),
            classes: class_names.clone(),
            data_sha256: BTreeMap::new(),
            offset: images.offset,
            images: split.len(),
            batch_size,
            threads: subject.pool.current_num_threads(),
            seed: common.seed,
            device: common.device.clone(),
        };
        Ok(Self { subject, dataset, seed: common.seed, class_names, is_whole: split.len() == in_all, split, info })
    }

    /// Another network for the same images, to judge in place of the session's own.
    pub(crate) fn judge(&self, name: &str) -> Result<Judge> {
        let (name, bytes) = model_bytes(Some(name), self.dataset.name(), "--transfer-to")?;
        let checkpoint = Checkpoint::from_bytes(&name, &bytes)?;
        let (found, classes) = (checkpoint.metadata.classes, self.class_names.len());
        if found != classes {
            let attacked = &self.subject.name;
            bail!("--transfer-to {name}: it tells {found} classes apart and {attacked}, which is attacked, {classes}");
        }
        let network = StyleMemory::new(&checkpoint.parameters, &self.subject.device)?;
        let (found, taken, attacked) = (network.signature().shape, self.shape(), &self.subject.name);
        ensure!(
            found == taken,
            "--transfer-to {name}: it takes images of {found} and {attacked}, which is attacked, {taken}"
        );
        Ok(Judge { sha256: sha256(&bytes), name, network, own_accuracy: checkpoint.metadata.test_accuracy })
    }

    /// The shape of the images that the network takes.
    pub(crate) fn shape(&self) -> ImageShape {
        self.subject.network.signature().shape
    }

    /// The images that detectors are calibrated on.
    pub(crate) fn validation(&self) -> Result<Split> {
        Ok(self.dataset.split(SplitName::Validation)?)
    }

    /// The configuration for a summary.
    pub(crate) fn info(&self) -> RunInfo {
        RunInfo { data_sha256: self.dataset.hashes(), ..self.info.clone() }
    }

    /// Some of them.
    pub(crate) fn images(&self, range: Range<usize>) -> Result<Images> {
        Ok(Images {
            x: self.split.image_tensor(range.clone(), &self.subject.device)?,
            labels: self.split.labels()[range.clone()].to_vec(),
            indices: self.split.indices()[range].to_vec(),
        })
    }

    /// Says on stderr what there is to be said of the dataset, and which classes are missing among the images, unless that is not wanted.
    pub(crate) fn remark(&self) {
        remark_on(&self.dataset, self.subject.quiet);
        let names = &self.class_names;
        let missing: Vec<&str> = (0..names.len())
            .filter(|&class| !self.split.labels().contains(&(class as u32)))
            .map(|class| names[class].as_str())
            .collect();
        if !missing.is_empty() {
            let (missing, images) = (missing.join(", "), self.split.len());
            note(self.subject.quiet, format_args!("no image of class {missing} among the {images} chosen"));
        }
    }
}

/// A network that only says what it sees.
pub(crate) struct Judge {
    /// Name of the network or path of its file.
    pub(crate) name: String,
    /// SHA-256 of its checkpoint.
    pub(crate) sha256: String,
    pub(crate) network: StyleMemory,
    /// Share of test images that its checkpoint says it classifies correctly.
    pub(crate) own_accuracy: Option<f64>,
}

/// A split of the dataset, its images of a network's shape, and the dataset as it was read. One that nothing but a seed divides is divided
/// as the network says that it was when it learned from it; the images of another dataset of that name are all for the test.
pub(crate) fn read_for(
    network: &Metadata,
    shape: robust_data::ImageShape,
    found: Dataset,
    common: &CommonFlags,
    split: SplitName,
) -> Result<(Dataset, Split)> {
    let found = match network.divided_by {
        Some(seed) if found.is_undivided() && found.name() == network.dataset => {
            let divided = found.for_shape(shape).divided(seed);
            if let Ok(images) = divided.split(split)
                && divided.hashes() == network.data_hashes
            {
                return Ok((divided, images));
            }
            dataset(common)?
        }
        _ => found,
    };
    let found = found.for_shape(shape);
    let images = found.split(split)?;
    Ok((found, images))
}

/// Says on stderr what there is to be said of what was read of a dataset.
pub(crate) fn remark_on(dataset: &Dataset, quiet: bool) {
    dataset.remarks().iter().for_each(|remark| note(quiet, remark));
}

/// The dataset that the flags name.
pub(crate) fn dataset(flags: &CommonFlags) -> Result<Dataset> {
    let dataset = Dataset::open(flags.dataset(), flags.data_dir.as_deref());
    dataset.map(|dataset| dataset.sized(flags.sizing())).map_err(|error| match error {
        robust_data::Error::Dataset(DatasetError::UnknownDataset { ref name, .. }) => {
            anyhow!("--dataset: {error}{}", meant(name, datasets().iter().map(|info| info.id)))
        }
        error => error.into(),
    })
}
