//! [`Evaluated`]: what `evaluate` makes of what detectors saw beyond a detection: the worst case, security curves, checks, and their files. It
//! knows neither network nor images, so that `merge` ends as `evaluate` does.

use std::io::Write;

use anyhow::Result;
use rayon::ThreadPool;

use super::detection::Detection;
use super::flagging::Flagging;
use super::out::{Table, say_lines};
use crate::evaluation::sanity::{self, Check};
use crate::evaluation::{AttackedSet, Curve, CurveRow, HalfUndetected, RunInfo, SetName, assess_worst, security};
use crate::files::{Edition, Output, Vouched, write_csv};
use crate::remarks::Effect;
use crate::report::{EvaluationSummary, LastColumns, REPLACED, draw_security, half_lines};

/// A detection with the worst case among its sets, and what follows from it.
pub(crate) struct Evaluated<'a> {
    flagging: &'a Flagging,
    detection: Detection<'a>,
    curves: Vec<Curve>,
    summary: EvaluationSummary,
}

impl<'a> Evaluated<'a> {
    /// What follows of the sets `made`, whose checks come after those of the model.
    pub(crate) fn of(
        flagging: &'a Flagging,
        mut detection: Detection<'a>,
        (run, made): (RunInfo, Vec<AttackedSet>),
        of_model: Vec<Check>,
        pool: &ThreadPool,
    ) -> Result<Self> {
        let (clean, attacked) = (&detection.seen.clean, &detection.seen.attacked);
        let worst = pool.install(|| assess_worst(clean, attacked, &made, &flagging.gauges))?;
        detection.assessments.extend(worst);
        let curves = security(&detection.seen.clean, &made, &detection.assessments, &flagging.gauges);
        let summary = EvaluationSummary {
            checks: of_model.into_iter().chain(sanity::checks(&made)).collect(),
            measurement: detection.measurement(run, made),
            security: curves.iter().flat_map(|curve| curve.0.clone()).collect(),
            half_undetected: curves.iter().map(Curve::half_undetected).collect(),
            remarks: detection.remarks.clone(),
        };
        Ok(Self { flagging, detection, curves, summary })
    }

    /// Writes the files of the detection, `security.csv` and `security.svg`, and `evaluate.json`, which vouches for all.
    pub(crate) fn publish(&self, mut edition: Edition, last: LastColumns) -> Result<Vouched<EvaluationSummary>> {
        self.detection.write(&mut edition, last)?;
        edition.write("security.csv", |file| write_csv::<CurveRow>(&self.summary.security, file))?;
        let plot = draw_security(&self.curves, self.flagging.chosen.id, &self.blind_attacks())?;
        edition.write("security.svg", |file| file.write_all(plot.as_bytes()))?;
        edition.publish("evaluate.json", self.summary.clone(), &REPLACED)
    }

    /// Prints the checks, where half of the images pass, and the tables of the detection.
    pub(crate) fn print(&self, output: &Output) -> Result<()> {
        print_checks(&self.summary.checks)?;
        let detectors: Vec<&str> = self.flagging.gauges.iter().map(|gauge| gauge.id).collect();
        print_half(&self.summary.half_undetected, &self.blind_attacks(), &detectors)?;
        self.detection.print(&self.summary.measurement.sets, output)
    }

    /// The attacks of which some set was blind, without their epsilons, and the worst cases that they are part of.
    fn blind_attacks(&self) -> Vec<String> {
        let blind = self.summary.measurement.sets.iter().filter(|set| Effect::from(*set).blind().is_some());
        blind
            .flat_map(|set| [&set.set].into_iter().chain(&set.worst()).map(SetName::attack).collect::<Vec<_>>())
            .collect()
    }
}

fn print_checks(checks: &[Check]) -> Result<()> {
    let mut table = Table::of_words(["check", "", "where"]);
    for check in checks {
        table.row([&*check.check, if check.warns() { "WARN" } else { "pass" }, &check.detail]);
    }
    say_lines(format_args!("{table}\n"))
}

fn print_half(half: &[HalfUndetected], blind: &[String], detectors: &[&str]) -> Result<()> {
    let mut table = Table::of_numbers(["epsilon where half pass"].iter().chain(detectors).copied());
    for (attack, epsilons) in half_lines(half, detectors, blind, "-") {
        table.row([attack].into_iter().chain(epsilons));
    }
    say_lines(format_args!("{table}\n"))
}
