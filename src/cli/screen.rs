//! `robust detect --input`: a verdict for each of a person's own images, in `detect.csv` with set `input`.

use anyhow::{Result, bail};
use robust_data::{Dataset, Split, SplitName, input};
use serde_json::json;

use super::flags::DetectFlags;
use super::panel::{Panel, chosen_detector, chosen_detectors, gauge, threshold_fpr};
use super::progress::Progress;
use super::say::{note, say};
use super::session::{self, Subject};
use crate::classes::class_names;
use crate::detection::Seen;
use crate::network::Metadata;
use crate::report::{Entry, Output, write_detection};

/// Name of the set.
const INPUT: &str = "input";
/// What `robust detect` without --input writes beside `detect.csv`.
const MEASUREMENT: [&str; 4] = ["roc.csv", "roc.svg", "metrics.csv", "detect.json"];

pub(super) fn run(flags: &DetectFlags) -> Result<()> {
    let Some(path) = &flags.input else { return Ok(()) };
    let quiet = flags.subject.common.quiet;
    let chosen = chosen_detector(&flags.flagging)?;
    let detectors = chosen_detectors(&flags.flagging, chosen, &[])?;
    let inputs = input::read(path, flags.key.as_deref())?;
    let subject =
        Subject::load(&flags.subject.common, flags.subject.images.model.as_deref(), flags.subject.batch_size)?;
    let output = Output::new(&flags.subject.out)?;
    let validation = || validation(&session::dataset(&flags.subject.common)?, &subject.checkpoint.metadata);
    let Panel { screen, gauges, .. } = Panel::open(&flags.flagging, chosen, &detectors, &subject, quiet, validation)?;
    let chosen = gauge(&gauges, chosen)?;
    remark_on_older_reports(&output, quiet);

    let progress = Progress::new(INPUT, inputs.images.len(), quiet);
    let sightings = subject.each_batch(inputs.images.len(), |range| {
        let sightings = screen.look_at(&inputs.images.image_tensor(range, &subject.device)?)?;
        progress.advance(sightings.len(), String::new());
        Ok(sightings)
    })?;
    drop(progress);

    let seen: Vec<Seen> = sightings
        .concat()
        .into_iter()
        .enumerate()
        .map(|(index, sighting)| Seen { index: index as u64, label: None, status: None, sighting })
        .collect();
    let entries =
        seen.iter().zip(&inputs.sources).map(|(seen, source)| Entry { set: INPUT, seen, source: Some(source) });
    output.write("detect.csv", |file| write_detection(entries, chosen, &gauges, true, file))?;

    let flagged =
        seen.iter().filter(|seen| chosen.threshold.flags(seen.sighting.verdicts[chosen.position].score)).count();
    let threshold = chosen.threshold.score();
    if flags.subject.common.json {
        let summary = json!({
            "input": path.display().to_string(), "n": seen.len(), "flagged": flagged, "detector": chosen.id,
            "threshold": threshold, "threshold_fpr": threshold_fpr(&flags.flagging), "version": env!("CARGO_PKG_VERSION"),
            "model": subject.name, "model_sha256": subject.sha256,
        });
        return say(summary);
    }
    say(format_args!("{flagged} of {} images flagged by {} (score above {threshold})", seen.len(), chosen.id))?;
    for (seen, source) in seen.iter().zip(&inputs.sources).take(20) {
        let sighting = &seen.sighting;
        let score = sighting.verdicts[chosen.position].score;
        let name = &subject.checkpoint.metadata.class_names[sighting.prediction as usize];
        let verdict = if chosen.threshold.flags(score) { "FLAGGED" } else { "accepted" };
        let confidence = 100.0 * sighting.confidence;
        say(format_args!("  {source}  {name} ({confidence:.1} %)  score {score:.4}  {verdict}"))?;
    }
    if seen.len() > 20 {
        say(format_args!("  and {} more", seen.len() - 20))?;
    }
    say(format_args!("report  {}", output.path("detect.csv").display()))
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
