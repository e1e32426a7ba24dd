//! `robust attack`: attack the chosen images and write `attack.csv`, `attack.json` and `adversarial.npz`.

use std::io::{self, Seek, Write};
use std::time::Instant;

use anyhow::Result;
use candle_core::Tensor;
use robust_data::npz;
use serde_json::json;

use super::flags::AttackFlags;
use super::plan::{self, PlannedSet};
use super::progress::Progress;
use super::say::say;
use super::session::Session;
use crate::campaign::{Attacked, Outcome, Target};
use crate::network::SIDE;
use crate::report::{AttackCounts, AttackRow, AttackSummary, Output, write_csv, write_json};

pub(super) fn run(flags: &AttackFlags) -> Result<()> {
    let common = &flags.subject.common;
    let sets = plan::sets(&flags.method, &flags.attack, common.quiet)?;
    let session = Session::open(&flags.subject)?;
    let target = plan::target(&flags.attack, session.dataset.class_names())?;
    let output = Output::new(&flags.subject.out)?;
    let folders = match &sets[..] {
        [_] => vec![output],
        sets => sets.iter().map(|set| output.subfolder(&set.name)).collect::<Result<_, _>>()?,
    };
    session.remark(common.quiet);

    let mut summaries = Vec::new();
    for (set, folder) in sets.iter().zip(&folders) {
        let summary = attack(&session, set, target, folder, common.quiet)?;
        if !common.json {
            print_summary(&summary, folder)?;
        }
        summaries.push(summary);
    }
    if common.json {
        let whole = if let [summary] = &summaries[..] { json!(summary) } else { json!({ "sets": summaries }) };
        say(whole)?;
    }
    Ok(())
}

fn attack(
    session: &Session,
    set: &PlannedSet,
    target: Option<Target>,
    folder: &Output,
    quiet: bool,
) -> Result<AttackSummary> {
    let start = Instant::now();
    let attacked = attack_all(session, set, target, quiet)?;
    let seconds = start.elapsed().as_secs_f64();

    let outcomes: Vec<&Outcome> = attacked.iter().map(|batch| &batch.outcome).collect();
    let rows: Vec<&AttackRow> = outcomes.iter().flat_map(|outcome| &outcome.rows).collect();
    let summary = AttackSummary {
        attacked: set.attacked(target, &outcomes),
        run: session.info(),
        seconds,
        images_per_second: rows.len() as f64 / seconds,
    };
    folder.write("attack.csv", |file| write_csv(&rows, file))?;
    folder.write("attack.json", |file| write_json(&summary, file))?;
    let path = folder.path("adversarial.npz");
    folder.write("adversarial.npz", |file| {
        let mut npz = npz::Writer::new(file, &path);
        write_images(session, &attacked, &rows, &mut npz).map_err(io::Error::other)?;
        npz.finish().map_err(io::Error::other).map(drop)
    })?;
    Ok(summary)
}

/// Every batch of the session under one attack, in order.
fn attack_all(session: &Session, set: &PlannedSet, target: Option<Target>, quiet: bool) -> Result<Vec<Attacked>> {
    let campaign = set.campaign(session, target);
    let progress = Progress::new(&set.name, session.split().len(), quiet);
    session.subject.each_batch(session.split().len(), |range| {
        let attacked = campaign.run(&session.images(range)?)?;
        progress.count(&attacked.outcome.rows);
        Ok(attacked)
    })
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
    say(format_args!("  success rate           {}", success_rate.map_or("none attacked".into(), percent)))?;
    say(format_args!("  succeeded, failed      {succeeded}, {failed}"))?;
    say(format_args!("  skipped                {skipped}"))?;
    say(format_args!("  accuracy, clean        {}", percent(accuracy_clean)))?;
    say(format_args!("  accuracy under attack  {}", percent(accuracy_under_attack)))?;
    say(format_args!("  speed                  {:.0} images/s", summary.images_per_second))?;
    if summary.attacked.zero_gradient + summary.attacked.nan_gradient > 0 {
        let (zero, nan) = (summary.attacked.zero_gradient, summary.attacked.nan_gradient);
        say(format_args!(
            "  gradients              all zero on {zero} images, NaN on {nan}: the attack may be blind there"
        ))?;
    }
    say(format_args!("  reports                {}", folder.folder().display()))
}
