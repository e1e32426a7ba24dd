//! `robust train`: train a network, keep it resumable, calibrate the detectors, measure it once on the test images.
//!
//! Under --out: `training-state.safetensors` and `train.csv` after every epoch, `model.safetensors` at the end. That is written twice: the
//! weights, so that nothing that follows can lose them, and the same with all that is known of them; then `train.json`, which vouches for
//! it and for `train.csv`; the state is removed last. After an
//! interruption in between, --resume does what comes after the last epoch. The test images are looked at then and decide nothing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use robust_data::{DatasetError, Reading, Split, SplitName};
use robust_detectors::Examples;
use serde_json::{Value, json};

use crate::checkpoint::{Checkpoint, Metadata};
use crate::cli::dataset;
use crate::cli::flags::number::positive;
use crate::cli::flags::{CommonFlags, NetworkFlags, RecipeFlags};
use crate::cli::interrupt::Advice;
use crate::cli::out::{Progress, note, say, tell};
use crate::cli::subject::{device, pool};
use crate::cli::usage::Usage;
use crate::evaluation::{Calibration, LeftOut};
use crate::files::{Output, write_csv};
use crate::finish::{finish, with_second};
use crate::training::{
    BatchLoss, Differentiate, EpochRecord, GraphDifferentiator, KernelDifferentiator, Provenance, Trainer,
    TrainingState,
};
use crate::words::counted;

const STATE: &str = "training-state.safetensors";
const MODEL: &str = "model.safetensors";
const HISTORY: &str = "train.csv";
/// What vouches for the two.
const SUMMARY: &str = "train.json";
/// Settings that a message names at most.
const MOST_NAMED: usize = 8;
/// Far above what trains well, far below what fills a memory.
const LARGEST_BATCH: usize = 4096;

#[derive(Debug, Args)]
pub(crate) struct TrainFlags {
    #[command(flatten)]
    pub(crate) common: CommonFlags,
    #[command(flatten)]
    pub(crate) recipe: RecipeFlags,
    #[command(flatten)]
    pub(crate) network: NetworkFlags,
    /// Train on the first N training images only
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Data")]
    pub(crate) limit: Option<usize>,
    /// Go on where an interrupted run in --out stopped
    #[arg(long, help_heading = "Training")]
    pub(crate) resume: bool,
    /// Folder for model.safetensors, train.csv and, while unfinished, training-state.safetensors
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Output")]
    pub(crate) out: PathBuf,
}

/// What to say of a training that is interrupted.
pub(crate) fn advice(flags: &TrainFlags) -> Advice {
    let resumed = flags.resume;
    Box::new(move |placed| {
        if resumed || !placed.is_empty() {
            "the same command with --resume goes on after the last epoch that was finished".into()
        } else {
            "no epoch was finished and nothing was written".into()
        }
    })
}

pub(crate) fn run(flags: &TrainFlags) -> Result<()> {
    let device = device(&flags.common.device)?;
    let pool = pool(flags.common.threads)?;
    let dataset = dataset::dataset(&flags.common)?.divided(flags.common.seed);
    let output = Output::new(&flags.out)?;
    let mut reading = Reading::of(&dataset);
    let train = reading.split(SplitName::Train)?.slice(0, flags.limit)?;
    let validation = reading.split(SplitName::Validation)?;
    let classes = dataset.class_names().len();
    if classes < 2 {
        bail!("every label of dataset '{}' is 0: expected labels of at least 2 classes to train on", dataset.name());
    }
    let provenance = Provenance {
        dataset: dataset.name().to_owned(),
        network: flags.network.spec(train.shape(), classes)?,
        images: train.len(),
        data_hashes: dataset.hashes(),
        threads: pool.current_num_threads(),
    };
    let state = starting_state(flags, provenance, &output)?;
    let test = test_images(reading, flags.common.quiet)?;
    dataset::remark_on(&dataset, flags.common.quiet);

    pool.install(|| {
        let (size, threads) = (state.configuration.batch_size, pool.current_num_threads());
        let kernels = || KernelDifferentiator::new(&state.parameters, size, threads);
        let differentiator: Box<dyn Differentiate> = match device.is_cpu().then(kernels).flatten() {
            Some(kernels) => Box::new(kernels),
            None => Box::new(GraphDifferentiator::new(device.clone())),
        };
        let mut trainer = Trainer::new(state, &train, &validation, differentiator, device.clone());
        if trainer.state().epochs_done() > 0 {
            write_history(trainer.state(), &output)?;
        }
        while !trainer.is_done() {
            let title =
                format!("epoch {} of {}", trainer.state().epochs_done() + 1, trainer.state().configuration.epochs);
            let progress = Progress::new(&title, train.len(), flags.common.quiet);
            let mut seen = 0;
            let record = trainer.epoch(&mut |sums| {
                progress.advance(sums.images - seen, running(sums));
                seen = sums.images;
            })?;
            drop(progress);
            trainer.state().write(&output.path(STATE))?;
            write_history(trainer.state(), &output)?;
            if !flags.common.quiet {
                tell(format_args!("{title}: {}", described(&record)));
            }
        }
        let state = trainer.state();
        let metadata = Metadata {
            dataset: dataset.name().to_owned(),
            class_names: dataset.class_names().to_vec(),
            training: training(state),
            seed: state.configuration.seed,
            data_hashes: dataset.hashes(),
            divided_by: dataset.is_undivided().then_some(flags.common.seed),
            ..Metadata::unknown(&state.provenance.network)
        };
        let model = output.path(MODEL);
        let bare = Checkpoint { parameters: state.parameters.clone(), metadata, calibration: Calibration::default() };
        bare.write(&model)?;
        let whole = if state.configuration.second {
            let progress = Progress::new("second network", Examples::EPOCHS * train.len(), flags.common.quiet);
            with_second(bare, &train, &mut |seen| progress.advance(seen, String::new()))
        } else {
            Ok(bare)
        };
        let finished = whole.and_then(|whole| finish(whole, &validation, test.as_ref(), &device));
        let (checkpoint, left_out) = finished.with_context(|| {
            format!("{} has its weights, but no calibration; try again with --resume", model.display())
        })?;
        for LeftOut { ids, reason } in &left_out {
            let (ids, images) = (ids.join(", "), validation.len());
            note(
                flags.common.quiet,
                format_args!(
                    "not calibrated on the {}: {ids} ({reason})",
                    counted(images, ["validation image", "validation images"])
                ),
            );
        }
        checkpoint.write(&model)?;
        let summary = json!({ "model": MODEL, "metadata": checkpoint.metadata, "history": state.history });
        let mut edition = output.edition();
        edition.take_up_as_it_is(MODEL)?;
        edition.take_up_as_it_is(HISTORY)?;
        edition.publish(SUMMARY, summary, &[])?;
        fs::remove_file(output.path(STATE)).context("the finished run's state cannot be removed")?;
        print_summary(&checkpoint, &trainer, &output, flags.common.json)
    })
}

