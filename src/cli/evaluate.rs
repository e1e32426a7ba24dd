//! `robust evaluate`: attacks x epsilons x detectors in one go. Every set lies in a folder of its own, as `robust attack` writes
//! it, and is not made again when the command runs again; beside them lie the files of `robust detect`, `security.csv`,
//! `security.svg` and `evaluate.json`.
//!
//! What is assessed is what was written: every set is read back, whether this run made it or an earlier one.

use std::io::Write;
use std::slice;
use std::time::Instant;

use anyhow::{Context, Result};
use rayon::prelude::*;
use robust_attacks::Model;
use robust_data::SplitName;
use robust_detectors::rates;
use serde_json::json;

use super::attack;
use super::detect::{look_at_blends, look_at_clean, print_summary, write_reports};
use super::finished::{self, Finished, Standing};
use super::flags::EvaluateFlags;
use super::images::{CLEAN_IMAGES, CLEAN_IMAGES_AROUND, Clean};
use super::matrix::planned_attacks;
use super::opponent::opponent;
use super::panel::{Panel, chosen_detector, chosen_detectors, gauge, threshold_fpr};
use super::progress::Progress;
use super::remarks;
use super::say::{note, say, say_lines};
use super::session::Session;
use super::table::Table;
use super::target::target;
use crate::campaign::{Outcome, Target};
use crate::detection::{Assessment, Gauge, Seen, SeenSet, Sets, assess, assess_attacked};
use crate::files::{Files, Hashes, Output};
use crate::plan::{PlannedAttack, PlannedSet};
use crate::remarks::Effect;
use crate::report::{
    AttackSummary, AttackedSet, DETECTION_SUMMARIES, EvaluationSummary, HalfUndetected, draw_security, marked,
    write_csv,
};
use crate::sanity::{self, Check, Verdict};
use crate::screening::Screen;
use crate::security::{Curve, CurveRow, Point, attack_of, curves, worst_case, worst_of, worst_under};

/// What tells of a set in the folder around it.
const AROUND: [&str; 3] = ["../detect.json", "../evaluate.json", "../report.html"];

pub(super) fn run(flags: &EvaluateFlags) -> Result<()> {
    let quiet = flags.subject.common.quiet;
    let chosen = chosen_detector(&flags.flagging);
    let mut planned = planned_attacks(flags, chosen)?;
    let detectors = chosen_detectors(&flags.flagging, chosen, &planned);
    let session = Session::open(&flags.subject)?;
    let target = target(&flags.attack, session.class_names())?;
    let output = Output::new(&flags.subject.out)?;
    // All at once, so that another run in one of them is noticed before the work and not in its midst.
    let sets = planned.iter().flat_map(|attack| &attack.sets);
    let folders = sets.map(|set| output.subfolder(&set.name)).collect::<Result<Vec<_>, _>>()?;
    let validation = || Ok(session.dataset.split(SplitName::Validation)?);
    let panel = Panel::open(&flags.flagging, chosen, &detectors, &session.subject, quiet, validation)?;
    let Panel { calibration, screen, gauges } = panel;
    session.remark(quiet);

    let opponent = opponent(&mut planned, &session, &screen, &gauges)?;
    let images = Clean::of(&session, CLEAN_IMAGES_AROUND)?;
    if !images.lies_at(&output.path(CLEAN_IMAGES)) {
        // Whatever comes between these two, the hash in the old summary tells.
        images.write(&output)?;
        output.withdraw(&DETECTION_SUMMARIES)?;
    }
    let mut edition = output.edition();
    let (hashes, mut folders) = (Hashes::default(), folders.iter());
    let clean = look_at_clean(&session, &screen, quiet)?;
    let mut attacked = Vec::new();
    let mut made = Vec::new();
    for planned in &planned {
        for set in &planned.sets {
            let folder = folders.next().context("a set without a folder")?;
            let standing = finished::standing(folder, &session, planned, set, target, &hashes);
            if let Standing::Spoilt(reason) = &standing {
                note(quiet, format_args!("{} is made again: {reason}", set.name));
            }
            let files = match standing {
                Standing::Finished(files) => files,
                Standing::Missing | Standing::Spoilt(_) => {
                    make(&session, &*opponent, &images, folder, planned, set, target, quiet)?
                }
            };
            edition.take_up_all(&set.name, &files);
            let outcome =
                finished::read(folder, session.split().len()).with_context(|| folder.folder().display().to_string())?;
            attacked.push(look_at(&session, &screen, set, &outcome, quiet)?);
            made.push(planned.attacked(set, target, &[&outcome.outcome]));
        }
    }
    let blends = if flags.ambiguous { Some(look_at_blends(&session, &screen, quiet)?) } else { None };

    let sets = Sets { clean: &clean, attacked: &attacked, blends: blends.as_ref() };
    let mut assessments = session.subject.pool.install(|| assess(sets, &gauges))?;
    assessments.extend(session.subject.pool.install(|| assess_worst(&clean, &attacked, &made, &gauges))?);

    let remarks = remarks::on_detection(&session, &flags.flagging, chosen, &calibration, &gauges, &clean, &made);
    remarks::tell_all(&remarks, quiet);

    let curves = security(&clean, &made, &assessments, &gauges);
    let summary = EvaluationSummary {
        run: session.info(),
        detector: chosen,
        threshold_fpr: threshold_fpr(&flags.flagging),
        thresholds: gauges.iter().map(|gauge| (gauge.id, gauge.threshold.score())).collect(),
        checks: checks(&session, &made)?,
        sets: made,
        metrics: assessments.iter().map(|assessment| assessment.metrics.clone()).collect(),
        security: curves.iter().flat_map(|curve| curve.0.clone()).collect(),
        half_undetected: curves.iter().map(half_undetected).collect(),
        remarks,
    };
    let blind = blind_attacks(&summary.sets);
    let chosen = gauge(&gauges, chosen)?;
    let sets = || std::iter::once(&clean).chain(&attacked).chain(&blends);
    write_reports(&mut edition, sets, &assessments, chosen, &gauges)?;
    edition.write("security.csv", |file| write_csv::<CurveRow>(&summary.security, file))?;
    let plot = draw_security(&curves, chosen.id, &blind)?;
    edition.write("security.svg", |file| file.write_all(plot.as_bytes()))?;
    let vouched = edition.publish("evaluate.json", summary, &DETECTION_SUMMARIES)?;
    if flags.subject.common.json {
        return say(json!(vouched));
    }
    let summary = vouched.summary;
    print_checks(&summary.checks)?;
    print_half(&summary.half_undetected, &blind, &gauges)?;
    print_summary(&assessments, &summary.sets, &gauges, chosen, &output)
}

