//! `robust evaluate`: attacks x epsilons x detectors in one go. Every set lies in a folder of its own, as `robust attack` writes
//! it, and is not made again when the command runs again; beside them lie the files of `robust detect`, `security.csv`,
//! `security.svg` and `evaluate.json`.
//!
//! What is assessed is what was written: every set is read back, whether this run made it or an earlier one.

use std::path::Path;
use std::slice;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use robust_attacks::Model;
use serde_json::json;

use super::job;
use super::matrix::planned_attacks;
use crate::cli::attacking::{Attacking, opponent, write_set};
use crate::cli::bench::Bench;
use crate::cli::evaluated::Evaluated;
use crate::cli::finished::{self, Finished, Standing};
use crate::cli::flags::names::{self, DEFAULT_DETECTOR, NamedMethod, Scheduler};
use crate::cli::flags::number::positive;
use crate::cli::flags::{DetectionFlags, MethodFlags, ShardFlags, SubjectFlags};
use crate::cli::looking::{assessed, look_at, look_at_clean};
use crate::cli::out::{note, say};
use crate::cli::session::Session;
use crate::cli::set_files::{AROUND_EVALUATED, Clean};
use crate::cli::sharding::Sharding;
use crate::evaluation::sanity::{self, Check};
use crate::evaluation::{PlannedAttack, PlannedSet, Seen, SeenSet};
use crate::files::{CLEAN, CLEAN_AROUND, Files, Hashes, Output};
use crate::report::{Dealt, LastColumns, REPLACED, ShardSet};

#[derive(Debug, Args)]
pub(crate) struct EvaluateFlags {
    /// Methods [default: noise, fgsm, bim, pgd, square, selective-adam, conditional at 0.05 to 0.3, of colour images at 1/255 to 8/255; noise,
    /// fgsm, bim, pgd in l2 at 0.5 to 2, of colour images at 0.125 to 1; deepfool in both, cw in l2 at confidence 0, 10 and 20]
    #[arg(long, value_name = "M,..", value_delimiter = ',', value_parser = names::method, help_heading = "Attack")]
    pub(crate) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(crate) attack: MethodFlags,
    #[command(flatten)]
    pub(crate) detection: DetectionFlags,
    #[command(flatten)]
    pub(crate) shard: ShardFlags,
    /// Write nothing; time a few images and print a job script for --shards shards: slurm or kubernetes
    #[arg(long, value_name = "NAME", value_parser = names::scheduler, requires = "shards", conflicts_with = "shard",
          help_heading = "Many machines")]
    pub(crate) plan: Option<Scheduler>,
    /// How many shards the script has
    #[arg(long, value_name = "N", value_parser = positive, requires = "plan", help_heading = "Many machines")]
    pub(crate) shards: Option<usize>,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &EvaluateFlags) -> Result<()> {
    let quiet = flags.subject.common.quiet;
    let start = Instant::now();
    let mut session = Session::open(&flags.subject, flags.shard.shard()?)?;
    if flags.plan.is_some() {
        session.reduce_to(job::timed(session.subject.pool.current_num_threads()));
    }
    let against = flags.detection.flagging.detector.unwrap_or(DEFAULT_DETECTOR);
    let mut planned = planned_attacks(&flags.method, &flags.attack, session.shape(), against, quiet)?;
    let target = flags.attack.aim(&session.class_names)?;
    let job = flags.plan.zip(flags.shards);
    let folders = if job.is_none() { Some(folders_of(&planned, &flags.subject.out)?) } else { None };
    let validation = || session.validation();
    let bench = Bench::open(&session.subject, &flags.detection.flagging, &planned, validation)?;
    session.remark();

    let opponent = opponent(&mut planned, &session.subject, Some(&bench));
    let attacking = Attacking { session: &session, opponent: &*opponent, target, judge: None };
    if let Some((scheduler, shards)) = job {
        let (of, on) = ((shards, session.all().len()), (&bench, &planned[..], flags.detection.unattacked()));
        return job::print(scheduler, of, &attacking, on, (start, &flags.subject.out));
    }
    let (output, folders) = folders.context("no folder to write to")?;
    let images = Clean::of(&session, CLEAN_AROUND)?;
    if !images.lies_at(&output.path(CLEAN)) {
        // Whatever comes between these two, the hash in the old summary tells.
        images.write(&output)?;
        output.withdraw(&REPLACED)?;
    }
    let mut edition = output.edition();
    let (hashes, mut folders) = (Hashes::default(), folders.iter());
    let clean = look_at_clean(&bench, &session)?;
    let mut attacked = Vec::new();
    let (mut made, mut sets) = (Vec::new(), Vec::new());
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
            let finished = finished::read(folder, session.split.shape(), session.split.len());
            let Finished { outcome, x_adv, seconds } = finished.with_context(|| folder.folder.display().to_string())?;
            let sightings = look_at(&bench, &set.name, x_adv.len(), |range| {
                let statuses = outcome.rows[range.clone()].iter().map(|row| row.status).collect();
                Ok((x_adv.image_tensor(range, &session.subject.device)?, statuses))
            })?;
            let seen = outcome.rows.iter().zip(sightings).map(|(row, sighting)| Seen::attacked(row, sighting));
            attacked.push(SeenSet { name: set.name.clone(), images: seen.collect() });
            let attacked = planned.attacked(set, target, &[&outcome]);
            made.push(attacked.clone());
            sets.push(ShardSet { made: attacked, fooled_model: outcome.fooled_model, seconds });
        }
    }
    // As it is known before any figure: a validation set that is read for remarks is data, too.
    let (run, shard, flagging) = (session.info(), session.shard(), &bench.flagging);
    let unattacked = flags.detection.unattacked();
    let detection = assessed(&session, &bench, clean, (attacked, &made), unattacked)?;
    let of_model = of_model(&session)?;
    let (last, checks) = (LastColumns::of_shard(shard), of_model.clone());
    let evaluated = Evaluated::of(flagging, detection, (session.info(), made), of_model, &session.subject.pool)?;
    let vouched = evaluated.publish(edition, last)?;
    if shard.is_some() {
        let (command, session, flagging) = (Dealt::Evaluate, &session, Some(flagging));
        let (judge, seconds) = (None, 0.0);
        let sharding = Sharding { command, session, judge, run, flagging, unattacked, sets, checks, seconds };
        sharding.publish(&output, &vouched.files)?;
    }
    if flags.subject.common.json { say(json!(vouched)) } else { evaluated.print(&output) }
}

/// The folder of the reports and one for each set: all at once, so that another run in one of them is noticed before the work and not in its
/// midst.
fn folders_of(planned: &[PlannedAttack], out: &Path) -> Result<(Output, Vec<Output>)> {
    let output = Output::new(out)?;
    let sets = planned.iter().flat_map(|attack| &attack.sets);
    let folders = sets.map(|set| output.subfolder(&set.name.to_string())).collect::<Result<_>>()?;
    Ok((output, folders))
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
    let files = write_set(attacking.session, images, &attacked, summary, folder, &AROUND_EVALUATED)?.files;
    note(attacking.session.subject.quiet, format_args!("{} made in {seconds:.1} s", set.name));
    Ok(files)
}

/// The flags of the model, from two looks at the first images.
fn of_model(session: &Session) -> Result<Vec<Check>> {
    let images = session.all();
    let x = images.image_tensor(0..images.len().min(64), &session.subject.device)?;
    let look = || Ok::<_, anyhow::Error>(session.subject.network.logits(&x)?.to_vec2::<f32>()?);
    Ok(sanity::flags(&look()?, &look()?))
}
