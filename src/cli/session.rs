//! The checked form of the flags that all commands share: network, images, threads, device.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use anyhow::{Context, Error, Result, anyhow, bail};
use candle_core::Device;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use robust_attacks::Error as AttackError;
use robust_data::{Dataset, DatasetError, Split, datasets, pretrained, sha256};
use robust_detectors::Error as DetectorError;

use super::batches::batches;
use super::failure::Usage;
use super::flags::{CommonFlags, ImageFlags, SubjectFlags};
use super::names::meant;
use super::say::note;
use crate::campaign::Images;
use crate::checkpoint::Checkpoint;
use crate::classes::class_names;
use crate::report::RunInfo;
use robust_networks::StyleMemory;

/// A network, ready to run.
pub(super) struct Subject {
    /// Name of the network or path of its file.
    pub(super) name: String,
    /// SHA-256 of its checkpoint.
    pub(super) sha256: String,
    pub(super) checkpoint: Checkpoint,
    pub(super) network: StyleMemory,
    pub(super) device: Device,
    pub(super) pool: ThreadPool,
    /// The most images that a thread takes at once.
    batch_size: usize,
}

impl Subject {
    /// Loads the network that the flags name.
    pub(super) fn load(common: &CommonFlags, model: Option<&str>, batch_size: usize) -> Result<Self> {
        let device = device(&common.device)?;
        let pool = pool(common)?;
        let (name, bytes) = model_bytes(model, &common.dataset, "--model")?;
        let checkpoint = Checkpoint::from_bytes(&name, &bytes)?;
        let (network, sha256) = pool.join(|| StyleMemory::new(&checkpoint.parameters, &device), || sha256(&bytes));
        Ok(Self { name, sha256, network: network?, checkpoint, device, pool, batch_size })
    }

    /// Does `work` on `images` images in batches, on the command's threads; the results are in order.
    pub(super) fn each_batch<T: Send>(
        &self,
        images: usize,
        work: impl Fn(Range<usize>) -> Result<T> + Sync + Send,
    ) -> Result<Vec<T>> {
        // One at a time: a thread that has nothing left to do takes over what another has not begun.
        let work = |range| work(range).map_err(|error| self.named(error));
        self.pool.install(|| self.batches(images).into_par_iter().with_max_len(1).map(work).collect())
    }

    /// An error that is the network's fault, with its name.
    pub(super) fn named(&self, error: Error) -> Error {
        let of_detection = matches!(
            error.downcast_ref::<DetectorError>(),
            Some(DetectorError::Value { .. } | DetectorError::Shape { .. } | DetectorError::Model { .. })
        );
        let of_attack = matches!(
            error.downcast_ref::<AttackError>(),
            Some(AttackError::LogitsNotFinite { .. } | AttackError::Logits { .. } | AttackError::Candle(_))
        );
        if of_detection || of_attack { error.context(format!("network {}", self.name)) } else { error }
    }

    /// The batches that so many images are worked on in, in order.
    pub(super) fn batches(&self, images: usize) -> Vec<Range<usize>> {
        batches(images, self.batch_size, self.pool.current_num_threads())
    }
}

/// A network in front of images.
pub(super) struct Session {
    pub(super) subject: Subject,
    pub(super) dataset: Dataset,
    pub(super) seed: u64,
    class_names: Vec<String>,
    split: Split,
    is_whole: bool,
    info: RunInfo,
}

impl Session {
    /// Loads the network and the images that the flags name.
    pub(super) fn open(flags: &SubjectFlags) -> Result<Self> {
        Self::of(&flags.common, &flags.images, flags.batch_size)
    }

