//! [`Subject`]: a network, with the device and the threads that it runs on.

use std::ops::Range;

use anyhow::{Context, Error, Result};
use candle_core::Device;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use robust_attacks::Error as AttackError;
use robust_data::allotted_memory;
use robust_detectors::Error as DetectorError;
use robust_networks::StyleMemory;

use super::flags::CommonFlags;
use super::network_file::{NetworkFile, Own};
use super::usage::Usage;
use crate::checkpoint::Metadata;
use crate::evaluation::Calibration;
use crate::network::Network;

/// Bytes that all threads together may hold of the values of somebody's own network, or half of what is allotted to the process, if that is
/// less; it takes fewer images at once then, and no fewer than one.
const HELD: usize = 2 << 30;

/// A network, ready to run.
pub(crate) struct Subject {
    /// Name of the network or path of its file.
    pub(crate) name: String,
    /// SHA-256 of its file.
    pub(crate) sha256: String,
    /// What is known of it.
    pub(crate) metadata: Metadata,
    /// What its file holds of detectors.
    pub(crate) calibration: Calibration,
    pub(crate) network: Network,
    /// What is known of an ONNX file's network alone.
    pub(crate) own: Option<Own>,
    pub(crate) device: Device,
    pub(crate) pool: ThreadPool,
    /// Whether thresholds are to come from images that the user names.
    pub(crate) is_validation_named: bool,
    /// Whether remarks and progress are not wanted.
    pub(crate) quiet: bool,
    /// The most images that a thread takes at once.
    batch_size: usize,
}

impl Subject {
    /// Makes the network of `file` ready, with at most so many images per thread at once.
    pub(crate) fn of(file: &NetworkFile, common: &CommonFlags, batch_size: usize) -> Result<Self> {
        let (device, pool) = (device(&common.device)?, pool(common.threads)?);
        let (name, metadata, own) = (file.name.clone(), file.metadata(), file.own());
        let ((network, calibration), sha256) = {
            let (made, sha256) = pool.join(|| file.network(&device), || file.sha256());
            (made?, sha256?)
        };
        let held = allotted_memory().map_or(HELD, |bytes| HELD.min((bytes / 2) as usize));
        let batch_size = match network.bytes_per_image() {
            Some(bytes) => batch_size.min(held / bytes.max(1) / pool.current_num_threads()).max(1),
            None => batch_size,
        };
        let network = network.in_chunks_of(batch_size);
        // Of a larger batch all would go to the logits before the first goes back, and find its values no longer in a cache.
        let batch_size = network.chunk().unwrap_or(batch_size);
        let (quiet, is_validation_named) = (common.quiet, false);
        Ok(Self {
            name,
            sha256,
            metadata,
            calibration,
            network,
            own,
            device,
            pool,
            is_validation_named,
            quiet,
            batch_size,
        })
    }

    /// Without what it knows of validation images, if others are `named`.
    pub(crate) fn calibrated_on(mut self, named: Option<&str>) -> Self {
        if named.is_some() {
            (self.is_validation_named, self.calibration) = (true, self.calibration.of_trained());
        }
        self
    }

    /// The network as one that draws, for a command that shows drawings.
    ///
    /// # Errors
    /// The network does not draw.
    pub(crate) fn drawing(&self, command: &str) -> Result<&StyleMemory> {
        let network = self.network.style_memory();
        network
            .with_context(|| format!("{command} needs a network that draws, and {} is a classifier alone", self.name))
    }

    /// Does `work` on `images` images in batches, on the command's threads; the results are in order.
    pub(crate) fn each_batch<T: Send>(
        &self,
        images: usize,
        work: impl Fn(Range<usize>) -> Result<T> + Sync + Send,
    ) -> Result<Vec<T>> {
        // One at a time: a thread that has nothing left to do takes over what another has not begun.
        let work = |range| work(range).map_err(|error| self.named(error));
        self.pool.install(|| self.batches(images).into_par_iter().with_max_len(1).map(work).collect())
    }

    /// An error that is the network's fault, with its name.
    pub(crate) fn named(&self, error: Error) -> Error {
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
    pub(crate) fn batches(&self, images: usize) -> Vec<Range<usize>> {
        batches(images, self.batch_size, self.pool.current_num_threads())
    }
}

/// The thread pool that all work of a command runs in.
pub(crate) fn pool(threads: Option<usize>) -> Result<ThreadPool> {
    let threads = threads.unwrap_or(0);
    if threads > 1024 {
        return Err(Usage(format!("--threads {threads} is too many; give at most 1024")).into());
    }
    ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start the worker threads")
}

/// The device that `name` stands for.
pub(crate) fn device(name: &str) -> Result<Device> {
    let (kind, ordinal) = name.split_once(':').unwrap_or((name, "0"));
    let ordinal = ordinal.parse().with_context(|| format!("--device {name}"))?;
    let device = match kind {
        "cuda" => Device::new_cuda(ordinal),
        "metal" => Device::new_metal(ordinal),
        _ => return Ok(Device::Cpu),
    };
    device.with_context(|| format!("--device {name} cannot be used; try cpu"))
}

/// `0..len` in batches of at most `most` images: of one size, give or take an image, and as many for each of so many
/// threads, so that all threads are done at the same time, with few images as with many.
fn batches(len: usize, most: usize, threads: usize) -> Vec<Range<usize>> {
    let count = len.div_ceil(most).next_multiple_of(threads).min(len);
    (0..count).map(|batch| batch * len / count..(batch + 1) * len / count).collect()
}

#[cfg(test)]
mod tests {
    use super::batches;

    #[test]
    fn batches_are_even_and_as_many_for_each_thread() {
        for (len, most, threads, expected) in [
            (100, 64, 2, vec![50, 50]),
            (130, 64, 2, vec![32, 33, 32, 33]),
            (130, 64, 1, vec![43, 43, 44]),
            (3, 64, 8, vec![1, 1, 1]),
            (5, usize::MAX, 1, vec![5]),
            (0, 64, 2, vec![]),
        ] {
            let sizes: Vec<usize> = batches(len, most, threads).iter().map(ExactSizeIterator::len).collect();
            assert_eq!(sizes, expected, "{len} images, at most {most}, {threads} threads");
        }
        for (len, most, threads) in [(1000, 64, 2), (10_000, 64, 3), (55_000, 64, 7), (1_000_000, 1, 1024), (7, 2, 3)] {
            let batches = batches(len, most, threads);
            assert!(batches.iter().all(|batch| (1..=most).contains(&batch.len())));
            assert!(batches.iter().flat_map(Clone::clone).eq(0..len), "every image once, in order");
            assert!(batches.len().is_multiple_of(threads) || batches.len() == len);
        }
    }
}
