//! [`Attacking`]: attacks on a session's images, whom they face, what came of them, and the files of a set.

use std::time::Instant;

use anyhow::Result;
use robust_attacks::{Guarded, Model};
use robust_detectors::{Gradient, Status};

use super::bench::Bench;
use super::out::Progress;
use super::plan::title;
use super::remarks::{answers, on_attacks};
use super::session::{Judge, Session};
use super::set_files::{Clean, pixels};
use super::subject::Subject;
use crate::evaluation::{
    AttackRow, Attacked, AttackedSet, Campaign, JudgeNotFinite, Outcome, PlannedAttack, PlannedSet, RunInfo, Target,
};
use crate::files::{Output, Vouched};
use crate::report::{AttackSummary, JudgeSummary, Transfer};

/// Whom the attacks of a command are on, and what they aim for.
pub(crate) struct Attacking<'a> {
    pub(crate) session: &'a Session,
    /// The session's network, with the detector that attacks know in front of it.
    pub(crate) opponent: &'a dyn Model,
    /// None is any wrong class.
    pub(crate) target: Option<Target>,
    /// Another network that judges the images.
    pub(crate) judge: Option<&'a Judge<'a>>,
}

impl Attacking<'_> {
    /// What `each` makes of every batch of the session under one attack, in order, for each of these sets of it.
    pub(crate) fn each<T: Send>(
        &self,
        planned: &PlannedAttack,
        sets: &[PlannedSet],
        each: impl Fn(Attacked) -> Result<T> + Sync + Send,
    ) -> Result<Vec<Vec<T>>> {
        let Self { session, opponent, target, judge } = *self;
        let judging = judge.map(|judge| &*judge.network);
        let campaign = Campaign { judge: judging, ..planned.campaign(opponent, sets, target, session.seed) };
        let progress = Progress::new(&title(sets), session.split.len() * sets.len(), session.subject.quiet);
        let finish = |attacked: Attacked| {
            let statuses: Vec<Status> = attacked.outcome.rows.iter().map(|row| row.status).collect();
            let made = each(attacked)?;
            progress.count(statuses.into_iter());
            Ok(made)
        };
        let batches = session.subject.each_batch(session.split.len(), |range| {
            let attacked = campaign.run(&session.images(range)?).map_err(|error| match judge {
                Some(judge) if error.is::<JudgeNotFinite>() => error.context(format!("network {}", judge.name)),
                _ => error,
            })?;
            attacked.into_iter().map(finish).collect::<Result<Vec<T>>>()
        })?;
        let mut by_set: Vec<Vec<T>> = sets.iter().map(|_| Vec::new()).collect();
        for batch in batches {
            by_set.iter_mut().zip(batch).for_each(|(set, made)| set.push(made));
        }
        Ok(by_set)
    }

    /// The batches of these sets of an attack, and what `attack.json` says of each set.
    pub(crate) fn make(
        &self,
        planned: &PlannedAttack,
        sets: &[PlannedSet],
    ) -> Result<Vec<(Vec<Attacked>, AttackSummary)>> {
        let start = Instant::now();
        let made = self.each(planned, sets, Ok)?;
        let seconds = start.elapsed().as_secs_f64() / sets.len() as f64;
        let judge = self.session.judging(self.judge);
        let summed_up = sets.iter().zip(made).map(|(set, batches)| {
            let outcomes: Vec<&Outcome> = batches.iter().map(|batch| &batch.outcome).collect();
            let attacked = planned.attacked(set, self.target, &outcomes);
            let head = RunHead { judge: &judge, is_whole: self.session.is_whole, run: self.session.info() };
            let summary = head.summary(attacked, &outcomes, seconds);
            (batches, summary)
        });
        Ok(summed_up.collect())
    }
}

/// What is said of every set of a run alike.
pub(crate) struct RunHead<'a> {
    /// Who says what the clean images are.
    pub(crate) judge: &'a JudgeSummary,
    /// Whether the images are a whole file of the dataset.
    pub(crate) is_whole: bool,
    pub(crate) run: RunInfo,
}

impl RunHead<'_> {
    /// What `attack.json` says of a set that took so many seconds.
    pub(crate) fn summary(&self, attacked: AttackedSet, outcomes: &[&Outcome], seconds: f64) -> AttackSummary {
        let Self { judge, is_whole, run } = self;
        let answers = answers(outcomes.iter().flat_map(|outcome| &outcome.rows));
        AttackSummary {
            remarks: on_attacks(judge.network(run.classes.len()), *is_whole, &answers, &[&attacked]),
            images_per_second: attacked.counts.n as f64 / seconds,
            attacked,
            run: run.clone(),
            transfer: judge.is_another.then(|| Transfer {
                to: judge.name.clone(),
                sha256: judge.sha256.clone(),
                fooled_model: outcomes.iter().map(|outcome| outcome.fooled_model).sum(),
            }),
            seconds,
        }
    }
}

/// The id of the detector that the attacks are against, where any is.
pub(crate) fn against(attacks: &[PlannedAttack]) -> Option<&'static str> {
    attacks.iter().find_map(|attack| attack.against)
}

/// The network with that detector of the bench in front of it, flagging as it does there, and noted on the attacks.
pub(crate) fn opponent<'a>(
    attacks: &mut [PlannedAttack],
    subject: &'a Subject,
    bench: Option<&'a Bench>,
) -> Box<dyn Model + 'a> {
    let network = &subject.network;
    let known = bench.zip(against(attacks)).and_then(|(bench, id)| {
        let threshold = bench.flagging.gauges.iter().find(|gauge| gauge.id == id)?.threshold;
        attacks.iter_mut().for_each(|attack| attack.set_threshold(threshold));
        Some(Gradient::new(network, bench.screen.detector(id)?).flagging(threshold))
    });
    match known {
        Some(detector) => Box::new(Guarded { model: network, detector }),
        None => Box::new(network),
    }
}

/// The files of a set, made from the `clean` images. `around` are files in the folder around it that tell of its sets and go before they
/// change.
pub(crate) fn write_set(
    session: &Session,
    clean: &Clean,
    attacked: &[Attacked],
    summary: AttackSummary,
    folder: &Output,
    around: &[&str],
) -> Result<Vouched<AttackSummary>> {
    let rows: Vec<&AttackRow> = attacked.iter().flat_map(|batch| &batch.outcome.rows).collect();
    let x_adv = |range| pixels(attacked.iter().map(|batch| &batch.x_adv), range);
    clean.write_set((&rows, x_adv), summary, folder, around, &session.subject.pool)
}
