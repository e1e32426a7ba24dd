//! What `detect` and `evaluate` have in common at their end: the files of a detection, and its tables.

use std::io;

use anyhow::Result;

use super::say::{say, say_lines};
use super::table::Table;
use crate::cli::bench::Bench;
use crate::cli::session::Session;
use crate::evaluation::{Assessment, AttackedSet, MetricsRow, SeenSet, SetName};
use crate::files::{Edition, Output, write_csv};
use crate::remarks::{Effect, auroc};
use crate::report::{Entry, Measurement, RocRow, draw_roc, roc_rows, write_detection};
use crate::words;

/// What the summary of either says of these assessments of `sets`.
pub(crate) fn measurement(
    session: &Session,
    bench: &Bench,
    sets: Vec<AttackedSet>,
    assessments: &[Assessment],
) -> Measurement {
    Measurement {
        run: session.info(),
        detector: bench.chosen.id,
        threshold_fpr: bench.threshold_fpr(),
        thresholds: bench.gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
        sets,
        metrics: assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
    }
}

/// `detect.csv`, `roc.csv`, `roc.svg` and `metrics.csv`.
pub(crate) fn write_detection_files<'a, I: Iterator<Item = &'a SeenSet>>(
    edition: &mut Edition,
    sets: impl Fn() -> I,
    assessments: &[Assessment],
    bench: &Bench,
) -> Result<()> {
    let entries =
        sets().flat_map(|set| set.images.iter().map(|seen| Entry { set: &set.name, seen: Ok(seen), source: None }));
    edition.write("detect.csv", |file| write_detection(entries, bench.chosen, &bench.gauges, false, file))?;
    let curves = assessments.iter().filter_map(|a| Some(roc_rows(&a.metrics, a.roc.as_ref()?))).flatten();
    edition.write("roc.csv", |file| write_csv::<RocRow>(curves, file))?;
    let plot = draw_roc(assessments)?;
    edition.write("roc.svg", |file| io::Write::write_all(file, plot.as_bytes()))?;
    edition.write("metrics.csv", |file| write_csv::<MetricsRow>(assessments.iter().map(|a| &a.metrics), file))?;
    Ok(())
}

pub(crate) fn print_detection(
    assessments: &[Assessment],
    attacked: &[AttackedSet],
    bench: &Bench,
    output: &Output,
) -> Result<()> {
    let Bench { gauges, chosen, .. } = bench;
    let mut ranking = Table::of_numbers(["AUROC"].into_iter().chain(gauges.iter().map(|gauge| gauge.id)));
    let is_blind = attacked.iter().any(|set| Effect::from(set).blind().is_some());
    let header = ["set", "negatives", "positives", "fpr", "tpr", "undetected", "robust accuracy"];
    let mut flagging = Table::of_numbers(header.into_iter().chain(is_blind.then_some("blind")));
    let percent = |value: Option<f64>| value.map_or(String::new(), words::percent);
    let count = |value: Option<usize>| value.map_or(String::new(), |value| value.to_string());
    for set in assessments.chunks(gauges.len()) {
        let name = &set[0].metrics.set;
        ranking
            .row([name.to_string()].into_iter().chain(set.iter().map(|one| auroc(&one.metrics).unwrap_or_default())));
        if let Some(one) = set.iter().find(|one| one.metrics.detector == chosen.id) {
            let m = &one.metrics;
            let blind = is_blind.then(|| blind(attacked, name));
            let row = [
                name.to_string(),
                count(m.n_negative),
                count(m.n_positive),
                percent(m.fpr),
                percent(m.tpr),
                percent(m.undetected_rate),
                percent(m.robust_accuracy),
            ];
            flagging.row(row.into_iter().chain(blind));
        }
    }
    say_lines(format_args!("{ranking}\n"))?;
    say(format_args!("detector {}, threshold {}", chosen.id, chosen.threshold.score()))?;
    say_lines(format_args!("{flagging}\n"))?;
    say(format_args!("reports  {}", output.folder.display()))
}

/// On how many of its images the attack of a set was blind; of a worst case, which of its attacks were.
fn blind(attacked: &[AttackedSet], name: &SetName) -> String {
    let blind = |set: &AttackedSet| Effect::from(set).blind();
    match attacked.iter().find(|set| set.set == *name) {
        Some(set) => blind(set).unwrap_or_default(),
        None => {
            let members = attacked.iter().filter(|set| set.worst().as_ref() == Some(name));
            let members = members.filter(|set| blind(set).is_some());
            words::listed(members.map(|set| &set.set))
        }
    }
}
