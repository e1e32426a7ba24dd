//! `robust figures`: the figures of the style-memory paper and its claims, measured.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use robust_data::{SplitName, read_file};
use serde::Serialize;
use serde_json::json;

use super::failure::Usage;
use super::flags::FiguresFlags;
use super::say::{note, say, say_lines};
use super::session::Session;
use super::table::Table;
use crate::figures::claims::{Claim, Measured, claims, markdown};
use crate::figures::measure::{Artist, Gallery};
use crate::figures::plates::{self, Choice};
use crate::figures::{Finding, Kind, Study};
use crate::files::{Edition, Output};
use crate::report::{MAX_SUMMARY_BYTES, cell, write_csv};

/// The claims of a dataset, for `--beside` of another.
const CLAIMS: &str = "claims.json";

pub(super) fn run(flags: &FiguresFlags) -> Result<()> {
    let common = &flags.subject.common;
    let session = Session::open(&flags.subject)?;
    if session.split().len() < 2 {
        bail!(Usage(format!("{} image is too few for figures; raise --limit", session.split().len())));
    }
    let output = Output::new(&flags.subject.out)?;
    check_that_beside_stays(flags, &output)?;
    session.remark(common.quiet);
    let characters = characters(&session, flags)?;
    let beside = flags.beside.as_deref().map(read_claims).transpose()?;
    session.subject.pool.install(|| {
        let artist = Artist::new(&session.subject.network, &session.subject.device);
        let gallery = Gallery::new(artist, session.split(), session.class_names(), characters)
            .with_context(|| format!("network {}", session.subject.name))?;
        let study = Study::new(artist, gallery, session.seed);
        let mut edition = output.edition();
        let findings = draw(flags, &study, &mut edition)?;
        let claims = if flags.claims { Some(write_claims(flags, &study, &session, &output, beside)?) } else { None };
        let mut summary = json!({ "run": session.info(), "findings": findings, "claims": claims });
        if !edition.is_empty() {
            summary = json!(edition.publish("figures.json", summary, &[])?);
        }
        if common.json {
            return say(summary);
        }
        print(&findings, claims.as_deref())?;
        say(format_args!("files  {}", output.folder().display()))
    })
}

/// The figures asked for: all of them, unless only the claims are.
fn kinds(flags: &FiguresFlags) -> Vec<Kind> {
    let asked = once_each(&flags.figure.concat());
    if asked.is_empty() && !flags.claims { Kind::ALL.to_vec() } else { asked }
}

