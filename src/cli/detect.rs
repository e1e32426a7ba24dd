//! `robust detect`: attack, look at clean and adversarial images with every detector, and report how well they tell them
//! apart: `detect.csv`, `roc.csv`, `roc.svg`, `metrics.csv`, `detect.json`.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use anyhow::{Context, Result};
use robust_attacks::MethodSpec;
use robust_data::{Split, SplitName};
use robust_detectors::{Threshold, detector};
use serde_json::json;

use super::failure::Usage;
use super::flags::{DetectFlags, MethodFlags};
use super::plan::{self, PlannedAttack, by_set};
use super::progress::Progress;
use super::say::say;
use super::screen;
use super::session::{Session, Subject};
use super::table::Table;
use super::target::target;
use crate::calibration::calibrate;
use crate::campaign::{Attacked, Target};
use crate::detection::{Assessment, CLEAN, Gauge, Seen, SeenSet, assess};
use crate::report::{
    AttackRow, AttackedSet, DetectionSummary, Entry, Output, draw_roc, roc_rows, write_csv, write_detection, write_json,
};
use crate::screening::Screen;

/// The detector that flags unless --detector names another.
const DEFAULT_DETECTOR: &str = "alternative";
/// The rate of the stored thresholds.
const DEFAULT_FPR: f64 = 0.05;

pub(super) fn run(flags: &DetectFlags) -> Result<()> {
    if flags.input.is_some() {
        return screen::run(flags);
    }
    let start = Instant::now();
    let quiet = flags.subject.common.quiet;
    let planned = planned_attacks(flags)?;
    let chosen = chosen_detector(flags)?;
    let session = Session::open(&flags.subject)?;
    let target = target(&flags.attack, session.dataset.class_names())?;
    let output = Output::new(&flags.subject.out)?;
    let screen = Screen::with_all_detectors(&session.subject.network)?;
    let gauges =
        gauges(flags, &session.subject, &screen, chosen, || Ok(session.dataset.split(SplitName::Validation)?))?;
    session.remark(quiet);

    let clean = look_at_clean(&session, &screen, quiet)?;
    let mut attacked = Vec::new();
    let mut attacks = Vec::new();
    for attack in &planned {
        for (seen, made) in look_at_attacked(&session, &screen, attack, target, quiet)? {
            attacked.push(seen);
            attacks.push(made);
        }
    }
    let assessments = session.subject.pool.install(|| assess(&clean, &attacked, &gauges, session.seed))?;

    let summary = DetectionSummary {
        run: session.info(),
        detector: chosen,
        threshold_fpr: threshold_fpr(flags),
        thresholds: gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
        sets: attacks,
        metrics: assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
        seconds: start.elapsed().as_secs_f64(),
    };
    let chosen = gauge(&gauges, chosen)?;
    let all = || std::iter::once(&clean).chain(&attacked);
    let entries = all().flat_map(|set| set.images.iter().map(|seen| Entry { set: &set.name, seen, source: None }));
    output.write("detect.csv", |file| write_detection(entries, chosen, &gauges, false, file))?;
    let curves = assessments.iter().filter_map(|a| Some(roc_rows(&a.metrics, a.roc.as_ref()?))).flatten();
    output.write("roc.csv", |file| write_csv(curves, file))?;
    let plot = draw_roc(&assessments)?;
    output.write("roc.svg", |file| io::Write::write_all(file, plot.as_bytes()))?;
    output.write("metrics.csv", |file| write_csv(&summary.metrics, file))?;
    output.write("detect.json", |file| write_json(&summary, file))?;
    if flags.subject.common.json {
        return say(json!(summary));
    }
    print_summary(&assessments, &gauges, chosen, &output)
}

/// The sets asked for, or FGSM and BIM at 0.1, 0.2 and 0.3.
fn planned_attacks(flags: &DetectFlags) -> Result<Vec<PlannedAttack>> {
    let quiet = flags.subject.common.quiet;
    if !flags.method.is_empty() {
        return plan::attacks(&flags.method, &flags.attack, quiet);
    }
    let methods = ["fgsm", "bim"].iter().map(|id| id.parse()).collect::<Result<Vec<MethodSpec>, _>>()?;
    let epsilon = match &flags.attack.epsilon[..] {
        [] => vec![0.1, 0.2, 0.3],
        given => given.to_vec(),
    };
    plan::attacks(&methods, &MethodFlags { epsilon, ..flags.attack.clone() }, quiet)
}

/// The id of the detector that flags.
pub(super) fn chosen_detector(flags: &DetectFlags) -> Result<&'static str> {
    let id = flags.detector.as_deref().unwrap_or(DEFAULT_DETECTOR);
    Ok(detector(id).map_err(|error| Usage(format!("--detector: {error}")))?.id())
}

/// The rate that thresholds are made for; none if the user gave the chosen detector's.
pub(super) fn threshold_fpr(flags: &DetectFlags) -> Option<f64> {
    match flags.threshold {
        Some(Some(_)) => None,
        _ => Some(flags.fpr.unwrap_or(DEFAULT_FPR)),
    }
}

