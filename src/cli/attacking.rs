//! Attacks on a session's images: the adversarial images of a set, what came of them, and the files that hold both.

use std::io::Write;

use anyhow::Result;
use robust_attacks::Model;

use super::out::Progress;
use super::plan::{by_set, title};
use super::remarks::{answers, on_attacks};
use super::session::{Judge, Session};
use super::set_files::{Clean, deflate_adversarial, write_adversarial};
use crate::evaluation::{
    AttackRow, Attacked, AttackedSet, Campaign, JudgeNotFinite, Outcome, PlannedAttack, PlannedSet, Target,
};
use crate::files::{Output, Vouched, write_csv};
use crate::report::{AttackSummary, Transfer};

/// Every batch of the session under one attack, in order, for each of these sets of it.
pub(crate) fn attack_all(
    session: &Session,
    opponent: &dyn Model,
    planned: &PlannedAttack,
    sets: &[PlannedSet],
    target: Option<Target>,
    judge: Option<&Judge>,
    quiet: bool,
) -> Result<Vec<Vec<Attacked>>> {
    let judging = judge.map(|judge| &judge.network as &dyn Model);
    let campaign = Campaign { judge: judging, ..planned.campaign(opponent, sets, target, session.seed) };
    let progress = Progress::new(&title(sets), session.split().len() * sets.len(), quiet);
    let batches = session.subject.each_batch(session.split().len(), |range| {
        let attacked = campaign.run(&session.images(range)?).map_err(|error| match judge {
            Some(judge) if error.is::<JudgeNotFinite>() => error.context(format!("network {}", judge.name)),
            _ => error,
        })?;
        attacked.iter().for_each(|set| progress.count(set.outcome.rows.iter().map(|row| row.status)));
        Ok(attacked)
    })?;
    Ok(by_set(batches, sets.len()))
}

/// What `attack.json` says of a set that took so long.
pub(crate) fn summary(
    session: &Session,
    judge: Option<&Judge>,
    attacked: AttackedSet,
    outcomes: &[&Outcome],
    seconds: f64,
) -> AttackSummary {
    AttackSummary {
        remarks: on_attacks(session, judge, &answers(outcomes), &[&attacked]),
        attacked,
        run: session.info(),
        transfer: judge.map(|judge| Transfer {
            to: judge.name.clone(),
            sha256: judge.sha256.clone(),
            fooled_model: outcomes.iter().map(|outcome| outcome.fooled_model).sum(),
        }),
        seconds,
        images_per_second: session.split().len() as f64 / seconds,
    }
}

/// The files of a set. `around` are files in the folder around it that tell of its sets and go before they change.
pub(crate) fn write_set(
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
