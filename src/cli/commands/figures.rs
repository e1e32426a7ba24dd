//! `robust figures`: the figures of the style-memory paper and its claims, measured.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::claims::{check_that_beside_stays, read_claims, write_claims};
use crate::cli::flags::number::{natural, pair};
use crate::cli::flags::{SubjectFlags, names};
use crate::cli::out::{Table, note, say, say_lines};
use crate::cli::session::Session;
use crate::cli::usage::Usage;
use crate::files::{Edition, Output};
use crate::study::claims::{Claim, Verdict};
use crate::study::measure::{Artist, Gallery};
use crate::study::plates::{Choice, FORMS, PLATES, Plate};
use crate::study::{Finding, Study};
use crate::words::once_each;

#[derive(Debug, Args)]
pub(crate) struct FiguresFlags {
    /// Figures by the paper's number (3 to 11; digits and letters are one figure) or by name: reconstructions, misclassified,
    /// neighbours, interpolation, forms, path, transfer, generic, traversal; or all [default: all, with --claims none]
    #[arg(long, value_name = "F,..", value_delimiter = ',', value_parser = names::figures, help_heading = "Figures")]
    pub(crate) figure: Vec<Vec<&'static Plate>>,
    /// Measure the paper's claims and write claims.csv, claims.md and claims.json
    #[arg(long, help_heading = "Figures")]
    pub(crate) claims: bool,
    /// claims.json of other networks or datasets, to stand beside these claims in claims.md and claims.csv
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "claims", help_heading = "Figures")]
    pub(crate) beside: Vec<PathBuf>,
    /// Images whose neighbours are shown, by index in the split [default: at a quarter and three quarters of the file]
    #[arg(long, value_name = "I,..", value_delimiter = ',', value_parser = natural, help_heading = "Figures")]
    pub(crate) query: Vec<u64>,
    /// Pairs of images of one class to interpolate between, such as 3:18,7:32 [default: the farthest of each class's first 100]
    #[arg(long, value_name = "I:J,..", value_delimiter = ',', value_parser = pair, help_heading = "Figures")]
    pub(crate) pair: Vec<(u64, u64)>,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &FiguresFlags) -> Result<()> {
    let common = &flags.subject.common;
    let session = Session::open(&flags.subject, None)?;
    let network = session.subject.drawing("figures")?;
    if session.split.len() < 2 {
        bail!(Usage(format!("{} image is too few for figures; raise --limit", session.split.len())));
    }
    let output = Output::new(&flags.subject.out)?;
    check_that_beside_stays(&flags.beside, &output)?;
    session.remark();
    let characters = characters(&session, flags)?;
    let beside = read_claims(&flags.beside)?;
    session.subject.pool.install(|| {
        let artist = Artist::new(network, &session.subject.device);
        let gallery = Gallery::new(artist, &session.split, &session.class_names, characters)
            .with_context(|| format!("network {}", session.subject.name))?;
        let study = Study::new(artist, gallery, session.seed);
        let mut edition = output.edition();
        let findings = draw(flags, &study, &mut edition)?;
        let claims =
            if flags.claims { Some(write_claims(&flags.subject, &study, &session, &output, beside)?) } else { None };
        let mut summary = json!({ "run": session.info(), "findings": findings, "claims": claims });
        if !edition.is_empty() {
            summary = json!(edition.publish("figures.json", summary, &[])?);
        }
        if common.json {
            return say(summary);
        }
        print(&findings, claims.as_deref())?;
        say(format_args!("files  {}", output.folder.display()))
    })
}

/// The figures asked for: all of them, unless only the claims are.
fn plates(flags: &FiguresFlags) -> Vec<&'static Plate> {
    let asked = once_each(flags.figure.concat());
    if asked.is_empty() && !flags.claims { PLATES.iter().collect() } else { asked }
}

/// The written characters of the session's images, if a figure needs them and they are known.
fn characters(session: &Session, flags: &FiguresFlags) -> Result<Vec<Option<char>>> {
    if plates(flags).iter().all(|plate| plate.name != FORMS) {
        return Ok(Vec::new());
    }
    let Some(all) = session.dataset.characters(flags.subject.images.split)? else { return Ok(Vec::new()) };
    Ok(session.split.indices().iter().map(|&index| all[index as usize]).collect())
}

/// Makes and writes the figures.
fn draw(flags: &FiguresFlags, study: &Study, edition: &mut Edition) -> Result<Vec<Finding>> {
    // What is asked for twice is drawn once.
    let choice = Choice { queries: once_each(flags.query.clone()), pairs: once_each(flags.pair.clone()) };
    let mut findings = Vec::new();
    for plate in plates(flags) {
        let Some(figure) = plate.make(study, &choice)? else {
            let reason = "figure 11 goes from a capital to its small letter, and none of these images are known to be such a pair";
            if flags.figure.iter().any(|asked| **asked == [plate]) {
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
        figure.remarks.iter().for_each(|remark| note(flags.subject.common.quiet, remark));
        findings.extend(figure.findings);
    }
    Ok(findings)
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
        say(format_args!("{:<15}{}", claim.verdict.map_or("", Verdict::name), claim.claim))?;
        for (title, text) in [("paper", &claim.paper), ("measured", &claim.told(&[])), ("criterion", &claim.criterion)]
        {
            if !text.is_empty() {
                say(format_args!("    {title:<9}  {text}"))?;
            }
        }
    }
    Ok(())
}
