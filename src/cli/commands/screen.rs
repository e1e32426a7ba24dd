//! `robust detect --input`: a verdict for each of a person's own images, in `detect.csv` with set `input`. A file of a folder that cannot
//! be read gets a row that says why, the others their verdicts, and the command fails in the end.

use std::io::stdin;
use std::path::Path;

use anyhow::{Result, bail};
use robust_data::input::{self, Input, Wanted};
use robust_data::{ImageShape, Layout, Split, SplitName};
use serde_json::{Value, json};

use crate::checkpoint::Metadata;
use crate::classes::class_names;
use crate::cli::bench::Bench;
use crate::cli::dataset::{dataset, named_validation, read_for};
use crate::cli::flags::{CommonFlags, FlaggingFlags, SubjectFlags};
use crate::cli::looking::look_at;
use crate::cli::network_file::NetworkFile;
use crate::cli::out::{note, say};
use crate::cli::own::Relabelling;
use crate::cli::remarks;
use crate::cli::subject::Subject;
use crate::evaluation::{Seen, SeenSet, SetName};
use crate::files::Output;
use crate::remarks::Remark;
use crate::report::{Entry, LastColumns, REPLACED, write_detection};
use crate::words::first_of;

/// Images that are listed, and names of what is skipped.
const LISTED: usize = 20;
const LISTED_SKIPPED: usize = 5;
/// What measurements leave beside `detect.csv`.
const MEASUREMENT: [&str; 5] = ["roc.csv", "roc.svg", "metrics.csv", "security.csv", "security.svg"];

pub(crate) fn run(
    path: &Path,
    key: Option<&str>,
    is_prepared: bool,
    flagging: &FlaggingFlags,
    flags: &SubjectFlags,
) -> Result<()> {
    let quiet = flags.common.quiet;
    let file = NetworkFile::read(&flags.common, &flags.images.model)?;
    let prepare = is_prepared.then(|| Layout::of_dataset(&file.metadata().dataset));
    let wanted = Wanted { shape: file.shape(), sizing: flags.common.sizing(), prepare, key };
    let inputs = read(path, &wanted)?;
    let subject = Subject::of(&file, &flags.common, flags.batch_size)?;
    let output = Output::new(&flags.out)?;
    let validation = || match (&subject.own, &flags.images.validation) {
        (_, Some(named)) => Ok(named_validation(named, wanted.shape, &flags.common)?.1),
        (Some(_), None) if !flags.common.names_dataset() => {
            bail!("no images to make thresholds from; name some with --dataset")
        }
        (Some(_), None) => own_validation(&file, &flags.common),
        (None, None) => validation(&subject.metadata, wanted.shape, &flags.common),
    };
    let bench = Bench::open(&subject, flagging, &[], validation)?;
    let (gauges, chosen) = (&bench.flagging.gauges, bench.flagging.chosen);
    remark_on_older_reports(&output, quiet);
    remark_on_skipped(path, &inputs.skipped, quiet);

    let look = |range| Ok((inputs.images.image_tensor(range, &subject.device)?, Vec::new()));
    let sightings = look_at(&bench, &SetName::Input, inputs.images.len(), look)?;
    let seen = (0..).zip(sightings).map(|(index, sighting)| Seen { index, label: None, status: None, sighting });
    let seen = SeenSet { name: SetName::Input, images: seen.collect() };
    let entries = inputs.rows().map(|row| Entry {
        set: &seen.name,
        seen: row.image.map(|at| &seen.images[at]),
        source: Some(row.source),
    });
    let mut edition = output.edition();
    edition.write("detect.csv", |file| write_detection(entries, chosen, gauges, LastColumns::Source, file))?;

    let class_names = &subject.metadata.class_names;
    let mut remarks: Vec<Remark> = remarks::on_screening(&seen, gauges).into_iter().collect();
    if !is_prepared {
        remarks.extend(remarks::on_scans(&inputs.images, class_names));
    }
    remarks::tell_all(&remarks, quiet);

    let flagged = seen.images.iter().filter(|seen| chosen.flags(seen)).count();
    let threshold = chosen.threshold.score();
    let errors = inputs.errors().map(|(source, error)| json!({ "source": source, "error": error }));
    let shape = [wanted.shape.channels, wanted.shape.height, wanted.shape.width];
    let summary = json!({
        "set": seen.name, "input": path.display().to_string(), "key": key, "shape": shape, "resize": flags.common.resize.map(|resize| resize.to_string()), "crop": flags.common.crop.map(|crop| crop.0),
        "prepare": prepare.map(|layout| layout.to_string()), "classes": class_names, "n": seen.images.len(), "flagged": flagged, "detector": chosen.id,
        "threshold": threshold, "threshold_fpr": bench.flagging.threshold_fpr(), "version": env!("CARGO_PKG_VERSION"),
        "model": subject.name, "model_sha256": subject.sha256, "errors": errors.collect::<Value>(),
        "skipped": inputs.skipped, "remarks": remarks,
    });
    let summary = edition.publish("detect.json", summary, &REPLACED)?;
    if flags.common.json {
        say(json!(summary))?;
        return success(&inputs);
    }
    say(format_args!("{flagged} of {} images flagged by {} (score above {threshold})", seen.images.len(), chosen.id))?;
    for input::Row { source, image } in inputs.rows().take(LISTED) {
        match image {
            Ok(at) => {
                let seen = &seen.images[at];
                let score = seen.score(chosen);
                let name = &class_names[seen.sighting.prediction as usize];
                let verdict = if chosen.flags(seen) { "FLAGGED" } else { "accepted" };
                let confidence = 100.0 * seen.sighting.confidence;
                say(format_args!("  {source}  {name} ({confidence:.1} %)  score {score:.4}  {verdict}"))?;
            }
            Err(_) => say(format_args!("  {source}  NOT READ"))?,
        }
    }
    let more = inputs.rows().skip(LISTED).count();
    if more > 0 {
        say(format_args!("  and {more} more"))?;
    }
    say(format_args!("report  {}", output.path("detect.csv").display()))?;
    success(&inputs)
}

