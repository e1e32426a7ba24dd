//! `robust export --vnnlib RUN`: the images of a run that no attack within an epsilon fooled, as boxes for a verifier, which may prove what attacks
//! cannot: that nothing fools the network there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use robust_data::{ImageShape, Images, read_file};
use robust_detectors::Status;
use robust_networks::Preprocessing;
use robust_networks::onnx::Channels;
use serde::Deserialize;
use serde_json::Value;

use crate::cli::finished::{read_images, read_rows};
use crate::cli::out::say;
use crate::evaluation::AttackRow;
use crate::files::{ATTACK_ROWS, ATTACK_SUMMARY, CLEAN, Files, Found, Hashes, Output};
use crate::onnx_file::OnnxFile;
use crate::report::MAX_SUMMARY_BYTES;
use crate::settings::Settings;
use crate::vnnlib::write_box;
use crate::words::{counted, of_images};

/// Seconds that a verifier is given for an instance, in `instances.csv`.
const SECONDS: usize = 300;

#[derive(Debug, Args)]
pub(crate) struct ExportFlags {
    /// A folder that `attack` or `evaluate` wrote: one set, or one in each folder within
    run: PathBuf,
    /// Write instances of VNN-LIB
    #[arg(long, required = true)]
    vnnlib: bool,
    /// Folder for the instances and instances.csv
    #[arg(long, value_name = "DIR", default_value = "instances", help_heading = "Output")]
    out: PathBuf,
}

/// What is needed of a set's summary.
#[derive(Debug, Deserialize)]
struct Summary {
    set: String,
    norm: Option<String>,
    epsilon: Option<f64>,
    #[serde(flatten)]
    images: ImagesOf,
    classes: Vec<String>,
    transfer: Option<Value>,
    purify: Option<Value>,
    #[serde(default)]
    files: Files,
}

/// Which network was attacked, and on which images: what sets of one epsilon must have in common.
#[derive(Debug, PartialEq, Deserialize)]
struct ImagesOf {
    model: String,
    model_sha256: String,
    model_settings: Option<Settings>,
    dataset: String,
    split: String,
    shape: [usize; 3],
}

/// The images that every set of an epsilon left as they were told apart.
struct Unfooled {
    summary: Summary,
    clean: Images,
    sets: usize,
    /// Position, place among the images of the run, and label.
    images: Vec<(u64, usize, u32)>,
}

pub(crate) fn run(flags: &ExportFlags) -> Result<()> {
    let by_epsilon = unfooled(&flags.run)?;
    if by_epsilon.is_empty() {
        bail!(
            "{}: no set of an attack within an epsilon in linf; run `robust attack` or `robust evaluate` first",
            flags.run.display()
        );
    }
    let output = Output::new(&flags.out)?;
    let mut edition = output.edition();
    let mut lines = Vec::new();
    for Unfooled { summary, clean, sets, images } in by_epsilon.values() {
        let epsilon = summary.epsilon.unwrap_or_default();
        let inputs = Inputs::of(summary)?;
        let size = clean.shape().values();
        for &(index, row, label) in images {
            let [low, high] = inputs.bounds(&clean.pixels()[row * size..][..size], epsilon);
            let name = format!("{index}@{epsilon}.vnnlib");
            let classes = summary.classes.len();
            edition.write(&name, |file| write_box(file, &low, &high, label as usize, classes))?;
            lines.push((&summary.images.model, name));
        }
        say(format_args!(
            "{} that none of {} within {epsilon} fooled",
            of_images(images.len()),
            counted(sets, ["set", "sets"])
        ))?;
    }
    // Without a header, as scripts of the competition of verifiers read it.
    edition.write("instances.csv", |file| {
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(file);
        lines.iter().try_for_each(|(model, name)| csv.serialize((model, name, SECONDS)))?;
        csv.flush()
    })?;
    edition.publish(
        "instances.json",
        serde_json::json!({ "run": flags.run.display().to_string(), "instances": lines.len() }),
        &[],
    )?;
    say(format_args!("instances  {}", output.folder.display()))
}

