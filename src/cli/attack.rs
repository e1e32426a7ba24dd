//! `robust attack`: attack the chosen images and write `attack.csv`, `attack.json` and `adversarial.npz`.

use std::io::{self, Seek, Write};
use std::time::Instant;

use anyhow::Result;
use candle_core::Tensor;
use robust_attacks::Model;
use robust_data::npz;
use serde_json::json;

use super::flags::AttackFlags;
use super::opponent::{detector_against, facing};
use super::panel::DEFAULT_DETECTOR;
use super::plan::{self, by_set, title};
use super::progress::Progress;
use super::say::say;
use super::session::{Judge, Session};
use super::target::target;
use crate::campaign::{Attacked, Campaign, JudgeNotFinite, Outcome, Target};
use crate::network::SIDE;
use crate::opponent::Opponent;
use crate::plan::{PlannedAttack, PlannedSet};
use crate::report::{AttackCounts, AttackRow, AttackSummary, Output, Transfer, write_csv, write_json};

pub(super) fn run(flags: &AttackFlags) -> Result<()> {
    let common = &flags.subject.common;
    let mut attacks = plan::attacks(&flags.method, &flags.attack, DEFAULT_DETECTOR, common.quiet)?;
    let session = Session::open(&flags.subject)?;
    let target = target(&flags.attack, session.dataset.class_names())?;
    let judge = flags.transfer_to.as_deref().map(|name| session.judge(name)).transpose()?;
    let output = Output::new(&flags.subject.out)?;
    let names: Vec<&str> = attacks.iter().flat_map(|attack| &attack.sets).map(|set| set.name.as_str()).collect();
    let mut folders = match names[..] {
        [_] => vec![output],
        _ => names.iter().map(|name| output.subfolder(name)).collect::<Result<_, _>>()?,
    }
    .into_iter();
    session.remark(common.quiet);
    let detector = detector_against(&attacks, &session, common.quiet)?;
    let opponent = match &detector {
        Some((detector, threshold)) => facing(&mut attacks, &session, &**detector, *threshold),
        None => Opponent { network: &session.subject.network, detector: None },
    };

    let mut summaries = Vec::new();
    for planned in &attacks {
        let start = Instant::now();
        let made = attack_all(&session, &opponent, planned, &planned.sets, target, judge.as_ref(), common.quiet)?;
        let seconds = start.elapsed().as_secs_f64() / planned.sets.len() as f64;
        for ((set, attacked), folder) in planned.sets.iter().zip(made).zip(&mut folders) {
            let outcomes: Vec<&Outcome> = attacked.iter().map(|batch| &batch.outcome).collect();
            let summary = AttackSummary {
                attacked: planned.attacked(set, target, &outcomes),
                run: session.info(),
                transfer: judge.as_ref().map(|judge| Transfer {
                    to: judge.name.clone(),
                    sha256: judge.sha256.clone(),
                    fooled_model: outcomes.iter().map(|outcome| outcome.fooled_model).sum(),
                }),
                seconds,
                images_per_second: session.split().len() as f64 / seconds,
            };
            write(&session, &attacked, &summary, &folder)?;
            if !common.json {
                print_summary(&summary, &folder)?;
            }
            summaries.push(summary);
        }
    }
    if common.json {
        let whole = if let [summary] = &summaries[..] { json!(summary) } else { json!({ "sets": summaries }) };
        say(whole)?;
    }
    Ok(())
}

/// Every batch of the session under one attack, in order, for each of these sets of it.
pub(super) fn attack_all(
    session: &Session,
    opponent: &Opponent,
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

/// The three files of a set, the summary last: where it lies, the set is whole.
pub(super) fn write(session: &Session, attacked: &[Attacked], summary: &AttackSummary, folder: &Output) -> Result<()> {
    let rows: Vec<&AttackRow> = attacked.iter().flat_map(|batch| &batch.outcome.rows).collect();
    folder.remove("attack.json")?;
    folder.write("attack.csv", |file| write_csv(&rows, file))?;
    let path = folder.path("adversarial.npz");
    folder.write("adversarial.npz", |file| {
        let mut npz = npz::Writer::new(file, &path);
        write_images(session, attacked, &rows, &mut npz).map_err(io::Error::other)?;
        npz.finish().map_err(io::Error::other).map(drop)
    })?;
    folder.write("attack.json", |file| write_json(summary, file))?;
    Ok(())
}

/// `adversarial.npz`: `x`, `x_adv`, `label`, `index`, `target`, in the order of the CSV.
fn write_images(
    session: &Session,
    attacked: &[Attacked],
    rows: &[&AttackRow],
    npz: &mut npz::Writer<impl Write + Seek>,
) -> Result<()> {
    let flat = |x: &Tensor| -> Result<Vec<f32>> { Ok(x.flatten_all()?.to_vec1()?) };
    let shape = [rows.len(), 1, SIDE, SIDE];
    let mut clean = npz.start::<f32>("x", &shape)?;
    for range in session.subject.batches(rows.len()) {
        clean.write(&flat(&session.images(range)?.x)?)?;
    }
    clean.finish()?;
    let mut adversarial = npz.start::<f32>("x_adv", &shape)?;
    for batch in attacked {
        adversarial.write(&flat(&batch.x_adv)?)?;
    }
    adversarial.finish()?;
    let integers = |value: fn(&AttackRow) -> i64| rows.iter().map(|row| value(row)).collect::<Vec<_>>();
    npz.array("label", &[rows.len()], &integers(|row| i64::from(row.label)))?;
    npz.array("index", &[rows.len()], &integers(|row| row.index as i64))?;
    npz.array("target", &[rows.len()], &integers(|row| row.target.map_or(-1, i64::from)))?;
    Ok(())
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