/// The images of a file, a folder, or with `-` of standard input.
fn read(path: &Path, wanted: &Wanted) -> Result<Input> {
    Ok(if path == Path::new("-") { input::read_stream(stdin().lock(), wanted) } else { input::read(path, wanted) }?)
}

/// An error if a file could not be read.
fn success(inputs: &Input) -> Result<()> {
    match inputs.errors().next() {
        Some((_, first)) => {
            let (count, files) = (inputs.errors().count(), inputs.files.len());
            bail!("{count} of {files} files could not be read, as column error of detect.csv says; the first: {first}")
        }
        None => Ok(()),
    }
}

/// Says on stderr what of a folder is no image.
fn remark_on_skipped(folder: &Path, skipped: &[String], quiet: bool) {
    if !skipped.is_empty() {
        let (count, folder, names) = (skipped.len(), folder.display(), first_of(skipped, LISTED_SKIPPED));
        note(quiet, format_args!("skipped {count} of the entries of {folder}, which are no images: {names}"));
    }
}

/// The images that thresholds of somebody's own network are made from.
fn own_validation(file: &NetworkFile, flags: &CommonFlags) -> Result<Split> {
    let dataset = dataset(flags)?.held_out().for_shape(file.shape());
    let images = dataset.split(SplitName::Validation)?;
    match Relabelling::of(file, &dataset)? {
        Some(Relabelling { classes }) => Ok(images.relabelled(&classes)?),
        None => Ok(images),
    }
}

/// The images that thresholds are made from. Nobody compares them with the images to be screened, so they must be of the dataset that
/// the network was trained on, where that is known.
fn validation(network: &Metadata, shape: ImageShape, flags: &CommonFlags) -> Result<Split> {
    let dataset = dataset(flags)?;
    class_names(network, &dataset)?;
    let (found, own) = (dataset.name(), &network.dataset);
    if found != own && own != Metadata::UNKNOWN {
        bail!("the network was trained on '{own}', and these are the images of '{found}': name its own with --dataset");
    }
    let (_, images) = read_for(network, shape, dataset, flags, SplitName::Validation)?;
    Ok(images)
}

/// Says on stderr which files of an earlier run will lie beside a `detect.csv` that they do not describe. They are the
/// user's, so they stay.
fn remark_on_older_reports(output: &Output, quiet: bool) {
    let older: Vec<&str> = MEASUREMENT.into_iter().filter(|name| output.path(name).exists()).collect();
    if !older.is_empty() {
        let (older, folder) = (older.join(", "), output.folder.display());
        note(quiet, format_args!("{older} in {folder} are of an earlier run and say nothing of these images"));
    }
}