/// `train.csv`, from the state, which lies there already: so whatever is interrupted, --resume has all of it.
fn write_history(state: &TrainingState, output: &Output) -> Result<()> {
    output.withdraw(&[SUMMARY])?;
    output.write(HISTORY, |file| write_csv::<EpochRecord>(&state.history, file))?;
    Ok(())
}

/// A fresh run, or the stored one under --resume.
fn starting_state(flags: &TrainFlags, provenance: Provenance, output: &Output) -> Result<TrainingState> {
    let configuration = flags.recipe.configuration(flags.common.seed);
    let path = output.path(STATE);
    if configuration.batch_size > LARGEST_BATCH {
        bail!(Usage(format!("--batch-size {} is too large; give at most {LARGEST_BATCH}", configuration.batch_size)));
    }
    if !flags.resume {
        if path.exists() {
            let message =
                "holds an unfinished run: go on with --resume, remove it, or choose another folder with --out";
            bail!(Usage(format!("{} {message}", path.display())));
        }
        return Ok(TrainingState::fresh(configuration, provenance));
    }
    if !path.exists() {
        bail!("there is no run to resume: {} is not there; train without --resume", path.display());
    }
    let state = TrainingState::read(&path)?;
    let differences = state.differences(&configuration, &provenance);
    if !differences.is_empty() {
        let named: Vec<String> = differences.iter().take(MOST_NAMED).map(ToString::to_string).collect();
        let more = match differences.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let what_to_do = "repeat its flags, or choose another folder with --out";
        bail!(Usage(format!("{} holds another run: {}{more}; {what_to_do}", path.display(), named.join("; "))));
    }
    Ok(state)
}

/// The test images; none of a dataset that comes without a test file.
fn test_images(mut reading: Reading<'_>, quiet: bool) -> Result<Option<Split>> {
    match reading.split(SplitName::Test) {
        Err(missing @ robust_data::Error::Dataset(DatasetError::MissingFile { .. })) => {
            note(quiet, format_args!("the network will not be measured on test images: {missing}"));
            Ok(None)
        }
        other => Ok(Some(other?)),
    }
}

/// How the network was trained, for the checkpoint; dataset, classes and hashes have fields of their own there.
fn training(state: &TrainingState) -> Value {
    let mut training = json!(state.configuration);
    training["images"] = json!(state.provenance.images);
    training["threads"] = json!(state.provenance.threads);
    training
}

/// What there is room for beside a bar; the line after an epoch says more.
fn running(sums: &BatchLoss) -> String {
    format!("accuracy {:.1} %", 100.0 * sums.correct as f64 / sums.images as f64)
}

fn described(record: &EpochRecord) -> String {
    let EpochRecord { loss, validation_accuracy, validation_reconstruction, .. } = record;
    let percent = 100.0 * validation_accuracy;
    format!("loss {loss:.4}, validation accuracy {percent:.2} %, reconstruction {validation_reconstruction:.3}")
}

fn print_summary(checkpoint: &Checkpoint, trainer: &Trainer, output: &Output, json: bool) -> Result<()> {
    let model = output.path(MODEL).display().to_string();
    let metadata = &checkpoint.metadata;
    if json {
        return say(json!({ "model": model, "metadata": metadata, "history": trainer.state().history }));
    }
    let last = trainer.state().history.last();
    let epochs = counted(trainer.state().epochs_done(), ["epoch", "epochs"]);
    say(format_args!("{} network after {epochs}", metadata.dataset))?;
    for (name, accuracy, reconstruction) in [
        ("validation", last.map(|r| r.validation_accuracy), last.map(|r| r.validation_reconstruction)),
        ("test", metadata.test_accuracy, metadata.test_reconstruction),
    ] {
        if let (Some(accuracy), Some(reconstruction)) = (accuracy, reconstruction) {
            say(format_args!(
                "  {name:<10}  accuracy {:.2} %, reconstruction error {reconstruction:.3}",
                100.0 * accuracy
            ))?;
        }
    }
    say(format_args!("  checkpoint  {model}"))
}