/// Makes the set. Returns what its summary vouches for.
#[expect(clippy::too_many_arguments, reason = "a set is made of all of these")]
fn make(
    session: &Session,
    opponent: &dyn Model,
    images: &Clean,
    folder: &Output,
    planned: &PlannedAttack,
    set: &PlannedSet,
    target: Option<Target>,
    quiet: bool,
) -> Result<Files> {
    let start = Instant::now();
    let made = attack::attack_all(session, opponent, planned, slice::from_ref(set), target, None, quiet)?.concat();
    let seconds = start.elapsed().as_secs_f64();
    let outcomes: Vec<&Outcome> = made.iter().map(|batch| &batch.outcome).collect();
    let attacked = planned.attacked(set, target, &outcomes);
    let summary = AttackSummary {
        remarks: remarks::on_attacks(session, None, &remarks::answers(&outcomes), &[&attacked]),
        attacked,
        run: session.info(),
        transfer: None,
        seconds,
        images_per_second: session.split().len() as f64 / seconds,
    };
    let files = attack::write(session, images, &made, summary, folder, &AROUND)?.files;
    note(quiet, format_args!("{} made in {seconds:.1} s", set.name));
    Ok(files)
}

/// What the detectors see of a set.
fn look_at(session: &Session, screen: &Screen, set: &PlannedSet, made: &Finished, quiet: bool) -> Result<SeenSet> {
    let progress = Progress::new(&set.name, made.x_adv.len(), quiet);
    let batches = session.subject.each_batch(made.x_adv.len(), |range| {
        let rows = &made.outcome.rows[range.clone()];
        let sightings = screen.look_at(&made.x_adv.image_tensor(range, &session.subject.device)?)?;
        progress.count(rows);
        Ok(rows.iter().zip(sightings).map(|(row, sighting)| Seen::attacked(row, sighting)).collect::<Vec<_>>())
    })?;
    Ok(SeenSet { name: set.name.clone(), images: batches.concat() })
}

/// Every budget in which an attack was made: the name of its worst case, and the positions of its sets.
fn budgets(made: &[AttackedSet]) -> Vec<(String, Vec<usize>)> {
    let mut budgets: Vec<(String, Vec<usize>)> = Vec::new();
    for (position, set) in made.iter().enumerate() {
        let Some(name) = worst_of(set.norm.as_deref(), set.epsilon) else { continue };
        match budgets.iter_mut().find(|(other, _)| *other == name) {
            Some((_, members)) => members.push(position),
            None => budgets.push((name, vec![position])),
        }
    }
    budgets
}

