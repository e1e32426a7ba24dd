//! [`Detection`]: what `detect` and `evaluate` have in common at their end: assessments, the files of a detection, and its tables. It knows
//! neither network nor images, so that `merge` ends as they do.

use std::io::Write;

use anyhow::Result;
use rayon::ThreadPool;

use super::flagging::Flagging;
use super::out::{Table, say, say_lines};
use super::remarks::on_detection;
use crate::evaluation::{Assessment, AttackedSet, MetricsRow, RunInfo, SeenSet, SetName, ShiftRow, assess};
use crate::files::{DETECTION_ROWS, Edition, Output, write_csv};
use crate::remarks::{Effect, Network, Remark, auroc};
use crate::report::{
    Entry, LastColumns, Measurement, RiskRow, RocRow, Validation, draw_risk, draw_roc, risk_rows, risky, roc_rows,
    write_detection,
};
use crate::words;

/// What detectors saw of the images of a run, and how well they did.
pub(crate) struct Detection<'a> {
    flagging: &'a Flagging,
    pub(crate) seen: Seen,
    pub(crate) assessments: Vec<Assessment>,
    pub(crate) remarks: Vec<Remark>,
}

/// What detectors saw: the clean images, the attacked sets, and shifted images and blends if they were asked for.
pub(crate) struct Seen {
    pub(crate) clean: SeenSet,
    pub(crate) attacked: Vec<SeenSet>,
    pub(crate) shifted: Vec<SeenSet>,
    pub(crate) blends: Option<SeenSet>,
}

impl<'a> Detection<'a> {
    /// Assesses what was seen of the sets `made` of images of which the `network` says what they are; `is_whole` and `validation` are as
    /// remarks ask for them.
    pub(crate) fn of(
        flagging: &'a Flagging,
        (seen, made): (Seen, &[AttackedSet]),
        (network, is_whole): (Network, bool),
        validation: impl FnOnce() -> Option<Validation>,
        pool: &ThreadPool,
    ) -> Result<Self> {
        let Seen { clean, attacked, shifted, blends } = &seen;
        let assess = || assess(clean, attacked, (shifted, blends.as_ref()), &flagging.gauges);
        let assessments = pool.install(assess)?;
        let remarks = on_detection(network, is_whole, flagging, (clean, shifted, made), validation);
        Ok(Self { flagging, seen, assessments, remarks })
    }

    /// What the summary says of it.
    pub(crate) fn measurement(&self, run: RunInfo, made: Vec<AttackedSet>) -> Measurement {
        let Flagging { chosen, gauges, .. } = self.flagging;
        Measurement {
            run,
            detector: chosen.id,
            threshold_fpr: self.flagging.threshold_fpr(),
            thresholds: gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
            sets: made,
            metrics: self.assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
            shifts: self.shifts(),
        }
    }

    /// What benign shifts do.
    fn shifts(&self) -> Vec<ShiftRow> {
        let Seen { clean, shifted, .. } = &self.seen;
        let Flagging { gauges, chosen, .. } = self.flagging;
        ShiftRow::all(clean, shifted, (gauges, *chosen), &self.assessments)
    }

    /// Writes `detect.csv`, `roc.csv`, `roc.svg`, `risk.csv`, `risk.svg`, `metrics.csv`, and `shifts.csv` where there are shifts.
    pub(crate) fn write(&self, edition: &mut Edition, last: LastColumns) -> Result<()> {
        let Self { flagging: Flagging { chosen, gauges, .. }, assessments, .. } = self;
        let Seen { clean, attacked, shifted, blends } = &self.seen;
        let sets = std::iter::once(clean).chain(attacked).chain(shifted).chain(blends);
        let entries =
            sets.flat_map(|set| set.images.iter().map(|seen| Entry { set: &set.name, seen: Ok(seen), source: None }));
        edition.write(DETECTION_ROWS, |file| write_detection(entries, *chosen, gauges, last, file))?;
        let curves = assessments.iter().filter_map(|a| Some(roc_rows(&a.metrics, a.roc.as_ref()?))).flatten();
        edition.write("roc.csv", |file| write_csv::<RocRow>(curves, file))?;
        let plot = draw_roc(assessments)?;
        edition.write("roc.svg", |file| file.write_all(plot.as_bytes()))?;
        let risks = risky(assessments).flat_map(|(metrics, roc)| risk_rows(metrics, roc));
        edition.write("risk.csv", |file| write_csv::<RiskRow>(risks, file))?;
        let plot = draw_risk(assessments)?;
        edition.write("risk.svg", |file| file.write_all(plot.as_bytes()))?;
        if !shifted.is_empty() {
            edition.write("shifts.csv", |file| write_csv::<ShiftRow>(&self.shifts(), file))?;
        }
        edition.write("metrics.csv", |file| write_csv::<MetricsRow>(assessments.iter().map(|a| &a.metrics), file))
    }

    /// Prints the AUROC of every detector on every set, and how the one that flags does; `made` are the sets.
    pub(crate) fn print(&self, made: &[AttackedSet], output: &Output) -> Result<()> {
        let Flagging { gauges, chosen, .. } = self.flagging;
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
        if !self.seen.shifted.is_empty() {
            say_lines(format_args!("{}\n", self.shifts_table()))?;
        }
        say(format_args!("reports  {}", output.folder.display()))
    }

    /// How many images of each shift the network gets right, and how many are flagged, by reason.
    fn shifts_table(&self) -> Table {
        let chosen = self.flagging.chosen.id;
        let mut table =
            Table::of_numbers(["shift", "accuracy", "flagged", "unsure", "another label", "unlike", "AUROC of errors"]);
        for row in self.shifts().into_iter().filter(|row| row.detector == chosen) {
            let shares = [row.accuracy, row.flagged, row.unsure, row.another_label, row.unlike];
            let shares = shares.map(|share| share.map_or(String::new(), words::percent));
            let auroc = row.auroc.map_or(String::new(), |area| format!("{area:.4}"));
            table.row([row.set.to_string()].into_iter().chain(shares).chain([auroc]));
        }
        table
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
