//! `robust figures --claims`: the paper's claims, measured with a network and written, beside those of other networks.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use robust_data::{pretrained, read_file};
use serde::Serialize;

use crate::cli::flags::SubjectFlags;
use crate::cli::quoted::quoted;
use crate::cli::session::Session;
use crate::cli::subject::Subject;
use crate::cli::usage::Usage;
use crate::files::{self, Output, write_csv};
use crate::report::MAX_SUMMARY_BYTES;
use crate::study::Study;
use crate::study::claims::{Claim, Measured, Origin, claims, markdown};
use crate::training::{Configuration, Preset};

/// The claims of a network, for `--beside` of another.
const CLAIMS: &str = "claims.json";

/// What stands beside these claims must not be written over by them.
pub(crate) fn check_that_beside_stays(paths: &[PathBuf], output: &Output) -> Result<()> {
    let Ok(written) = fs::canonicalize(output.path(CLAIMS)) else { return Ok(()) };
    for beside in paths {
        if fs::canonicalize(beside).is_ok_and(|beside| beside == written) {
            let beside = beside.display();
            bail!(Usage(format!(
                "--beside {beside} is the file that these claims go to: choose another folder with --out"
            )));
        }
    }
    Ok(())
}

/// The claims of other networks, as earlier runs wrote them.
pub(crate) fn read_claims(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Measured)>> {
    let read = |path: &PathBuf| Ok((path.clone(), read_one(path)?));
    paths.iter().map(read).collect()
}

fn read_one(path: &Path) -> Result<Measured> {
    let expected = || {
        format!("--beside {} is no claims.json as this version's `robust figures --claims` writes it", path.display())
    };
    serde_json::from_slice(&read_file(path, MAX_SUMMARY_BYTES).with_context(expected)?).with_context(expected)
}

/// A line of `claims.csv`.
#[derive(Default, Serialize)]
struct Line<'a> {
    #[serde(serialize_with = "files::serialize_cell")]
    dataset: &'a str,
    claim: &'a str,
    paper: &'a str,
    ours: &'a str,
    criterion: &'a str,
    holds: Option<bool>,
    #[serde(serialize_with = "files::serialize_cell")]
    model: &'a str,
    trained_with_seed: u64,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    bound: Option<f64>,
    verdict: &'a str,
}

impl<'a> Line<'a> {
    fn of(measured: &'a Measured, claim: &'a Claim) -> Self {
        let estimate = claim.decided_by.as_ref();
        Self {
            dataset: &measured.dataset,
            claim: &claim.claim,
            paper: &claim.paper,
            ours: &claim.ours,
            criterion: &claim.criterion,
            holds: claim.holds,
            model: &measured.model,
            trained_with_seed: measured.trained_with_seed,
            value: estimate.map(|estimate| estimate.value),
            low: estimate.and_then(|estimate| estimate.low),
            high: estimate.and_then(|estimate| estimate.high),
            bound: estimate.map(|estimate| estimate.bound),
            verdict: claim.verdict.map_or("", |verdict| verdict.name()),
        }
    }
}

/// Measures the claims and writes them: alone as `claims.json`, with those of the others as `claims.csv` and `claims.md`.
pub(crate) fn write_claims(
    flags: &SubjectFlags,
    study: &Study,
    session: &Session,
    output: &Output,
    beside: Vec<(PathBuf, Measured)>,
) -> Result<Vec<Claim>> {
    let run = session.info();
    let ours = Measured {
        command: command(flags, &beside),
        origin: origin(&session.subject),
        trained_with_seed: session.subject.metadata.seed,
        model: run.model,
        model_sha256: run.model_sha256,
        claims: claims(study, &run.dataset)?,
        dataset: run.dataset,
        split: run.split,
        images: run.images,
        seed: run.seed,
    };
    for (path, other) in &beside {
        other.check_beside(&ours).with_context(|| path.display().to_string())?;
    }
    let all: Vec<Measured> = beside.into_iter().map(|(_, other)| other).chain([ours.clone()]).collect();
    let lines = all.iter().flat_map(|measured| measured.claims.iter().map(|claim| Line::of(measured, claim)));
    let mut edition = output.edition();
    edition.write("claims.csv", |file| write_csv::<Line>(lines, file))?;
    edition.write("claims.md", |file| file.write_all(markdown(&all).as_bytes()))?;
    Ok(edition.publish(CLAIMS, ours, &[])?.summary.claims)
}

fn origin(subject: &Subject) -> Origin {
    let metadata = &subject.metadata;
    let paper = Configuration::new(Preset::Paper, metadata.seed);
    if pretrained::pretrained(&subject.name).is_some() {
        Origin::Embedded
    } else if serde_json::from_value(metadata.training.clone()).is_ok_and(|trained: Configuration| trained == paper) {
        Origin::Paper
    } else {
        Origin::Other
    }
}

/// The command that measures the claims again.
fn command(SubjectFlags { common, images, out, .. }: &SubjectFlags, beside: &[(PathBuf, Measured)]) -> String {
    let unless = |value: String, default: &str| (value != default).then_some(value);
    let flags = [
        ("dataset", unless(common.dataset().to_owned(), "mnist")),
        ("model", images.model.model.clone()),
        ("data-dir", common.data_dir.as_ref().map(|_| "DIR".to_owned())),
        ("resize", common.resize.map(|resize| resize.to_string())),
        ("crop", common.crop.map(|crop| crop.0.to_string())),
        ("validation", images.validation.clone()),
        ("split", unless(images.split.to_string(), "test")),
        ("limit", images.limit.map(|limit| limit.to_string())),
        ("spread", images.spread.map(|spread| spread.to_string())),
        ("offset", unless(images.offset.to_string(), "0")),
        ("seed", unless(common.seed.to_string(), "0")),
    ];
    let mut words = vec!["robust figures --claims".to_owned()];
    words.extend(flags.into_iter().filter_map(|(name, value)| Some(format!("--{name} {}", quoted(&value?)))));
    let beside = beside.iter().map(|(path, _)| quoted(&path.display().to_string()));
    words.extend(beside.enumerate().map(|(at, path)| if at == 0 { format!("--beside {path}") } else { path }));
    words.push(format!("--out {}", quoted(&out.display().to_string())));
    words.join(" ")
}