    /// The same, with at most so many images per thread at once.
    pub(super) fn of(common: &CommonFlags, images: &ImageFlags, batch_size: usize) -> Result<Self> {
        let dataset = dataset(common)?;
        let (subject, split) = thread::scope(|scope| {
            let split = scope.spawn(|| dataset.split(images.split));
            (
                Subject::load(common, images.model.as_deref(), batch_size),
                split.join().unwrap_or_else(|panic| resume_unwind(panic)),
            )
        });
        let subject = subject?;
        let class_names = class_names(&subject.checkpoint.metadata, &dataset)?.to_vec();
        let whole = split?;
        let in_all = whole.len();
        let split = whole.slice(images.offset, images.limit)?;
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION"),
            model: subject.name.clone(),
            model_sha256: subject.sha256.clone(),
            dataset: dataset.name().to_owned(),
            split: images.split.to_string(),
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
    pub(super) fn judge(&self, name: &str) -> Result<Judge> {
        let (name, bytes) = model_bytes(Some(name), self.dataset.name(), "--transfer-to")?;
        let checkpoint = Checkpoint::from_bytes(&name, &bytes)?;
        let (found, classes) = (checkpoint.metadata.classes, self.class_names.len());
        if found != classes {
            let attacked = &self.subject.name;
            bail!("--transfer-to {name}: it tells {found} classes apart and {attacked}, which is attacked, {classes}");
        }
        let network = StyleMemory::new(&checkpoint.parameters, &self.subject.device)?;
        Ok(Judge { sha256: sha256(&bytes), name, network, own_accuracy: checkpoint.metadata.test_accuracy })
    }

    /// What the network's classes are called, `K` names.
    pub(super) fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The images under test.
    pub(super) fn split(&self) -> &Split {
        &self.split
    }

    /// Whether they are all of the split that the flags name, not a part of it in its order.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The configuration for a summary.
    pub(super) fn info(&self) -> RunInfo {
        RunInfo { data_sha256: self.dataset.hashes(), ..self.info.clone() }
    }

    /// Some of them.
    pub(super) fn images(&self, range: Range<usize>) -> Result<Images> {
        Ok(Images {
            x: self.split.image_tensor(range.clone(), &self.subject.device)?,
            labels: self.split.labels()[range.clone()].to_vec(),
            indices: self.split.indices()[range].to_vec(),
        })
    }

    /// Says on stderr which classes are missing among the images, unless `quiet`.
    pub(super) fn remark(&self, quiet: bool) {
        let names = &self.class_names;
        let missing: Vec<&str> = (0..names.len())
            .filter(|&class| !self.split.labels().contains(&(class as u32)))
            .map(|class| names[class].as_str())
            .collect();
        if !missing.is_empty() {
            note(quiet, format_args!("no image of class {} among the {} chosen", missing.join(", "), self.split.len()));
        }
    }
}

/// A network that only says what it sees.
pub(super) struct Judge {
    /// Name of the network or path of its file.
    pub(super) name: String,
    /// SHA-256 of its checkpoint.
    pub(super) sha256: String,
    pub(super) network: StyleMemory,
    /// Share of test images that its checkpoint says it classifies correctly.
    pub(super) own_accuracy: Option<f64>,
}

/// The thread pool that all work of a command runs in.
pub(super) fn pool(flags: &CommonFlags) -> Result<ThreadPool> {
    let threads = flags.threads.unwrap_or(0);
    if threads > 1024 {
        return Err(Usage(format!("--threads {threads} is too many; give at most 1024")).into());
    }
    ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start the worker threads")
}

/// The device that `name` stands for.
pub(super) fn device(name: &str) -> Result<Device> {
    let (kind, ordinal) = name.split_once(':').unwrap_or((name, "0"));
    let ordinal = ordinal.parse().with_context(|| format!("--device {name}"))?;
    let device = match kind {
        "cuda" => Device::new_cuda(ordinal),
        "metal" => Device::new_metal(ordinal),
        _ => return Ok(Device::Cpu),
    };
    device.with_context(|| format!("--device {name} cannot be used; try cpu"))
}

/// The dataset that the flags name.
pub(super) fn dataset(flags: &CommonFlags) -> Result<Dataset> {
    let dataset = Dataset::open(&flags.dataset, flags.data_dir.as_deref());
    dataset.map_err(|error| match error {
        robust_data::Error::Dataset(DatasetError::UnknownDataset { ref name, .. }) => {
            anyhow!("--dataset: {error}{}", meant(name, datasets().iter().map(|info| info.id)))
        }
        error => error.into(),
    })
}

/// A short name for the network that a flag names, and its bytes.
fn model_bytes(model: Option<&str>, dataset: &str, flag: &str) -> Result<(String, Cow<'static, [u8]>)> {
    let name = model.unwrap_or(dataset);
    if let Some(bytes) = pretrained::pretrained(name) {
        return Ok((name.to_owned(), bytes.into()));
    }
    match model {
        Some(file) => {
            let names = pretrained::names().collect::<Vec<_>>().join(", ");
            if !Path::new(file).exists() {
                let meant = meant(file, pretrained::names());
                bail!("{flag} {file} is neither a file nor an embedded network ({names}){meant}");
            }
            let bytes = Checkpoint::read_bytes(Path::new(file))
                .with_context(|| format!("{flag} {file} is no embedded network ({names})"))?;
            Ok((file.to_owned(), bytes.into()))
        }
        None => Err(Usage(format!("no network for dataset '{dataset}' is embedded; give one with --model")).into()),
    }
}
