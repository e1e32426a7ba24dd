//! The document: the template with its style, its scripts and the data.

use anyhow::{Context, Result};
use askama::Template;
use serde_json::json;

use super::summary::{Key, keys, sentences};
use super::table::Line;
use super::{Run, Screened};
use crate::packed::embeddable;
use crate::words::once_each;

/// The scripts in the order in which they build on each other; together they are one.
const SCRIPTS: [&str; 15] = [
    include_str!("../../../templates/numbers.js"),
    include_str!("../../../templates/pictures.js"),
    include_str!("../../../templates/report/data.js"),
    include_str!("../../../templates/report/figures.js"),
    include_str!("../../../templates/chart.js"),
    include_str!("../../../templates/report/words.js"),
    include_str!("../../../templates/report/matrix.js"),
    include_str!("../../../templates/report/detection.js"),
    include_str!("../../../templates/report/curves.js"),
    include_str!("../../../templates/report/classes.js"),
    include_str!("../../../templates/report/gallery.js"),
    include_str!("../../../templates/report/training.js"),
    include_str!("../../../templates/report/screened.js"),
    include_str!("../../../templates/report/tables.js"),
    include_str!("../../../templates/report/page.js"),
];

/// Lines that a glance takes in.
const AT_A_GLANCE: usize = 8;

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page<'a> {
    title: String,
    style: String,
    script: String,
    data: String,
    chapters: Vec<Chapter<'a>>,
    /// Names of all sets, if several runs are compared.
    compared: Vec<Comparison>,
    facts: Vec<Compared>,
    version: &'static str,
}

/// What is written of a run.
struct Chapter<'a> {
    run: &'a Run,
    sentences: Vec<String>,
    /// The figures to begin with.
    keys: Vec<Key>,
    /// Why not to trust the figures.
    doubts: Vec<String>,
    /// What was left out.
    remarks: Vec<String>,
    lines: Vec<Line>,
    /// Whether some line is not to be trusted.
    has_doubts: bool,
    /// Name of the detector that flags, if there is one.
    detector: Option<&'a str>,
    /// Whether the table of sets is folded: a glance does not take it in.
    is_folded: bool,
}

/// A set in every run; none where a run lacks it.
struct Comparison {
    set: String,
    lines: Vec<Option<Line>>,
}

/// A fact in every run.
struct Compared {
    name: String,
    values: Vec<String>,
    differs: bool,
}

/// Writes the page of `runs`, one or several; the same runs give the same bytes.
pub(crate) fn page(runs: &[Run]) -> Result<String> {
    let title = runs.iter().map(|run| run.name.as_str()).collect::<Vec<_>>().join(", ");
    let compared = if runs.len() > 1 { comparison(runs) } else { Vec::new() };
    let page = Page {
        title,
        style: [include_str!("../../../templates/base.css"), include_str!("../../../templates/report/page.css")]
            .join("\n"),
        script: SCRIPTS.join("\n"),
        data: embeddable(&json!({ "runs": runs })),
        chapters: runs.iter().map(Chapter::of).collect(),
        compared,
        facts: facts(runs),
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render().context("the page cannot be written")
}

impl<'a> Chapter<'a> {
    fn of(run: &'a Run) -> Self {
        let lines = Line::worst_first(run);
        Self {
            run,
            sentences: sentences(run).into_iter().chain(run.screened.iter().flat_map(Screened::sentences)).collect(),
            keys: keys(run),
            doubts: run.doubts.iter().map(|doubt| sentence(doubt)).collect(),
            remarks: run.faults.iter().chain(&run.remarks).cloned().collect(),
            has_doubts: lines.iter().any(|line| !line.doubts.is_empty()),
            is_folded: lines.len() > AT_A_GLANCE,
            lines,
            detector: run.detection.as_ref().map(|clean| clean.detectors[clean.chosen].id.as_str()),
        }
    }
}

/// A remark as a sentence.
fn sentence(remark: &str) -> String {
    let mut letters = remark.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn comparison(runs: &[Run]) -> Vec<Comparison> {
    let names = once_each(runs.iter().flat_map(|run| &run.sets).map(|set| set.name.as_str()));
    let line = |run: &Run, name: &str| {
        let position = run.sets.iter().position(|set| set.name == name)?;
        Some(Line::of(run, position, &run.sets[position]))
    };
    let lines = |name: &str| runs.iter().map(|run| line(run, name)).collect();
    names.into_iter().map(|name| Comparison { set: name.to_owned(), lines: lines(name) }).collect()
}

/// Every fact that any run has, in the order of the first that has it.
fn facts(runs: &[Run]) -> Vec<Compared> {
    let names = once_each(runs.iter().flat_map(|run| &run.facts).map(|fact| fact.name.as_str()));
    let compared = |name: &str| {
        let values: Vec<String> = runs.iter().map(|run| run.fact(name).unwrap_or("–").to_owned()).collect();
        Compared { name: name.to_owned(), differs: values.iter().any(|value| *value != values[0]), values }
    };
    names.into_iter().map(compared).collect()
}