/// What is asked for twice is drawn once.
fn once_each<T: Copy + PartialEq>(asked: &[T]) -> Vec<T> {
    let mut all = Vec::new();
    for &one in asked {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// The written characters of the session's images, if a figure needs them and they are known.
fn characters(session: &Session, flags: &FiguresFlags) -> Result<Vec<Option<char>>> {
    if !kinds(flags).contains(&Kind::Forms) {
        return Ok(Vec::new());
    }
    let Some(all) = session.dataset.characters(flags.subject.images.split)? else { return Ok(Vec::new()) };
    Ok(session.split().indices().iter().map(|&index| all[index as usize]).collect())
}

/// Makes and writes the figures.
fn draw(flags: &FiguresFlags, study: &Study, edition: &mut Edition) -> Result<Vec<Finding>> {
    let choice = Choice { queries: once_each(&flags.query), pairs: once_each(&flags.pair) };
    let mut findings = Vec::new();
    for kind in kinds(flags) {
        let Some(figure) = plates::make(kind, study, &choice)? else {
            let reason = "figure 11 goes from a capital to its small letter, and none of these images are known to be such a pair";
            if flags.figure.iter().any(|asked| **asked == [kind]) {
                bail!(
                    "{reason}: it takes letters, with a table emnist-letters-provenance.csv in --data-dir that says which are capitals"
                );
            }
            note(flags.subject.common.quiet, format_args!("{reason}; it is left out"));
            continue;
        };
        for file in &figure.files {
            edition.write(&file.name, |writer| writer.write_all(&file.bytes))?;
        }
        findings.extend(figure.findings);
    }
    Ok(findings)
}

/// What stands beside these claims must not be written over by them.
fn check_that_beside_stays(flags: &FiguresFlags, output: &Output) -> Result<()> {
    let Some(beside) = &flags.beside else { return Ok(()) };
    let written = fs::canonicalize(output.path(CLAIMS));
    if written.is_ok_and(|written| fs::canonicalize(beside).is_ok_and(|beside| beside == written)) {
        let beside = beside.display();
        bail!(Usage(format!(
            "--beside {beside} is the file that these claims go to: choose another folder with --out"
        )));
    }
    Ok(())
}

/// The claims of another dataset, as an earlier run wrote them.
fn read_claims(path: &Path) -> Result<Measured> {
    let expected = || format!("--beside {} is no claims.json as `robust figures --claims` writes it", path.display());
    serde_json::from_slice(&read_file(path, MAX_SUMMARY_BYTES).with_context(expected)?).with_context(expected)
}

/// A line of `claims.csv`.
#[derive(Default, Serialize)]
struct Line<'a> {
    #[serde(serialize_with = "cell::serialize")]
    dataset: &'a str,
    claim: &'a str,
    paper: &'a str,
    ours: &'a str,
    criterion: &'a str,
    holds: Option<bool>,
}

/// Measures the claims and writes them: alone as `claims.json`, with those of the other dataset as `claims.csv` and `claims.md`.
fn write_claims(
    flags: &FiguresFlags,
    study: &Study,
    session: &Session,
    output: &Output,
    beside: Option<Measured>,
) -> Result<Vec<Claim>> {
    let run = session.info();
    let ours = Measured {
        command: command(flags),
        model: run.model,
        model_sha256: run.model_sha256,
        claims: claims(study, &run.dataset)?,
        dataset: run.dataset,
        split: run.split,
        images: run.images,
        seed: run.seed,
    };
    if let Some((path, other)) = flags.beside.as_ref().zip(beside.as_ref()) {
        other.check_beside(&ours).with_context(|| path.display().to_string())?;
    }
    let all: Vec<Measured> = beside.into_iter().chain([ours.clone()]).collect();
    let lines = all.iter().flat_map(|Measured { dataset, claims, .. }| {
        claims.iter().map(move |Claim { claim, paper, ours, criterion, holds }| Line {
            dataset,
            claim,
            paper,
            ours,
            criterion,
            holds: *holds,
        })
    });
    let mut edition = output.edition();
    edition.write("claims.csv", |file| write_csv::<Line>(lines, file))?;
    edition.write("claims.md", |file| file.write_all(markdown(&all).as_bytes()))?;
    Ok(edition.publish("claims.json", ours, &[])?.summary.claims)
}

/// The command that measures the claims again.
fn command(flags: &FiguresFlags) -> String {
    let subject = &flags.subject;
    let mut words = vec!["robust figures --claims".to_owned()];
    let mut add = |flag: &str, value: String| words.push(format!("{flag} {value}"));
    if subject.common.dataset != "mnist" {
        add("--dataset", subject.common.dataset.clone());
    }
    if let Some(model) = &subject.images.model {
        add("--model", model.clone());
    }
    if subject.common.data_dir.is_some() {
        add("--data-dir", "DIR".to_owned());
    }
    if subject.images.split != SplitName::Test {
        add("--split", subject.images.split.to_string());
    }
    if let Some(limit) = subject.images.limit {
        add("--limit", limit.to_string());
    }
    if subject.images.offset > 0 {
        add("--offset", subject.images.offset.to_string());
    }
    if subject.common.seed > 0 {
        add("--seed", subject.common.seed.to_string());
    }
    if let Some(beside) = &flags.beside {
        add("--beside", beside.display().to_string());
    }
    add("--out", subject.out.display().to_string());
    words.join(" ")
}

fn print(findings: &[Finding], claims: Option<&[Claim]>) -> Result<()> {
    if !findings.is_empty() {
        let mut table = Table::of_words(["figure", "quantity", "value"]);
        for Finding { figure, quantity, value } in findings {
            let value = value.map_or("none".to_owned(), |value| format!("{}", (value * 1e4).round() / 1e4));
            table.row([(*figure).to_owned(), quantity.clone(), value]);
        }
        say_lines(table)?;
    }
    for claim in claims.unwrap_or_default() {
        say(format_args!("{:<4}{}", claim.verdict(), claim.claim))?;
        for (title, text) in [("paper", &claim.paper), ("measured", &claim.ours), ("holds if", &claim.criterion)] {
            if !text.is_empty() {
                say(format_args!("    {title:<8}  {text}"))?;
            }
        }
    }
    Ok(())
}
