//! `robust attack`: attack the chosen images and write `clean.npz`, and for every set `attack.csv`, `attack.json` and
//! `adversarial.npz`.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;
use robust_attacks::Model;
use serde_json::json;

use super::flags::AttackFlags;
use super::images::{CLEAN_IMAGES, CLEAN_IMAGES_AROUND, Clean, deflate_adversarial, write_adversarial};
use super::opponent::{detector_against, facing};
use super::panel::DEFAULT_DETECTOR;
use super::plan::{self, by_set, title};
use super::progress::Progress;
use super::remarks;
use super::say::say;
use super::session::{Judge, Session};
use super::target::target;
use crate::campaign::{Attacked, Campaign, JudgeNotFinite, Outcome, Target};
use crate::files::{Output, Vouched};
use crate::plan::{PlannedAttack, PlannedSet};
use crate::remarks::Answers;
use crate::report::{AttackCounts, AttackRow, AttackSummary, AttackedSet, Transfer, write_csv};

pub(super) fn run(flags: &AttackFlags) -> Result<()> {
    let common = &flags.subject.common;
    let mut attacks = plan::attacks(&flags.method, &flags.attack, DEFAULT_DETECTOR, common.quiet)?;
    let session = Session::open(&flags.subject)?;
    let target = target(&flags.attack, session.class_names())?;
    let judge = flags.transfer_to.as_deref().map(|name| session.judge(name)).transpose()?;
    let output = Output::new(&flags.subject.out)?;
    let names: Vec<&str> = attacks.iter().flat_map(|attack| &attack.sets).map(|set| set.name.as_str()).collect();
    let folders: Vec<Output> = match names[..] {
        [_] => Vec::new(),
        _ => names.iter().map(|name| output.subfolder(name)).collect::<Result<_, _>>()?,
    };
    let mut folders = folders.iter();
    let (clean, around) =
        if names.len() == 1 { (CLEAN_IMAGES, &[][..]) } else { (CLEAN_IMAGES_AROUND, &["../report.html"][..]) };
    let clean = Clean::of(&session, clean)?;
    session.remark(common.quiet);
    let detector = detector_against(&attacks, &session, common.quiet)?;
    let opponent: Box<dyn Model> = match &detector {
        Some((detector, threshold)) => Box::new(facing(&mut attacks, &session, &**detector, *threshold)),
        None => Box::new(&session.subject.network),
    };

    let mut summaries = Vec::new();
    // The same in every set.
    let mut answers = Answers::default();
    for planned in &attacks {
        let start = Instant::now();
        let made = attack_all(&session, &*opponent, planned, &planned.sets, target, judge.as_ref(), common.quiet)?;
        let seconds = start.elapsed().as_secs_f64() / planned.sets.len() as f64;
        for (set, attacked) in planned.sets.iter().zip(made) {
            let outcomes: Vec<&Outcome> = attacked.iter().map(|batch| &batch.outcome).collect();
            let made = planned.attacked(set, target, &outcomes);
            answers = remarks::answers(&outcomes);
            let summary = AttackSummary {
                remarks: remarks::on_attacks(&session, judge.as_ref(), &answers, &[&made]),
                attacked: made,
                run: session.info(),
                transfer: judge.as_ref().map(|judge| Transfer {
                    to: judge.name.clone(),
                    sha256: judge.sha256.clone(),
                    fooled_model: outcomes.iter().map(|outcome| outcome.fooled_model).sum(),
                }),
                seconds,
                images_per_second: session.split().len() as f64 / seconds,
            };
            let folder = folders.next().unwrap_or(&output);
            let summary = write(&session, &clean, &attacked, summary, folder, around)?;
            if !common.json {
                print_summary(&summary.summary, folder)?;
            }
            summaries.push(summary);
        }
    }
    let sets: Vec<&AttackedSet> =
        summaries.iter().map(|vouched: &Vouched<AttackSummary>| &vouched.summary.attacked).collect();
    remarks::tell_all(&remarks::on_attacks(&session, judge.as_ref(), &answers, &sets), common.quiet);
    if common.json {
        let whole = if let [summary] = &summaries[..] { json!(summary) } else { json!({ "sets": summaries }) };
        say(whole)?;
    }
    Ok(())
}

