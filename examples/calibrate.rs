//! Calibrates the detectors of a network anew and measures it on its test images, for example after a new detector came in or the weights
//! were changed outside of `robust`; `--half` first rounds all tensors of 2^18 values and more to f16 (of the paper's network two
//! matrices, nine tenths of its weights), which nearly halves the file.
//!
//! ```sh
//! cargo run --release --example calibrate -- data/pretrained/mnist.safetensors data/pretrained/mnist.safetensors --half
//! ```
//!
//! This is how the embedded networks became what they are after `robust train`. It decides nothing: fits and thresholds come from the clean
//! validation images, by rule.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use candle_core::Device;
use clap::Parser;
use robust::checkpoint::{Checkpoint, Metadata};
use robust::classes::class_names;
use robust::evaluation::LeftOut;
use robust::finish::{finish, with_second};
use robust_data::{Dataset, SplitName};

/// Calibrate the detectors of a network anew, and measure it on its test images
#[derive(Parser)]
struct Arguments {
    /// The checkpoint to read
    input: PathBuf,
    /// The checkpoint to write; may be the same file
    output: PathBuf,
    /// Round the two large matrices to half precision first
    #[arg(long)]
    half: bool,
    /// Train a second network beside it, for the detector `second-opinion`
    #[arg(long)]
    second: bool,
    /// Dataset that the network is for [default: the one that the checkpoint names]
    #[arg(long)]
    dataset: Option<String>,
    /// Folder that holds the dataset's files
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let Checkpoint { mut parameters, metadata, calibration } = Checkpoint::read(&arguments.input)?;
    let name = arguments.dataset.as_deref().unwrap_or(&metadata.dataset);
    let dataset = Dataset::open(name, arguments.data_dir.as_deref())?;
    let class_names = class_names(&metadata, &dataset)?.to_vec();
    if arguments.half {
        parameters = parameters.with_half_matrices();
        let finite = parameters.values().iter().all(|value| value.is_finite());
        ensure!(finite, "{}: a weight is too large for half precision", arguments.input.display());
    }
    let (before, known) = ([metadata.test_accuracy, metadata.test_reconstruction], metadata.data_hashes.clone());
    let (validation, test) = (dataset.split(SplitName::Validation)?, dataset.split(SplitName::Test)?);
    let hashes = dataset.hashes();
    ensure!(
        known.iter().all(|(file, hash)| hashes.get(file).is_none_or(|found| found == hash)),
        "the files of '{}' are not those that the network was trained on",
        dataset.name()
    );
    let metadata = Metadata { dataset: dataset.name().to_owned(), class_names, data_hashes: hashes, ..metadata };
    let mut checkpoint = Checkpoint { parameters, metadata, calibration };
    if arguments.second {
        checkpoint = with_second(checkpoint, &dataset.split(SplitName::Train)?, &mut |_| ())?;
    }
    let (checkpoint, left_out) = finish(checkpoint, &validation, Some(&test), &Device::Cpu)?;
    for LeftOut { ids, reason } in left_out {
        println!("not calibrated: {} ({reason})", ids.join(", "));
    }
    checkpoint.write(&arguments.output)?;
    let after = [checkpoint.metadata.test_accuracy, checkpoint.metadata.test_reconstruction];
    for (figure, (before, after)) in ["test accuracy", "test reconstruction error"].iter().zip(before.iter().zip(after))
    {
        println!("{figure}  {} before, {} now", number(*before), number(after));
    }
    Ok(())
}

fn number(value: Option<f64>) -> String {
    value.map_or("unknown".to_owned(), |value| value.to_string())
}
