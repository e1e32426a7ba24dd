//! `robust detect --input`: a verdict for each of a person's own images, in `detect.csv` with set `input`. A file of a folder that cannot
//! be read gets a row that says why, the others their verdicts, and the command fails in the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::stdin;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use robust_attacks::Model;
use robust_data::input::{self, Input, Wanted};
use robust_data::{ImageShape, Layout, Split, SplitName};
use serde_json::{Value, json};

use crate::checkpoint::Metadata;
use crate::classes::class_names;
use crate::cli::bench::Bench;
use crate::cli::dataset::{dataset, read_for};
use crate::cli::flags::{CommonFlags, FlaggingFlags, ScreeningFlags, SubjectFlags};
use crate::cli::looking::look_at;
use crate::cli::network_file::NetworkFile;
use crate::cli::out::{note, say};
use crate::cli::own::Relabelling;
use crate::cli::remarks;
use crate::cli::session::validation_for;
use crate::cli::subject::Subject;
use crate::cli::usage::{Alarm, Usage};
use crate::cli::verdict_line;
use crate::evaluation::{Seen, SeenSet, SetName};
use crate::files::{DETECTION_ROWS, Output};
use crate::remarks::Remark;
use crate::report::{Entry, LastColumns, REPLACED, write_detection};
use crate::words::{counted, first_of, listed, of_images};

/// Images that are listed, and names of what is skipped.
const LISTED: usize = 20;
const LISTED_SKIPPED: usize = 5;
/// What measurements leave beside `detect.csv`.
const MEASUREMENT: [&str; 8] =
    ["roc.csv", "roc.svg", "risk.csv", "risk.svg", "metrics.csv", "shifts.csv", "security.csv", "security.svg"];

