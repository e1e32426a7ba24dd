//! `robust detect`: attack, look at clean and adversarial images with every detector, and report how well they tell them
//! apart: `detect.csv`, `roc.csv`, `roc.svg`, `metrics.csv`, `detect.json`.

use std::io;
use std::time::Instant;

use anyhow::Result;
use robust_attacks::{Error, Model};
use robust_data::SplitName;
use serde_json::json;

use super::flags::DetectFlags;
use super::method_flags::MethodFlags;
use super::names::NamedMethod;
use super::opponent::opponent;
use super::panel::{Panel, chosen_detector, chosen_detectors, gauge, threshold_fpr};
use super::plan::{self, by_set, title};
use super::progress::Progress;
use super::remarks;
use super::say::{say, say_lines};
use super::screen;
use super::session::Session;
use super::table::Table;
use super::target::target;
use crate::ambiguity::{AMBIGUOUS, Blends};
use crate::campaign::{Attacked, Target};
use crate::detection::{Assessment, CLEAN, Gauge, MetricsRow, Seen, SeenSet, Sets, assess};
use crate::files::{Edition, Output};
use crate::plan::PlannedAttack;
use crate::remarks::Effect;
use crate::report::{
    AttackedSet, DETECTION_SUMMARIES, DetectionSummary, Entry, RocRow, draw_roc, roc_rows, write_csv, write_detection,
};
use crate::screening::Screen;
use crate::security::worst_of;

pub(super) fn run(flags: &DetectFlags) -> Result<()> {
    if flags.input.is_some() {
        return screen::run(flags);
    }
    let start = Instant::now();
    let quiet = flags.subject.common.quiet;
    let chosen = chosen_detector(&flags.flagging);
    let mut planned = planned_attacks(flags, chosen)?;
    let detectors = chosen_detectors(&flags.flagging, chosen, &planned);
    let session = Session::open(&flags.subject)?;
    let target = target(&flags.attack, session.class_names())?;
    let output = Output::new(&flags.subject.out)?;
    let validation = || Ok(session.dataset.split(SplitName::Validation)?);
    let panel = Panel::open(&flags.flagging, chosen, &detectors, &session.subject, quiet, validation)?;
    let Panel { calibration, screen, gauges } = panel;
    session.remark(quiet);
    let opponent = opponent(&mut planned, &session, &screen, &gauges)?;

    let clean = look_at_clean(&session, &screen, quiet)?;
    let mut attacked = Vec::new();
    let mut attacks = Vec::new();
    for attack in &planned {
        for (seen, made) in look_at_attacked(&session, &screen, &*opponent, attack, target, quiet)? {
            attacked.push(seen);
            attacks.push(made);
        }
    }
    let blends = if flags.ambiguous { Some(look_at_blends(&session, &screen, quiet)?) } else { None };
    let sets = Sets { clean: &clean, attacked: &attacked, blends: blends.as_ref() };
    let assessments = session.subject.pool.install(|| assess(sets, &gauges))?;

    let remarks = remarks::on_detection(&session, &flags.flagging, chosen, &calibration, &gauges, &clean, &attacks);
    remarks::tell_all(&remarks, quiet);

    let summary = DetectionSummary {
        run: session.info(),
        detector: chosen,
        threshold_fpr: threshold_fpr(&flags.flagging),
        thresholds: gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
        sets: attacks,
        metrics: assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
        seconds: start.elapsed().as_secs_f64(),
        remarks,
    };
    let chosen = gauge(&gauges, chosen)?;
    let sets = || std::iter::once(&clean).chain(&attacked).chain(&blends);
    let mut edition = output.edition();
    write_reports(&mut edition, sets, &assessments, chosen, &gauges)?;
    let summary = edition.publish("detect.json", summary, &DETECTION_SUMMARIES)?;
    if flags.subject.common.json {
        return say(json!(summary));
    }
    print_summary(&assessments, &summary.summary.sets, &gauges, chosen, &output)
}

/// The sets asked for, or FGSM and BIM at 0.1, 0.2 and 0.3.
fn planned_attacks(flags: &DetectFlags, against: &'static str) -> Result<Vec<PlannedAttack>> {
    let quiet = flags.subject.common.quiet;
    if !flags.method.is_empty() {
        return plan::attacks(&flags.method, &flags.attack, against, quiet);
    }
    let methods = ["fgsm", "bim"].map(|id| Ok::<_, Error>(NamedMethod { spec: id.parse()?, says_norm: false }));
    let methods = methods.into_iter().collect::<Result<Vec<_>, _>>()?;
    let epsilon = match &flags.attack.epsilon[..] {
        [] => vec![0.1, 0.2, 0.3],
        given => given.to_vec(),
    };
    plan::attacks(&methods, &MethodFlags { epsilon, ..flags.attack.clone() }, against, quiet)
}

