//! `robust detect --input`: a verdict for each of a person's own images, in `detect.csv` with set `input`. A file of a folder that cannot
//! be read gets a row that says why, the others their verdicts, and the command fails in the end.

use std::io::stdin;
use std::path::Path;

use anyhow::{Result, bail};
use robust_data::input::{self, Input};
use robust_data::{Dataset, Split, SplitName};
use serde_json::{Value, json};

use super::flags::DetectFlags;
use super::panel::{Panel, chosen_detector, chosen_detectors, gauge, threshold_fpr};
use super::progress::Progress;
use super::remarks;
use super::say::{note, say};
use super::session::{self, Subject};
use crate::checkpoint::Metadata;
use crate::classes::class_names;
use crate::evaluation::Seen;
use crate::files::Output;
use crate::report::{DETECTION_SUMMARIES, Entry, write_detection};

/// Name of the set.
const INPUT: &str = "input";
/// Images that are listed, and names of what is skipped.
const LISTED: usize = 20;
const LISTED_SKIPPED: usize = 5;
/// What measurements leave beside `detect.csv`.
const MEASUREMENT: [&str; 5] = ["roc.csv", "roc.svg", "metrics.csv", "security.csv", "security.svg"];

pub(super) fn run(flags: &DetectFlags) -> Result<()> {
    let Some(path) = &flags.input else { return Ok(()) };
    let quiet = flags.subject.common.quiet;
    let chosen = chosen_detector(&flags.flagging);
    let detectors = chosen_detectors(&flags.flagging, chosen, &[]);
    let inputs = read(path, flags.key.as_deref())?;
    let subject =
        Subject::load(&flags.subject.common, flags.subject.images.model.as_deref(), flags.subject.batch_size)?;
    let output = Output::new(&flags.subject.out)?;
    let validation = || validation(&session::dataset(&flags.subject.common)?, &subject.checkpoint.metadata);
    let Panel { screen, gauges, .. } = Panel::open(&flags.flagging, chosen, &detectors, &subject, quiet, validation)?;
    let chosen = gauge(&gauges, chosen)?;
    remark_on_older_reports(&output, quiet);
    remark_on_skipped(path, &inputs.skipped, quiet);

    let progress = Progress::new(INPUT, inputs.images.len(), quiet);
    let sightings = subject.each_batch(inputs.images.len(), |range| {
        let sightings = screen.look_at(&inputs.images.image_tensor(range, &subject.device)?)?;
        progress.advance(sightings.len(), String::new());
        Ok(sightings)
    })?;
    drop(progress);

    let seen: Vec<Seen> = sightings
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, sighting)| Seen { index: index as u64, label: None, status: None, sighting })
        .collect();
    let entries =
        inputs.rows().map(|row| Entry { set: INPUT, seen: row.image.map(|at| &seen[at]), source: Some(row.source) });
    let mut edition = output.edition();
    edition.write("detect.csv", |file| write_detection(entries, chosen, &gauges, true, file))?;

    let remark = remarks::on_screening(&seen, &gauges);
    remarks::tell_all(remark.as_slice(), quiet);

    let flagged =
        seen.iter().filter(|seen| chosen.threshold.flags(seen.sighting.verdicts[chosen.position].score)).count();
    let threshold = chosen.threshold.score();
    let errors = inputs.errors().map(|(source, error)| json!({ "source": source, "error": error }));
    let summary = json!({
        "set": INPUT, "input": path.display().to_string(), "key": flags.key, "n": seen.len(), "flagged": flagged, "detector": chosen.id,
        "threshold": threshold, "threshold_fpr": threshold_fpr(&flags.flagging), "version": env!("CARGO_PKG_VERSION"),
        "model": subject.name, "model_sha256": subject.sha256, "errors": errors.collect::<Value>(),
        "skipped": inputs.skipped, "remarks": remark.as_slice(),
    });
    let summary = edition.publish("detect.json", summary, &DETECTION_SUMMARIES)?;
    if flags.subject.common.json {
        say(json!(summary))?;
        return success(&inputs);
    }
    say(format_args!("{flagged} of {} images flagged by {} (score above {threshold})", seen.len(), chosen.id))?;
    for input::Row { source, image } in inputs.rows().take(LISTED) {
        match image {
            Ok(at) => {
                let sighting = &seen[at].sighting;
                let score = sighting.verdicts[chosen.position].score;
                let name = &subject.checkpoint.metadata.class_names[sighting.prediction as usize];
                let verdict = if chosen.threshold.flags(score) { "FLAGGED" } else { "accepted" };
                let confidence = 100.0 * sighting.confidence;
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
fn read(path: &Path, key: Option<&str>) -> Result<Input> {
    Ok(if path == Path::new("-") { input::read_stream(stdin().lock(), key) } else { input::read(path, key) }?)
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
    let names = &skipped[..LISTED_SKIPPED.min(skipped.len())];
    if !names.is_empty() {
        let more = skipped.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let (count, folder, names) = (skipped.len(), folder.display(), names.join(", "));
        note(quiet, format_args!("skipped {count} of the entries of {folder}, which are no images: {names}{more}"));
    }
}

/// The images that thresholds are made from. Nobody compares them with the images to be screened, so they must be of the dataset that
/// the network was trained on, where that is known.
fn validation(dataset: &Dataset, network: &Metadata) -> Result<Split> {
    class_names(network, dataset)?;
    let (found, own) = (dataset.name(), &network.dataset);
    if found != own && own != Metadata::unknown(network.classes).dataset.as_str() {
        bail!("the network was trained on '{own}', and these are the images of '{found}': name its own with --dataset");
    }
    Ok(dataset.split(SplitName::Validation)?)
}

/// Says on stderr which files of an earlier run will lie beside a `detect.csv` that they do not describe. They are the
/// user's, so they stay.
fn remark_on_older_reports(output: &Output, quiet: bool) {
    let older: Vec<&str> = MEASUREMENT.into_iter().filter(|name| output.path(name).exists()).collect();
    if !older.is_empty() {
        let (older, folder) = (older.join(", "), output.folder().display());
        note(quiet, format_args!("{older} in {folder} are of an earlier run and say nothing of these images"));
    }
}