/// Every batch of the session under one attack, in order, for each of these sets of it.
pub(super) fn attack_all(
    session: &Session,
    opponent: &dyn Model,
    planned: &PlannedAttack,
    sets: &[PlannedSet],
    target: Option<Target>,
    judge: Option<&Judge>,
    quiet: bool,
) -> Result<Vec<Vec<Attacked>>> {
    let network = judge.map(|judge| &judge.network as &dyn Model);
    let campaign = Campaign { judge: network, ..planned.campaign(opponent, sets, target, session.seed) };
    let progress = Progress::new(&title(sets), session.split().len() * sets.len(), quiet);
    let batches = session.subject.each_batch(session.split().len(), |range| {
        let attacked = campaign.run(&session.images(range)?).map_err(|error| match judge {
            Some(judge) if error.is::<JudgeNotFinite>() => error.context(format!("network {}", judge.name)),
            _ => error,
        })?;
        attacked.iter().for_each(|set| progress.count(&set.outcome.rows));
        Ok(attacked)
    })?;
    Ok(by_set(batches, sets.len()))
}

/// The files of a set. `around` are files in the folder around it that tell of its sets and go before they change.
pub(super) fn write(
    session: &Session,
    clean: &Clean,
    attacked: &[Attacked],
    summary: AttackSummary,
    folder: &Output,
    around: &[&str],
) -> Result<Vouched<AttackSummary>> {
    let rows: Vec<&AttackRow> = attacked.iter().flat_map(|batch| &batch.outcome.rows).collect();
    let mut csv = Vec::new();
    let (table, x_adv) = session
        .subject
        .pool
        .join(|| write_csv::<AttackRow>(rows.iter().copied(), &mut csv), || deflate_adversarial(session, attacked));
    table?;
    let x_adv = x_adv?;
    let mut edition = folder.edition();
    clean.add_to(&mut edition)?;
    edition.write("attack.csv", |file| file.write_all(&csv))?;
    edition.write("adversarial.npz", |file| write_adversarial(&x_adv, &rows, file))?;
    Ok(edition.publish("attack.json", summary, around)?)
}

fn print_summary(summary: &AttackSummary, folder: &Output) -> Result<()> {
    let AttackCounts { n, skipped, succeeded, failed, success_rate, accuracy_clean, accuracy_under_attack } =
        summary.attacked.counts;
    let percent = |rate: f64| format!("{:.2} %", 100.0 * rate);
    say(format_args!("{} on {n} images of {} ({})", summary.attacked.set, summary.run.dataset, summary.run.split))?;
    if let Some(transfer) = &summary.transfer {
        let (model, fooled) = (&summary.run.model, transfer.fooled_model);
        say(format_args!(
            "  judged by              {} ({fooled} of the images made fool {model} itself)",
            transfer.to
        ))?;
    }
    say(format_args!("  success rate           {}", success_rate.map_or("none attacked".into(), percent)))?;
    say(format_args!("  succeeded, failed      {succeeded}, {failed}"))?;
    say(format_args!("  skipped                {skipped}"))?;
    say(format_args!("  accuracy, clean        {}", percent(accuracy_clean)))?;
    say(format_args!("  accuracy under attack  {}", percent(accuracy_under_attack)))?;
    let effort = &summary.attacked.effort;
    if let (Some(linf), Some(l2), Some(l0)) = (effort.median_linf, effort.median_l2, effort.median_l0) {
        say(format_args!("  median change          linf {linf:.4}, l2 {l2:.4}, {l0} pixels"))?;
    }
    if let Some(queries) = effort.mean_queries {
        say(format_args!("  queries per image      {queries:.1}"))?;
    }
    say(format_args!("  speed                  {:.0} images/s", summary.images_per_second))?;
    if summary.attacked.zero_gradient + summary.attacked.nan_gradient > 0 {
        let (zero, nan) = (summary.attacked.zero_gradient, summary.attacked.nan_gradient);
        say(format_args!(
            "  gradients              all zero on {zero} images, NaN on {nan}: the attack may be blind there"
        ))?;
    }
    say(format_args!("  reports                {}", folder.folder().display()))
}