/// `detect.csv`, `roc.csv`, `roc.svg` and `metrics.csv`.
pub(super) fn write_reports<'a, I: Iterator<Item = &'a SeenSet>>(
    edition: &mut Edition,
    sets: impl Fn() -> I,
    assessments: &[Assessment],
    chosen: Gauge,
    gauges: &[Gauge],
) -> Result<()> {
    let entries =
        sets().flat_map(|set| set.images.iter().map(|seen| Entry { set: &set.name, seen: Ok(seen), source: None }));
    edition.write("detect.csv", |file| write_detection(entries, chosen, gauges, false, file))?;
    let curves = assessments.iter().filter_map(|a| Some(roc_rows(&a.metrics, a.roc.as_ref()?))).flatten();
    edition.write("roc.csv", |file| write_csv::<RocRow>(curves, file))?;
    let plot = draw_roc(assessments)?;
    edition.write("roc.svg", |file| io::Write::write_all(file, plot.as_bytes()))?;
    edition.write("metrics.csv", |file| write_csv::<MetricsRow>(assessments.iter().map(|a| &a.metrics), file))?;
    Ok(())
}

/// What the detectors see of blends of two images.
pub(super) fn look_at_blends(session: &Session, screen: &Screen, quiet: bool) -> Result<SeenSet> {
    let blends = Blends::new(session.split(), session.seed)?;
    let progress = Progress::new(AMBIGUOUS, session.split().len(), quiet);
    let batches = session.subject.each_batch(session.split().len(), |range| {
        let sightings = screen.look_at(&blends.tensor(range.clone(), &session.subject.device)?)?;
        progress.advance(sightings.len(), String::new());
        let seen = |(&index, sighting)| Seen { index, label: None, status: None, sighting };
        Ok(session.split().indices()[range].iter().zip(sightings).map(seen).collect::<Vec<_>>())
    })?;
    Ok(SeenSet { name: AMBIGUOUS.into(), images: batches.concat() })
}

pub(super) fn look_at_clean(session: &Session, screen: &Screen, quiet: bool) -> Result<SeenSet> {
    let progress = Progress::new(CLEAN, session.split().len(), quiet);
    let batches = session.subject.each_batch(session.split().len(), |range| {
        let images = session.images(range)?;
        let sightings = screen.look_at(&images.x)?;
        progress.advance(sightings.len(), String::new());
        let known = images.labels.into_iter().zip(images.indices);
        let seen = |((label, index), sighting)| Seen { index, label: Some(label), status: None, sighting };
        Ok(known.zip(sightings).map(seen).collect::<Vec<_>>())
    })?;
    Ok(SeenSet { name: CLEAN.into(), images: batches.concat() })
}

/// What the detectors see of each set that an attack makes.
fn look_at_attacked(
    session: &Session,
    screen: &Screen,
    opponent: &dyn Model,
    planned: &PlannedAttack,
    target: Option<Target>,
    quiet: bool,
) -> Result<Vec<(SeenSet, AttackedSet)>> {
    let campaign = planned.campaign(opponent, &planned.sets, target, session.seed);
    let progress = Progress::new(&title(&planned.sets), session.split().len() * planned.sets.len(), quiet);
    let look = |attacked: Attacked| {
        let sightings = screen.look_at(&attacked.x_adv)?;
        progress.count(&attacked.outcome.rows);
        let seen: Vec<Seen> =
            attacked.outcome.rows.iter().zip(sightings).map(|(row, sighting)| Seen::attacked(row, sighting)).collect();
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

pub(super) fn print_summary(
    assessments: &[Assessment],
    attacked: &[AttackedSet],
    gauges: &[Gauge],
    chosen: Gauge,
    output: &Output,
) -> Result<()> {
    let mut auroc = Table::of_numbers(["AUROC"].into_iter().chain(gauges.iter().map(|gauge| gauge.id)));
    let is_blind = attacked.iter().any(|set| Effect::from(set).blind().is_some());
    let header = ["set", "negatives", "positives", "fpr", "tpr", "undetected", "robust accuracy"];
    let mut flagging = Table::of_numbers(header.into_iter().chain(is_blind.then_some("blind")));
    let percent = |value: Option<f64>| value.map_or(String::new(), |value| format!("{:.2} %", 100.0 * value));
    let count = |value: Option<usize>| value.map_or(String::new(), |value| value.to_string());
    for set in assessments.chunks(gauges.len()) {
        let name = set[0].metrics.set.clone();
        auroc.row([name.clone()].into_iter().chain(set.iter().map(|one| one.metrics.auroc_text().unwrap_or_default())));
        if let Some(one) = set.iter().find(|one| one.metrics.detector == chosen.id) {
            let m = &one.metrics;
            let blind = is_blind.then(|| blind(attacked, &name));
            let row = [
                name,
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
    say_lines(format_args!("{auroc}\n"))?;
    say(format_args!("detector {}, threshold {}", chosen.id, chosen.threshold.score()))?;
    say_lines(format_args!("{flagging}\n"))?;
    say(format_args!("reports  {}", output.folder().display()))
}

/// On how many of its images the attack of a set was blind; of a worst case, which of its attacks were.
fn blind(attacked: &[AttackedSet], name: &str) -> String {
    let blind = |set: &AttackedSet| Effect::from(set).blind();
    match attacked.iter().find(|set| set.set == name) {
        Some(set) => blind(set).unwrap_or_default(),
        None => {
            let is_member = |set: &&AttackedSet| worst_of(set.norm.as_deref(), set.epsilon).as_deref() == Some(name);
            let members = attacked.iter().filter(is_member).filter(|set| blind(set).is_some());
            members.map(|set| set.set.as_str()).collect::<Vec<_>>().join(", ")
        }
    }
}
