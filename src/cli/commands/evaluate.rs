//! `robust evaluate`: attacks x epsilons x detectors in one go. Every set lies in a folder of its own, as `robust attack` writes
//! it, and is not made again when the command runs again; beside them lie the files of `robust detect`, `security.csv`,
//! `security.svg` and `evaluate.json`.
//!
//! What is assessed is what was written: every set is read back, whether this run made it or an earlier one.

use std::io::Write;
use std::slice;

use anyhow::{Context, Result};
use clap::Args;
use robust_attacks::Model;
use serde_json::json;

use super::matrix::planned_attacks;
use crate::cli::attacking::{Attacking, opponent, write_set};
use crate::cli::bench::Bench;
use crate::cli::detection::Detection;
use crate::cli::finished::{self, Finished, Standing};
use crate::cli::flags::names::{self, NamedMethod};
use crate::cli::flags::{DetectionFlags, MethodFlags, SubjectFlags};
use crate::cli::looking::{look_at, look_at_clean};
use crate::cli::out::{Table, note, say, say_lines};
use crate::cli::session::Session;
use crate::cli::set_files::{CLEAN_IMAGES, CLEAN_IMAGES_AROUND, Clean};
use crate::evaluation::sanity::{self, Check};
use crate::evaluation::{
    AttackedSet, Curve, CurveRow, Gauge, HalfUndetected, PlannedAttack, PlannedSet, Seen, SeenSet, SetName,
    assess_worst, security,
};
use crate::files::{Files, Hashes, Output, write_csv};
use crate::remarks::Effect;
use crate::report::{DETECTION_SUMMARIES, EvaluationSummary, draw_security, half_lines};

/// What tells of a set in the folder around it.
const AROUND: [&str; 3] = ["../detect.json", "../evaluate.json", "../report.html"];

#[derive(Debug, Args)]
pub(crate) struct EvaluateFlags {
    /// Methods [default: noise, fgsm, bim, pgd, square, selective-pgd, selective-adam at 0.05 to 0.3, of colour images at 1/255 to 8/255; noise,
    /// fgsm, bim, pgd in l2 at 0.5 to 2, of colour images at 0.125 to 1; deepfool in both, cw in l2 at confidence 0, 10 and 20]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = names::method, help_heading = "Attack")]
    pub(crate) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(crate) attack: MethodFlags,
    #[command(flatten)]
    pub(crate) detection: DetectionFlags,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &EvaluateFlags) -> Result<()> {
    let quiet = flags.subject.common.quiet;
    let session = Session::open(&flags.subject)?;
    let against = flags.detection.flagging.detector.unwrap_or(session.subject.default_detector());
    let mut planned = planned_attacks(&flags.method, &flags.attack, session.shape(), against, quiet)?;
    let target = flags.attack.aim(&session.class_names)?;
    let output = Output::new(&flags.subject.out)?;
    // All at once, so that another run in one of them is noticed before the work and not in its midst.
    let sets = planned.iter().flat_map(|attack| &attack.sets);
    let folders = sets.map(|set| output.subfolder(&set.name.to_string())).collect::<Result<Vec<_>, _>>()?;
    let validation = || session.validation();
    let bench = Bench::open(&session.subject, &flags.detection.flagging, &planned, validation)?;
    session.remark();

    let opponent = opponent(&mut planned, &session.subject, Some(&bench));
    let attacking = Attacking { session: &session, opponent: &*opponent, target, judge: None };
    let images = Clean::of(&session, CLEAN_IMAGES_AROUND)?;
    if !images.lies_at(&output.path(CLEAN_IMAGES)) {
        // Whatever comes between these two, the hash in the old summary tells.
        images.write(&output)?;
        output.withdraw(&DETECTION_SUMMARIES)?;
    }
    let mut edition = output.edition();
    let (hashes, mut folders) = (Hashes::default(), folders.iter());
    let clean = look_at_clean(&bench, &session)?;
    let mut attacked = Vec::new();
    let mut made = Vec::new();
    for planned in &planned {
        for set in &planned.sets {
            let folder = folders.next().context("a set without a folder")?;
            let standing = finished::standing(folder, &session, &planned.attacked(set, target, &[]), &hashes);
            if let Standing::Spoilt(reason) = &standing {
                note(quiet, format_args!("{} is made again: {reason}", set.name));
            }
            let files = match standing {
                Standing::Finished(files) => files,
                Standing::Missing | Standing::Spoilt(_) => make(&attacking, &images, folder, planned, set)?,
            };
            edition.take_up_all(&set.name.to_string(), &files);
            let finished = finished::read(folder, session.split.len());
            let Finished { outcome, x_adv } = finished.with_context(|| folder.folder.display().to_string())?;
            let sightings = look_at(&bench, &set.name, x_adv.len(), |range| {
                let statuses = outcome.rows[range.clone()].iter().map(|row| row.status).collect();
                Ok((x_adv.image_tensor(range, &session.subject.device)?, statuses))
            })?;
            let seen = outcome.rows.iter().zip(sightings).map(|(row, sighting)| Seen::attacked(row, sighting));
            attacked.push(SeenSet { name: set.name.clone(), images: seen.collect() });
            made.push(planned.attacked(set, target, &[&outcome]));
        }
    }
    let mut detection = Detection::of(&session, &bench, clean, (attacked, &made), flags.detection.ambiguous)?;
    let worst = || assess_worst(&detection.clean, &detection.attacked, &made, &bench.gauges);
    let worst = session.subject.pool.install(worst)?;
    detection.assessments.extend(worst);

    let curves = security(&detection.clean, &made, &detection.assessments, &bench.gauges);
    let summary = EvaluationSummary {
        checks: checks(&session, &made)?,
        measurement: detection.measurement(made),
        security: curves.iter().flat_map(|curve| curve.0.clone()).collect(),
        half_undetected: curves.iter().map(Curve::half_undetected).collect(),
        remarks: detection.remarks.clone(),
    };
    let blind = blind_attacks(&summary.measurement.sets);
    detection.write(&mut edition)?;
    edition.write("security.csv", |file| write_csv::<CurveRow>(&summary.security, file))?;
    let plot = draw_security(&curves, bench.chosen.id, &blind)?;
    edition.write("security.svg", |file| file.write_all(plot.as_bytes()))?;
    let vouched = edition.publish("evaluate.json", summary, &DETECTION_SUMMARIES)?;
    if flags.subject.common.json {
        return say(json!(vouched));
    }
    let summary = vouched.summary;
    print_checks(&summary.checks)?;
    print_half(&summary.half_undetected, &blind, &bench.gauges)?;
    detection.print(&summary.measurement.sets, &output)
}

