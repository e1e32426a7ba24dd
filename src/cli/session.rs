//! [`Session`]: a network in front of images, the checked form of the flags that name them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use robust_attacks::{ImageShape, Model};
use robust_data::{Dataset, Split, SplitName};
use robust_networks::kernels::Isa;

use super::dataset::{dataset, named_validation, read_for, remark_on};
use super::flags::{CommonFlags, ImageFlags, SubjectFlags};
use super::network_file::NetworkFile;
use super::out::note;
use super::own::{Relabelling, check_answers};
use super::subject::Subject;
use super::usage::Usage;
use crate::classes::{ClassesError, class_names};
use crate::evaluation::{Images, NamedImages, Purification, RunInfo, Shard};
use crate::report::JudgeSummary;

/// A network in front of images.
pub(crate) struct Session {
    pub(crate) subject: Subject,
    pub(crate) dataset: Dataset,
    pub(crate) seed: u64,
    /// What the network's classes are called, `K` names.
    pub(crate) class_names: Vec<String>,
    /// Which class of the network each label of the dataset is, where that is not the same number.
    relabelling: Option<Relabelling>,
    /// The images under test.
    pub(crate) split: Split,
    /// All that the flags choose, where those under test are a shard of them.
    all: Option<Split>,
    /// Whether the flags choose all of the split, not a part of it in its order.
    pub(crate) is_whole: bool,
    /// The images that detectors are calibrated on, once they are read: those that `--validation` names, or the dataset's.
    validation: OnceLock<Split>,
    info: RunInfo,
}

impl Session {
    /// Loads the network and the images that the flags name.
    pub(crate) fn open(flags: &SubjectFlags, shard: Option<Shard>) -> Result<Self> {
        Self::of(&flags.common, &flags.images, flags.batch_size, shard)
    }

