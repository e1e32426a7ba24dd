//! `robust export --vnnlib RUN`: the images of a run that no attack within an epsilon fooled, as boxes for a verifier, which may prove what attacks
//! cannot: that nothing fools the network there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use robust_data::{npz, open_file, read_file};
use robust_detectors::Status;
use robust_networks::Preprocessing;
use robust_networks::onnx::Channels;
use serde::Deserialize;

use crate::cli::out::say;
use crate::evaluation::AttackRow;
use crate::files::Output;
use crate::onnx_file::OnnxFile;
use crate::settings::Settings;
use crate::vnnlib::write_box;
use crate::words::{counted, of_images};

/// Bytes of a summary at most.
const LARGEST: u64 = 64 << 20;
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
    model: String,
    model_settings: Option<Settings>,
    shape: [usize; 3],
    classes: Vec<String>,
}

/// The images that every set of an epsilon left as they were told apart.
struct Unfooled {
    summary: Summary,
    folder: PathBuf,
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
    for Unfooled { summary, folder, sets, images } in by_epsilon.values() {
        let epsilon = summary.epsilon.unwrap_or_default();
        let clean = [folder.join("clean.npz"), folder.join("../clean.npz")].into_iter().find(|path| path.exists());
        let clean = npz::read_images(&clean.with_context(|| format!("{}: no clean.npz", folder.display()))?, &["x"])?;
        let inputs = Inputs::of(summary)?;
        let size: usize = summary.shape.iter().product();
        for &(index, row, label) in images {
            let pixels = clean.pixels().get(row * size..(row + 1) * size).context("clean.npz holds fewer images")?;
            let [low, high] = inputs.bounds(pixels, epsilon);
            let name = format!("{index}@{epsilon}.vnnlib");
            let classes = summary.classes.len();
            edition.write(&name, |file| write_box(file, &low, &high, label as usize, classes))?;
            lines.push(format!("{},{name},{SECONDS}", summary.model));
        }
        say(format_args!(
            "{} that none of {} within {epsilon} fooled",
            of_images(images.len()),
            counted(sets, ["set", "sets"])
        ))?;
    }
    edition.write("instances.csv", |file| lines.iter().try_for_each(|line| writeln!(file, "{line}")))?;
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
    let mut by_epsilon: BTreeMap<u64, Unfooled> = BTreeMap::new();
    for folder in [run.to_owned()].into_iter().chain(folders) {
        let path = folder.join("attack.json");
        if !path.exists() {
            continue;
        }
        let summary: Summary =
            serde_json::from_slice(&read_file(&path, LARGEST)?).with_context(|| path.display().to_string())?;
        let Some(epsilon) = summary.epsilon.filter(|_| summary.norm.as_deref() == Some("linf")) else { continue };
        let rows = csv::Reader::from_reader(open_file(&folder.join("attack.csv"), LARGEST)?);
        let rows: Vec<AttackRow> =
            rows.into_deserialize().collect::<Result<_, _>>().with_context(|| folder.display().to_string())?;
        let failed = rows.iter().enumerate().filter(|(_, row)| row.status == Status::Failed);
        let failed: Vec<_> = failed.map(|(at, row)| (row.index, at, row.label)).collect();
        match by_epsilon.get_mut(&epsilon.to_bits()) {
            Some(others) if others.summary.model != summary.model => {
                bail!("{}: {} attacks another network than {}", run.display(), summary.set, others.summary.set);
            }
            Some(others) => {
                others.sets += 1;
                others.images.retain(|image| failed.contains(image));
            }
            None => {
                by_epsilon.insert(epsilon.to_bits(), Unfooled { summary, folder, sets: 1, images: failed });
            }
        }
    }
    Ok(by_epsilon)
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
        let (settings, shape) = (summary.model_settings.clone().unwrap_or_default(), summary.shape);
        let path = Path::new(&summary.model);
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
                let input = match self.channels {
                    Channels::First => own * plane + place,
                    Channels::Last => place * planes + own,
                };
                let end = |by: f64| factor * (f64::from(pixel) + by).clamp(0.0, 1.0) + summand;
                let ends = [end(-epsilon), end(epsilon)];
                bounds[0][input] = ends[0].min(ends[1]);
                bounds[1][input] = ends[0].max(ends[1]);
            }
        }
        bounds
    }
}