pub(crate) fn run(screening: &ScreeningFlags, flagging: &FlaggingFlags, flags: &SubjectFlags) -> Result<()> {
    let (paths, key, is_prepared) = (&screening.input, screening.key.as_deref(), screening.prepare);
    let quiet = flags.common.quiet;
    let file = NetworkFile::read(&flags.common, &flags.images.model)?;
    let prepare = is_prepared.then(|| Layout::of_dataset(&file.metadata().dataset));
    let wanted = Wanted { shape: file.shape(), sizing: flags.common.sizing(), prepare, key };
    let inputs = read(paths, &wanted)?;
    let named = flags.images.validation.as_deref();
    let subject = Subject::of(&file, &flags.common, flags.batch_size)?.calibrated_on(named);
    let classes = subject.network.signature().classes;
    let named = named.map(|named| validation_for(named, &file, classes, &flags.common)).transpose()?;
    let (named, named_images) = named.unzip();
    let output = Output::new(&flags.out)?;
    let validation = || match (&subject.own, named_images) {
        (_, Some(images)) => Ok(images),
        (Some(_), None) if !flags.common.names_dataset() => {
            bail!("no images to make thresholds from; name some with --dataset")
        }
        (Some(_), None) => own_validation(&file, &flags.common),
        (None, None) => validation(&subject.metadata, wanted.shape, &flags.common),
    };
    let bench = Bench::open(&subject, flagging, &[], validation)?;
    let (gauges, chosen) = (&bench.flagging.gauges, bench.flagging.chosen);
    remark_on_older_reports(&output, quiet);
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    remark_on_skipped(&listed(&shown), &inputs.skipped, quiet);

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
    edition.write(DETECTION_ROWS, |file| write_detection(entries, chosen, gauges, LastColumns::Source, file))?;

    let class_names = &subject.metadata.class_names;
    let mut remarks: Vec<Remark> = remarks::on_screening(&seen, &bench.flagging);
    if !is_prepared {
        remarks.extend(remarks::on_scans(&inputs.images, class_names));
    }
    remarks::tell_all(&remarks, quiet);

    let flagged = seen.images.iter().filter(|seen| chosen.flags(seen)).count();
    let threshold = chosen.threshold.score();
    let errors = inputs.errors().map(|(source, error)| json!({ "source": source, "error": error }));
    let shape = [wanted.shape.channels, wanted.shape.height, wanted.shape.width];
    let mut summary = json!({
        "set": seen.name, "input": listed(&shown), "inputs": shown, "key": key, "shape": shape, "resize": flags.common.resize.map(|resize| resize.to_string()), "crop": flags.common.crop.map(|crop| crop.0),
        "prepare": prepare.map(|layout| layout.to_string()), "classes": class_names, "n": seen.images.len(), "flagged": flagged, "detector": chosen.id,
        "threshold": threshold, "threshold_fpr": bench.flagging.threshold_fpr(), "version": env!("CARGO_PKG_VERSION"),
        "model": subject.name, "model_sha256": subject.sha256, "errors": errors.collect::<Value>(),
        "skipped": inputs.skipped, "remarks": remarks,
    });
    if let Some(named) = named {
        summary["validation"] = json!(named);
    }
    let summary = edition.publish("detect.json", summary, &REPLACED)?;
    let alarm = alarm(flagged, seen.images.len(), screening.fail_on_flagged);
    let end = || success(&inputs, alarm.as_ref()).and_then(|()| alarm.clone().map_or(Ok(()), |alarm| bail!(alarm)));
    if flags.common.json {
        say(json!(summary))?;
        return end();
    }
    if screening.jsonl {
        inputs.rows().try_for_each(|row| say(verdict_line::of(&row, &seen.images, class_names, &bench)))?;
        return end();
    }
    let images = of_images(seen.images.len());
    say(format_args!("{flagged} of {images} flagged by {} (score above {threshold})", chosen.id))?;
    for input::Row { source, image } in inputs.rows().take(LISTED) {
        match image {
            Ok(at) => {
                let seen = &seen.images[at];
                let score = seen.score(chosen);
                let name = &class_names[seen.sighting.prediction as usize];
                let verdict = seen.reason(chosen).map_or("accepted".to_owned(), |reason| format!("FLAGGED ({reason})"));
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
    say(format_args!("report  {}", output.path(DETECTION_ROWS).display()))?;
    end()
}

/// The images of files and folders, and with `-` of standard input.
fn read(paths: &[PathBuf], wanted: &Wanted) -> Result<Input> {
    let is_stream = |path: &&PathBuf| path.as_path() == Path::new("-");
    if paths.iter().filter(is_stream).count() > 1 {
        bail!(Usage("--input - is there once: standard input has no second reading".to_owned()));
    }
    let read = |path: &PathBuf| {
        let found = match paths.len() {
            _ if is_stream(&path) => input::read_stream(stdin().lock(), wanted),
            1 => input::read(path, wanted),
            _ => input::read_among(path, wanted),
        };
        Ok((path.clone(), found?))
    };
    Input::joined(paths.iter().map(read).collect::<Result<_>>()?).context("no --input")
}

/// What is to be said if images are flagged, where the user wants an error then.
fn alarm(flagged: usize, all: usize, is_wanted: bool) -> Option<Alarm> {
    (is_wanted && flagged > 0).then(|| Alarm(format!("--fail-on-flagged: {flagged} of {} flagged", of_images(all))))
}

/// An error if a file could not be read: it comes before an alarm, which it tells too.
fn success(inputs: &Input, alarm: Option<&Alarm>) -> Result<()> {
    match most_common(inputs) {
        Some(error) => {
            let (count, files) = (inputs.errors().count(), inputs.files.len());
            let files = counted(files, ["file", "files"]);
            let alarm = alarm.map_or(String::new(), |alarm| format!("{alarm}; "));
            bail!("{alarm}{count} of {files} could not be read, as column error of detect.csv says; such as: {error}")
        }
        None => Ok(()),
    }
}

/// What is wrong with most files, as the first of them has it: names and sizes apart.
fn most_common(inputs: &Input) -> Option<&str> {
    let kind = |source: &str, error: &str| error.replace(source, "").replace(|c: char| c.is_ascii_digit(), "");
    let mut kinds: BTreeMap<String, (usize, Reverse<usize>, &str)> = BTreeMap::new();
    for (at, (source, error)) in inputs.errors().enumerate() {
        kinds.entry(kind(source, error)).or_insert((0, Reverse(at), error)).0 += 1;
    }
    kinds.into_values().max().map(|(_, _, first)| first)
}

/// Says on stderr what of a folder is no image.
fn remark_on_skipped(folder: &str, skipped: &[String], quiet: bool) {
    if !skipped.is_empty() {
        let (count, names) = (skipped.len(), first_of(skipped, LISTED_SKIPPED));
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