    /// The same, with at most so many images per thread at once.
    pub(crate) fn of(
        common: &CommonFlags,
        images: &ImageFlags,
        batch_size: usize,
        shard: Option<Shard>,
    ) -> Result<Self> {
        if images.model.is_onnx() && !common.names_dataset() {
            let found = images.model.model.as_deref().unwrap_or_default();
            let trouble = "an ONNX file does not say which images it is for; name them with --dataset";
            return Err(Usage(format!("--model {found}: {trouble}")).into());
        }
        let found = dataset(common)?;
        let file = NetworkFile::read(common, &images.model)?;
        let is_divided_here = file.lowered().is_some() && images.validation.is_none();
        let dataset = if is_divided_here { found.held_out() } else { found };
        let (metadata, shape) = (file.metadata(), file.shape());
        let relabelling = Relabelling::of(&file, &dataset)?;
        let class_names = match &relabelling {
            Some(_) => metadata.class_names.clone(),
            None => class_names(&metadata, &dataset).map_err(|error| advised(error, &file))?.to_vec(),
        };
        let (subject, read) = thread::scope(|scope| {
            let read = scope.spawn(|| read_for(&metadata, shape, dataset, common, images.split));
            (Subject::of(&file, common, batch_size), read.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let (subject, (dataset, whole)) = (subject?.calibrated_on(images.validation.as_deref()), read?);
        let whole = relabelled(whole, relabelling.as_ref())?;
        let in_all = whole.len();
        let chosen = whole.slice(images.offset, images.limit)?;
        let chosen = if let Some(most) = images.spread { chosen.sample(most) } else { chosen };
        let is_whole = chosen.len() == in_all;
        let (split, all) = match shard {
            Some(shard) => (chosen.every(shard.count(), shard.number() - 1), Some(chosen)),
            None => (chosen, None),
        };
        let named = images.validation.as_deref().map(|named| validation_for(named, &file, class_names.len(), common));
        let (named, validation) = named.transpose()?.unzip();
        if let Some(NamedImages { dataset: path, split: part, data_sha256 }) = &named
            && *part == images.split.to_string()
            && *data_sha256 == dataset.hashes()
        {
            let trouble = "these are the images under test, and none of them may decide on thresholds; name others";
            return Err(Usage(format!("--validation {path}: {trouble}")).into());
        }
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: subject.name.clone(),
            model_sha256: subject.sha256.clone(),
            purify: None,
            model_settings: subject.own.as_ref().map(|own| own.settings.clone()),
            dataset: dataset.name().to_owned(),
            split: images.split.to_string(),
            shape: [shape.channels, shape.height, shape.width],
            resize: common.resize.map(|resize| resize.to_string()),
            crop: common.crop.map(|crop| crop.0),
            classes: class_names.clone(),
            data_sha256: BTreeMap::new(),
            validation: named,
            offset: images.offset,
            spread: images.spread,
            images: split.len(),
            batch_size,
            threads: subject.pool.current_num_threads(),
            seed: common.seed,
            device: common.device.clone(),
            shard,
            instruction_sets: shard.map(|_| Isa::detect().to_string()).into_iter().collect(),
        };
        let validation = validation.map_or_else(OnceLock::new, OnceLock::from);
        let seed = common.seed;
        let session = Self { subject, dataset, seed, class_names, relabelling, is_whole, split, all, validation, info };
        if let Some(own) = &session.subject.own {
            own.notes.iter().for_each(|remark| note(session.subject.quiet, remark));
        }
        if file.lowered().is_some() && !images.model.force {
            check_answers(&session.subject, &file, session.validation(), &session.class_names)?;
        }
        Ok(session)
    }

    /// Another network for the same images, to judge in place of the session's own.
    pub(crate) fn judge(&self, name: &str, flags: &SubjectFlags) -> Result<Judge<'static>> {
        let file = NetworkFile::named(&flags.common, &flags.images.model, Some(name), "--transfer-to")?;
        let (metadata, name) = (file.metadata(), file.name.clone());
        let (found, classes) = (metadata.classes, self.class_names.len());
        if found != classes {
            let attacked = &self.subject.name;
            bail!("--transfer-to {name}: it tells {found} classes apart and {attacked}, which is attacked, {classes}");
        }
        let (network, _) = file.network(&self.subject.device)?;
        let (found, taken, attacked) = (network.signature().shape, self.shape(), &self.subject.name);
        ensure!(
            found == taken,
            "--transfer-to {name}: it takes images of {found} and {attacked}, which is attacked, {taken}"
        );
        Ok(Judge { sha256: file.sha256()?, name, network: Box::new(network), own_accuracy: metadata.test_accuracy })
    }

    /// Notes that the network sees purified images.
    pub(crate) fn note_purification(&mut self, purification: Purification) {
        self.info.purify = Some(purification);
    }

    /// The shape of the images that the network takes.
    pub(crate) fn shape(&self) -> ImageShape {
        self.subject.network.signature().shape
    }

    /// The network that says what the clean images are: the one attacked, unless another judges.
    pub(crate) fn judging(&self, judge: Option<&Judge>) -> JudgeSummary {
        match judge {
            Some(Judge { name, sha256, own_accuracy, .. }) => JudgeSummary {
                name: name.clone(),
                sha256: sha256.clone(),
                is_another: true,
                own_accuracy: *own_accuracy,
            },
            None => JudgeSummary {
                name: self.subject.name.clone(),
                sha256: self.subject.sha256.clone(),
                is_another: false,
                own_accuracy: self.subject.metadata.test_accuracy,
            },
        }
    }

    /// The images that detectors are calibrated on.
    pub(crate) fn validation(&self) -> Result<Split> {
        if let Some(images) = self.validation.get() {
            return Ok(images.clone());
        }
        let images = self.dataset.split(SplitName::Validation);
        let images = images.with_context(|| format!("validation images of {}", self.dataset.name()))?;
        let images = relabelled(images, self.relabelling.as_ref())?;
        Ok(self.validation.get_or_init(|| images).clone())
    }

    /// Leaves at most so many of the images under test, spread over all.
    pub(crate) fn reduce_to(&mut self, most: usize) {
        let few = self.split.sample(most);
        let all = std::mem::replace(&mut self.split, few);
        self.all.get_or_insert(all);
    }

    /// All images that the flags choose: those under test, or the ones that shards are dealt from.
    pub(crate) fn all(&self) -> &Split {
        self.all.as_ref().unwrap_or(&self.split)
    }

    /// The part of them that is under test, if it is one.
    pub(crate) fn shard(&self) -> Option<Shard> {
        self.info.shard
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
        let (names, all) = (&self.class_names, self.all());
        let missing: Vec<&str> = (0..names.len())
            .filter(|&class| !all.labels().contains(&(class as u32)))
            .map(|class| names[class].as_str())
            .collect();
        if !missing.is_empty() {
            let (missing, images) = (missing.join(", "), all.len());
            let is_part = !self.is_whole && self.info.spread.is_none();
            let more = if is_part { "; --spread N takes some of the whole file" } else { "" };
            note(self.subject.quiet, format_args!("no image of class {missing} among the {images} chosen{more}"));
        }
    }
}

/// A network that only says what it sees.
pub(crate) struct Judge<'a> {
    /// Name of the network or path of its file.
    pub(crate) name: String,
    /// SHA-256 of its checkpoint.
    pub(crate) sha256: String,
    pub(crate) network: Box<dyn Model + 'a>,
    /// Share of test images that its checkpoint says it classifies correctly.
    pub(crate) own_accuracy: Option<f64>,
}

/// The images with the network's labels.
fn relabelled(images: Split, relabelling: Option<&Relabelling>) -> Result<Split> {
    match relabelling {
        Some(relabelling) => Ok(images.relabelled(&relabelling.classes)?),
        None => Ok(images),
    }
}

/// The images that `--validation` names, with the labels of a network of so many classes.
pub(crate) fn validation_for(
    named: &str,
    file: &NetworkFile,
    classes: usize,
    common: &CommonFlags,
) -> Result<(NamedImages, Split)> {
    let (dataset, images) = named_validation(named, file.shape(), common)?;
    let found = dataset.class_names().len();
    ensure!(found <= classes, "--validation {named}: it has {found} classes, and the network knows {classes}");
    let images = relabelled(images, Relabelling::of(file, &dataset)?.as_ref())?;
    let (split, data_sha256) = (images.name().to_string(), dataset.hashes());
    Ok((NamedImages { dataset: dataset.name().to_owned(), split, data_sha256 }, images))
}

/// With what finds out which classes somebody's own network knows.
fn advised(error: ClassesError, file: &NetworkFile) -> Error {
    match file.lowered() {
        Some(_) => {
            anyhow!("{}: {error}; `robust inspect` finds out which classes it knows, and --save keeps it", file.name)
        }
        None => error.into(),
    }
}