/// The worst case within every budget, which each detector has one of its own of.
fn assess_worst(
    clean: &SeenSet,
    attacked: &[SeenSet],
    made: &[AttackedSet],
    gauges: &[Gauge],
) -> Result<Vec<Assessment>> {
    let budgets = budgets(made);
    let pairs: Vec<_> = budgets.iter().flat_map(|budget| gauges.iter().map(move |gauge| (budget, *gauge))).collect();
    let assess = |((name, members), gauge): (&(String, Vec<usize>), Gauge)| {
        let members: Vec<&SeenSet> = members.iter().map(|&member| &attacked[member]).collect();
        assess_attacked(clean, &worst_case(name.clone(), &members, gauge), gauge)
    };
    pairs.into_par_iter().map(assess).collect()
}

/// A curve for each attack with a budget, and for the worst of them, under each detector.
fn security(clean: &SeenSet, made: &[AttackedSet], assessments: &[Assessment], gauges: &[Gauge]) -> Vec<Curve> {
    let mut points = Vec::new();
    for Assessment { metrics, .. } in assessments {
        let single = made.iter().find(|set| set.set == metrics.set);
        let budget = single.or_else(|| {
            made.iter().find(|set| worst_of(set.norm.as_deref(), set.epsilon).as_ref() == Some(&metrics.set))
        });
        let Some((epsilon, norm)) = budget.and_then(|set| Some((set.epsilon?, set.norm.clone()?))) else { continue };
        // The worst case succeeds where it has a positive, of all that were attacked.
        let attacked = made.iter().map(|set| set.counts.succeeded + set.counts.failed).max().unwrap_or(0);
        let share = |count: usize| (attacked > 0).then(|| count as f64 / attacked as f64);
        points.push(Point {
            attack: single.map_or_else(|| worst_under(&norm), |set| attack_of(&set.set)),
            norm,
            epsilon,
            success_rate: metrics.n_positive.and_then(share),
            metrics,
        });
    }
    curves(&points, |id| {
        let gauge = gauges.iter().find(|gauge| gauge.id == id)?;
        let accepted = clean.images.iter().map(|seen| seen.is_accepted(*gauge));
        rates::share(accepted)
    })
}

/// The attacks of which some set was blind, without their epsilons, and the worst cases that they are part of.
fn blind_attacks(made: &[AttackedSet]) -> Vec<String> {
    let blind = made.iter().filter(|set| Effect::from(*set).blind().is_some());
    let names = |set: &AttackedSet| {
        let worst = set.epsilon.and(set.norm.as_deref()).map(worst_under);
        [Some(attack_of(&set.set)), worst].into_iter().flatten()
    };
    blind.flat_map(names).collect()
}

fn half_undetected(curve: &Curve) -> HalfUndetected {
    let first = &curve.0[0];
    HalfUndetected { attack: first.attack.clone(), detector: first.detector, epsilon: curve.half_undetected() }
}

/// The flags of the model, from two looks at the first images, and the checks of the sets.
fn checks(session: &Session, made: &[AttackedSet]) -> Result<Vec<Check>> {
    let images = session.images(0..session.split().len().min(64))?;
    let look = || Ok::<_, anyhow::Error>(session.subject.network.logits(&images.x)?.to_vec2::<f32>()?);
    let mut checks = sanity::flags(&look()?, &look()?);
    checks.extend(sanity::checks(made));
    Ok(checks)
}

fn print_checks(checks: &[Check]) -> Result<()> {
    let mut table = Table::of_words(["check", "", "where"]);
    for Check { check, verdict, detail } in checks {
        table.row([*check, if *verdict == Verdict::Pass { "pass" } else { "WARN" }, detail]);
    }
    say_lines(format_args!("{table}\n"))
}

fn print_half(half: &[HalfUndetected], blind: &[String], gauges: &[Gauge]) -> Result<()> {
    let header = ["epsilon where half pass"].into_iter().chain(gauges.iter().map(|gauge| gauge.id));
    let mut table = Table::of_numbers(header);
    let mut attacks: Vec<&str> = Vec::new();
    for one in half {
        if !attacks.contains(&one.attack.as_str()) {
            attacks.push(&one.attack);
        }
    }
    for attack in attacks {
        let cell = |gauge: &Gauge| {
            let found = half.iter().find(|one| one.attack == attack && one.detector == gauge.id);
            found.and_then(|one| one.epsilon).map_or("-".to_owned(), |epsilon| format!("{epsilon:.3}"))
        };
        table.row([marked(attack, blind)].into_iter().chain(gauges.iter().map(cell)));
    }
    say_lines(format_args!("{table}\n"))
}