/// The sets within each epsilon, by its bits, and the images that none of them fooled.
fn unfooled(run: &Path) -> Result<BTreeMap<u64, Unfooled>> {
    let inside = fs::read_dir(run).with_context(|| run.display().to_string())?;
    let mut folders: Vec<PathBuf> = inside.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    let hashes = Hashes::default();
    let mut by_epsilon: BTreeMap<u64, Unfooled> = BTreeMap::new();
    for folder in [run.to_owned()].into_iter().chain(folders) {
        let path = folder.join(ATTACK_SUMMARY);
        if !path.exists() {
            continue;
        }
        let bytes = read_file(&path, MAX_SUMMARY_BYTES)?;
        let summary: Summary = serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
        let Some(epsilon) = summary.epsilon.filter(|_| summary.norm.as_deref() == Some("linf")) else { continue };
        if summary.transfer.is_some() || summary.purify.is_some() {
            bail!("{}: its images were judged by another network than {}", path.display(), summary.images.model);
        }
        let rows = read_rows(&folder.join(ATTACK_ROWS)).with_context(|| folder.display().to_string())?;
        // Of a targeted attack an image may have become another class than the one aimed for.
        let left = |row: &AttackRow| row.status == Status::Failed && row.adversarial_prediction == row.label;
        let failed = rows.iter().enumerate().filter(|(_, row)| left(row));
        let failed: Vec<_> = failed.map(|(at, row)| (row.index, at, row.label)).collect();
        match by_epsilon.get_mut(&epsilon.to_bits()) {
            Some(others) if others.summary.images != summary.images => {
                let (one, other) = (&summary.set, &others.summary.set);
                bail!("{}: {one} attacks another network, or other images, than {other}", run.display());
            }
            Some(others) => {
                others.sets += 1;
                others.images.retain(|image| failed.contains(image));
            }
            None => {
                let clean = clean_images(&folder, &summary, rows.len(), &hashes)?;
                by_epsilon.insert(epsilon.to_bits(), Unfooled { summary, clean, sets: 1, images: failed });
            }
        }
    }
    Ok(by_epsilon)
}

/// The images that a set was made from.
fn clean_images(folder: &Path, summary: &Summary, images: usize, hashes: &Hashes) -> Result<Images> {
    let named = summary.files.iter().find(|(name, _)| name.ends_with(CLEAN));
    let (name, sha256) = named.with_context(|| format!("{}: {ATTACK_SUMMARY} names no clean.npz", folder.display()))?;
    let path = folder.join(name);
    if hashes.find(folder, name, sha256) != Found::Same {
        bail!("{}: not the images that {} was made from; attack these anew", path.display(), summary.set);
    }
    let [channels, height, width] = summary.images.shape;
    read_images(&path, "x", ImageShape { channels, height, width }, images)
}

/// How pixels become the inputs of a network's file.
struct Inputs {
    preprocessing: Preprocessing,
    /// Of each of the network's channels.
    factors: Vec<[f64; 2]>,
    channels: Channels,
    shape: [usize; 3],
}

impl Inputs {
    fn of(summary: &Summary) -> Result<Self> {
        let ImagesOf { model, model_settings, shape, .. } = &summary.images;
        let (settings, shape) = (model_settings.clone().unwrap_or_default(), *shape);
        let path = Path::new(model);
        let channels = match OnnxFile::is_one(path) {
            true => OnnxFile::read(path)?.lower(&settings, Some(shape))?.channels,
            false => Channels::First,
        };
        let preprocessing = settings.preprocessing;
        let factors = preprocessing.factors(shape[0]).map_err(|found| anyhow!("{}: {found}", summary.set))?;
        Ok(Self { preprocessing, factors, channels, shape })
    }

    /// Least and largest inputs of all images within `epsilon` of these pixels and within [0, 1].
    fn bounds(&self, pixels: &[f32], epsilon: f64) -> [Vec<f64>; 2] {
        let [planes, rows, columns] = self.shape;
        let plane = rows * columns;
        let mut bounds = [vec![0.0; pixels.len()], vec![0.0; pixels.len()]];
        for (own, [factor, summand]) in self.factors.iter().enumerate() {
            let from = self.preprocessing.channel(own, planes) * plane;
            for (place, &pixel) in pixels[from..from + plane].iter().enumerate() {
                let input = self.channels.place(own * plane + place, [planes, plane]);
                let end = |by: f64| factor * (f64::from(pixel) + by).clamp(0.0, 1.0) + summand;
                let ends = [end(-epsilon), end(epsilon)];
                bounds[0][input] = ends[0].min(ends[1]);
                bounds[1][input] = ends[0].max(ends[1]);
            }
        }
        bounds
    }
}