/// Makes the set. Returns what its summary vouches for.
fn make(
    attacking: &Attacking,
    images: &Clean,
    folder: &Output,
    planned: &PlannedAttack,
    set: &PlannedSet,
) -> Result<Files> {
    let made = attacking.make(planned, slice::from_ref(set))?.pop();
    let (attacked, summary) = made.context("the attack made no set")?;
    let seconds = summary.seconds;
    let files = write_set(attacking.session, images, &attacked, summary, folder, &AROUND)?.files;
    note(attacking.session.subject.quiet, format_args!("{} made in {seconds:.1} s", set.name));
    Ok(files)
}

/// The attacks of which some set was blind, without their epsilons, and the worst cases that they are part of.
fn blind_attacks(made: &[AttackedSet]) -> Vec<String> {
    let blind = made.iter().filter(|set| Effect::from(*set).blind().is_some());
    blind.flat_map(|set| [&set.set].into_iter().chain(&set.worst()).map(SetName::attack).collect::<Vec<_>>()).collect()
}

/// The flags of the model, from two looks at the first images, and the checks of the sets.
fn checks(session: &Session, made: &[AttackedSet]) -> Result<Vec<Check>> {
    let images = session.images(0..session.split.len().min(64))?;
    let look = || Ok::<_, anyhow::Error>(session.subject.network.logits(&images.x)?.to_vec2::<f32>()?);
    let mut checks = sanity::flags(&look()?, &look()?);
    checks.extend(sanity::checks(made));
    Ok(checks)
}

fn print_checks(checks: &[Check]) -> Result<()> {
    let mut table = Table::of_words(["check", "", "where"]);
    for check in checks {
        table.row([&*check.check, if check.warns() { "WARN" } else { "pass" }, &check.detail]);
    }
    say_lines(format_args!("{table}\n"))
}

fn print_half(half: &[HalfUndetected], blind: &[String], gauges: &[Gauge]) -> Result<()> {
    let detectors: Vec<&str> = gauges.iter().map(|gauge| gauge.id).collect();
    let mut table = Table::of_numbers(["epsilon where half pass"].iter().chain(&detectors).copied());
    for (attack, epsilons) in half_lines(half, &detectors, blind, "-") {
        table.row([attack].into_iter().chain(epsilons));
    }
    say_lines(format_args!("{table}\n"))
}
