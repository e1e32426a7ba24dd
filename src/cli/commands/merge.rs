//! `robust merge`: the shards of a run become what the run would have been in one piece, byte for byte, but for times.
//!
//! What the shards hold of each image is put in its place, and the very code that ends `attack`, `detect` and `evaluate` works out every figure
//! over the whole. Neither the network nor the data are asked for.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::cli::attack_printed::{print_summary, say_summaries};
use crate::cli::detection::Detection;
use crate::cli::evaluated::Evaluated;
use crate::cli::flagging::Flagging;
use crate::cli::flags::number::positive;
use crate::cli::merge::{Sets, Shards, seen};
use crate::cli::out::{note, say};
use crate::cli::remarks::{answers, on_attacks, tell_all};
use crate::cli::set_files::{AROUND, AROUND_EVALUATED, ONLY};
use crate::cli::subject::pool;
use crate::cli::usage::Usage;
use crate::evaluation::{AttackedSet, RunInfo};
use crate::files::{CLEAN, CLEAN_AROUND, Output};
use crate::remarks::Answers;
use crate::report::{Dealt, DetectionSummary, LastColumns, REPLACED};

#[derive(Debug, Args)]
pub(crate) struct MergeFlags {
    /// The folders of all shards of one run, in any order
    #[arg(required = true, value_name = "DIR")]
    shards: Vec<PathBuf>,
    /// Merge shards that were computed with several instruction sets, whose bits differ; the summaries name them
    #[arg(long)]
    mixed: bool,
    /// Worker threads [default: the processors that the system grants: affinity, control group]
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Run")]
    threads: Option<usize>,
    /// Folder for the reports of the whole
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Output")]
    out: PathBuf,
    /// Print the summary as one JSON object instead of a table
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// No remarks on stderr; errors still appear
    #[arg(long, help_heading = "Output")]
    quiet: bool,
}

pub(crate) fn run(flags: &MergeFlags) -> Result<()> {
    let place = fs::canonicalize(&flags.out).ok();
    if place.is_some() && flags.shards.iter().any(|shard| fs::canonicalize(shard).ok() == place) {
        let out = flags.out.display();
        return Err(
            Usage(format!("--out {out} is one of the shards, which would be overwritten; choose another")).into()
        );
    }
    let shards = Shards::gather(&flags.shards, flags.mixed)?;
    let pool = pool(flags.threads)?;
    let output = Output::new(&flags.out)?;
    let run = shards.run();
    if !run.instruction_sets.is_empty() {
        let sets = run.instruction_sets.join(" and ");
        note(flags.quiet, format_args!("computed with {sets}, whose bits differ: no one machine gives these bytes"));
    }
    let sets = Sets { shards: &shards, run, pool: &pool };
    match shards.first.command {
        Dealt::Attack => attack(&sets, &output, flags),
        Dealt::Detect => detect(&sets, &output, flags),
        Dealt::Evaluate => evaluate(&sets, &output, flags),
    }
}

fn attack(sets: &Sets, output: &Output, flags: &MergeFlags) -> Result<()> {
    let first = &sets.shards.first;
    let is_only = first.sets.len() == 1;
    let (seen_from_set, around) = if is_only { (CLEAN, &ONLY[..]) } else { (CLEAN_AROUND, &AROUND[..]) };
    let folders = if is_only { Vec::new() } else { subfolders(sets, output)? };
    let clean = sets.clean(seen_from_set, output)?;
    let (mut summaries, mut last) = (Vec::new(), Answers::default());
    for set in 0..first.sets.len() {
        let folder = folders.get(set).unwrap_or(output);
        let (summary, outcome) = sets.write(set, &clean, folder, around)?;
        last = answers(&outcome.rows);
        if !flags.json {
            print_summary(&summary.summary, folder)?;
        }
        summaries.push(summary);
    }
    let made: Vec<&AttackedSet> = summaries.iter().map(|summary| &summary.summary.attacked).collect();
    let network = first.judge.network(sets.run.classes.len());
    tell_all(&on_attacks(network, first.is_whole, &last, &made), flags.quiet);
    if flags.json { say_summaries(&summaries) } else { Ok(()) }
}

fn detect(sets: &Sets, output: &Output, flags: &MergeFlags) -> Result<()> {
    let mut made = Vec::new();
    for set in 0..sets.shards.first.sets.len() {
        made.push(sets.outcome(set)?.0);
    }
    let flagging = flagging(sets)?;
    let (detection, run) = detection(sets, &flagging, &made, flags.quiet)?;
    let summary = DetectionSummary {
        measurement: detection.measurement(run, made),
        seconds: sets.shards.seconds,
        remarks: detection.remarks.clone(),
    };
    let mut edition = output.edition();
    detection.write(&mut edition, LastColumns::None)?;
    let summary = edition.publish("detect.json", summary, &REPLACED)?;
    if flags.json {
        return say(json!(summary));
    }
    detection.print(&summary.summary.measurement.sets, output)
}

fn evaluate(sets: &Sets, output: &Output, flags: &MergeFlags) -> Result<()> {
    let folders = subfolders(sets, output)?;
    let clean = sets.clean(CLEAN_AROUND, output)?;
    if !clean.lies_at(&output.path(CLEAN)) {
        clean.write(output)?;
        output.withdraw(&REPLACED)?;
    }
    let (mut edition, mut made) = (output.edition(), Vec::new());
    for (set, folder) in folders.iter().enumerate() {
        let (summary, _) = sets.write(set, &clean, folder, &AROUND_EVALUATED)?;
        edition.take_up_all(&summary.summary.attacked.set.to_string(), &summary.files);
        made.push(summary.summary.attacked);
    }
    drop(clean);
    let flagging = flagging(sets)?;
    let (detection, run) = detection(sets, &flagging, &made, flags.quiet)?;
    let of_model = sets.shards.first.checks.clone();
    let evaluated = Evaluated::of(&flagging, detection, (run, made), of_model, sets.pool)?;
    let vouched = evaluated.publish(edition, LastColumns::None)?;
    if flags.json { say(json!(vouched)) } else { evaluated.print(output) }
}

/// A folder for each set.
fn subfolders(sets: &Sets, output: &Output) -> Result<Vec<Output>> {
    let names = sets.shards.first.sets.iter().map(|set| set.made.set.to_string());
    names.map(|name| output.subfolder(&name)).collect()
}

fn flagging(sets: &Sets) -> Result<Flagging> {
    let summary = sets.shards.first.flagging.as_ref().context("the shards do not say who flags")?;
    Flagging::of(summary)?.context("the shards name a detector that there is not")
}

/// What the detectors saw, assessed over the whole, and the run as the summary tells it.
fn detection<'a>(
    sets: &Sets,
    flagging: &'a Flagging,
    made: &[AttackedSet],
    quiet: bool,
) -> Result<(Detection<'a>, RunInfo)> {
    let first = &sets.shards.first;
    let mut run = sets.run.clone();
    let known = (first.judge.network(run.classes.len()), first.is_whole);
    let asked = Cell::new(false);
    let validation = || {
        asked.set(true);
        first.validation.clone()
    };
    let seen = seen(sets.shards, &flagging.gauges)?;
    let detection = Detection::of(flagging, (seen, made), known, validation, sets.pool)?;
    tell_all(&detection.remarks, quiet);
    // Whoever looks at validation images reads the files that hold them.
    if let Some(validation) = first.validation.as_ref().filter(|_| asked.get()) {
        run.data_sha256.clone_from(&validation.data_sha256);
    }
    Ok((detection, run))
}
