//! [`Detection`]: what `detect` and `evaluate` have in common at their end: assessments, the files of a detection, and its tables.

use std::io::Write;

use anyhow::Result;

use super::bench::Bench;
use super::looking::look_at_blends;
use super::out::{Table, say, say_lines};
use super::remarks::{on_detection, tell_all};
use super::session::Session;
use crate::evaluation::{Assessment, AttackedSet, MetricsRow, SeenSet, SetName, assess};
use crate::files::{Edition, Output, write_csv};
use crate::remarks::{Effect, Remark, auroc};
use crate::report::{Entry, Measurement, RocRow, draw_roc, roc_rows, write_detection};
use crate::words;

/// What the detectors of a bench saw of a session's images, and how well they did.
pub(crate) struct Detection<'a> {
    session: &'a Session,
    bench: &'a Bench<'a>,
    pub(crate) clean: SeenSet,
    pub(crate) attacked: Vec<SeenSet>,
    blends: Option<SeenSet>,
    pub(crate) assessments: Vec<Assessment>,
    pub(crate) remarks: Vec<Remark>,
}

impl<'a> Detection<'a> {
    /// Assesses what was seen of the sets `made`, and where `ambiguous` is asked for of blends too. Remarks go to stderr.
    pub(crate) fn of(
        session: &'a Session,
        bench: &'a Bench,
        clean: SeenSet,
        (attacked, made): (Vec<SeenSet>, &[AttackedSet]),
        ambiguous: bool,
    ) -> Result<Self> {
        let blends = ambiguous.then(|| look_at_blends(bench, session)).transpose()?;
        let assess = || assess(&clean, &attacked, blends.as_ref(), &bench.gauges);
        let assessments = session.subject.pool.install(assess)?;
        let remarks = on_detection(session, bench, &clean, made);
        tell_all(&remarks, session.subject.quiet);
        Ok(Self { session, bench, clean, attacked, blends, assessments, remarks })
    }

    /// What the summary says of it.
    pub(crate) fn measurement(&self, made: Vec<AttackedSet>) -> Measurement {
        let Bench { chosen, gauges, .. } = self.bench;
        Measurement {
            run: self.session.info(),
            detector: chosen.id,
            threshold_fpr: self.bench.threshold_fpr(),
            thresholds: gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
            sets: made,
            metrics: self.assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
        }
    }

    /// Writes `detect.csv`, `roc.csv`, `roc.svg` and `metrics.csv`.
    pub(crate) fn write(&self, edition: &mut Edition) -> Result<()> {
        let Self { bench, assessments, .. } = self;
        let sets = std::iter::once(&self.clean).chain(&self.attacked).chain(&self.blends);
        let entries =
            sets.flat_map(|set| set.images.iter().map(|seen| Entry { set: &set.name, seen: Ok(seen), source: None }));
        edition.write("detect.csv", |file| write_detection(entries, bench.chosen, &bench.gauges, false, file))?;
        let curves = assessments.iter().filter_map(|a| Some(roc_rows(&a.metrics, a.roc.as_ref()?))).flatten();
        edition.write("roc.csv", |file| write_csv::<RocRow>(curves, file))?;
        let plot = draw_roc(assessments)?;
        edition.write("roc.svg", |file| file.write_all(plot.as_bytes()))?;
        edition.write("metrics.csv", |file| write_csv::<MetricsRow>(assessments.iter().map(|a| &a.metrics), file))
    }

    /// Prints the AUROC of every detector on every set, and how the one that flags does; `made` are the sets.
    pub(crate) fn print(&self, made: &[AttackedSet], output: &Output) -> Result<()> {
        let Bench { gauges, chosen, .. } = self.bench;
        let mut ranking = Table::of_numbers(["AUROC"].into_iter().chain(gauges.iter().map(|gauge| gauge.id)));
        let is_blind = made.iter().any(|set| Effect::from(set).blind().is_some());
        let header = ["set", "negatives", "positives", "fpr", "tpr", "undetected", "robust accuracy"];
        let mut flagging = Table::of_numbers(header.into_iter().chain(is_blind.then_some("blind")));
        let percent = |value: Option<f64>| value.map_or(String::new(), words::percent);
        let count = |value: Option<usize>| value.map_or(String::new(), |value| value.to_string());
        for set in self.assessments.chunks(gauges.len()) {
            let name = &set[0].metrics.set;
            ranking.row(
                [name.to_string()].into_iter().chain(set.iter().map(|one| auroc(&one.metrics).unwrap_or_default())),
            );
            if let Some(one) = set.iter().find(|one| one.metrics.detector == chosen.id) {
                let m = &one.metrics;
                let blind = is_blind.then(|| blind(made, name));
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