/// Every detector of the screen with its threshold, from the stored validation scores, or from scores made now if the
/// checkpoint has none.
pub(super) fn gauges(
    flags: &DetectFlags,
    subject: &Subject,
    screen: &Screen,
    chosen: &str,
    validation: impl FnOnce() -> Result<Split>,
) -> Result<Vec<Gauge>> {
    let stored = &subject.checkpoint.calibration;
    let complete = screen.detectors().iter().all(|detector| stored.contains_key(detector.id()));
    let made: BTreeMap<String, Vec<f32>>;
    let scores = if complete {
        stored
    } else {
        if !flags.subject.common.quiet {
            eprintln!("note: the network comes without validation scores; making them from the validation images");
        }
        let validation = validation()?;
        made = subject.pool.install(|| calibrate(&subject.network, &validation, &subject.device))?;
        &made
    };
    let fpr = flags.fpr.unwrap_or(DEFAULT_FPR);
    let gauges = screen.detectors().iter().enumerate().map(|(position, detector)| {
        let id = detector.id();
        let threshold = match flags.threshold {
            Some(Some(score)) if id == chosen => Threshold::new(score)?,
            _ => Threshold::at_fpr(&scores[id], fpr)?,
        };
        Ok(Gauge { position, id, threshold })
    });
    gauges.collect()
}

/// The gauge of a detector that is known to exist.
pub(super) fn gauge(gauges: &[Gauge], id: &str) -> Result<Gauge> {
    gauges.iter().find(|gauge| gauge.id == id).copied().with_context(|| format!("detector {id} was not run"))
}

fn look_at_clean(session: &Session, screen: &Screen, quiet: bool) -> Result<SeenSet> {
    let progress = Progress::new(CLEAN, session.split().len(), quiet);
    let batches = session.subject.each_batch(session.split().len(), |range| {
        let images = session.images(range)?;
        let sightings = screen.look_at(&images.x)?;
        progress.advance(sightings.len(), String::new());
        let known = images.labels.into_iter().zip(images.indices);
        let seen = |((label, index), sighting)| Seen { index, label, status: None, sighting };
        Ok(known.zip(sightings).map(seen).collect::<Vec<_>>())
    })?;
    Ok(SeenSet { name: CLEAN.into(), images: batches.concat() })
}

/// What the detectors see of each set that an attack makes.
fn look_at_attacked(
    session: &Session,
    screen: &Screen,
    planned: &PlannedAttack,
    target: Option<Target>,
    quiet: bool,
) -> Result<Vec<(SeenSet, AttackedSet)>> {
    let campaign = planned.campaign(session, target);
    let progress = Progress::new(&planned.title(), session.split().len() * planned.sets.len(), quiet);
    let look = |attacked: Attacked| {
        let sightings = screen.look_at(&attacked.x_adv)?;
        progress.count(&attacked.outcome.rows);
        let seen = |(row, sighting): (&AttackRow, _)| Seen {
            index: row.index,
            label: row.label,
            status: Some(row.status),
            sighting,
        };
        let seen: Vec<Seen> = attacked.outcome.rows.iter().zip(sightings).map(seen).collect();
        Ok((seen, attacked.outcome))
    };
    let batches = session.subject.each_batch(session.split().len(), |range| {
        campaign.run(&session.images(range)?)?.into_iter().map(look).collect::<Result<Vec<_>>>()
    })?;
    let results = planned.sets.iter().zip(by_set(batches, planned.sets.len())).map(|(set, batches)| {
        let (seen, outcomes): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        let made = planned.attacked(set, target, &outcomes.iter().collect::<Vec<_>>());
        (SeenSet { name: set.name.clone(), images: seen.concat() }, made)
    });
    Ok(results.collect())
}

fn print_summary(assessments: &[Assessment], gauges: &[Gauge], chosen: Gauge, output: &Output) -> Result<()> {
    let mut auroc = Table::of_numbers(["AUROC"].into_iter().chain(gauges.iter().map(|gauge| gauge.id)));
    let mut flagging =
        Table::of_numbers(["set", "negatives", "positives", "fpr", "tpr", "undetected", "robust accuracy"]);
    let three = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.4}"));
    let percent = |value: Option<f64>| value.map_or(String::new(), |value| format!("{:.2} %", 100.0 * value));
    let count = |value: Option<usize>| value.map_or(String::new(), |value| value.to_string());
    for set in assessments.chunks(gauges.len()) {
        let name = set[0].metrics.set.clone();
        auroc.row([name.clone()].into_iter().chain(set.iter().map(|one| three(one.metrics.auroc))));
        if let Some(one) = set.iter().find(|one| one.metrics.detector == chosen.id) {
            let m = &one.metrics;
            flagging.row([
                name,
                count(m.n_negative),
                count(m.n_positive),
                percent(m.fpr),
                percent(m.tpr),
                percent(m.undetected_rate),
                percent(m.robust_accuracy),
            ]);
        }
    }
    say(format_args!("{auroc}\n"))?;
    say(format_args!("detector {}, threshold {}", chosen.id, chosen.threshold.score()))?;
    say(format_args!("{flagging}\n"))?;
    say(format_args!("reports  {}", output.folder().display()))
}
