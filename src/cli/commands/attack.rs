//! `robust attack`: attack the chosen images and write `clean.npz`, and for every set `attack.csv`, `attack.json` and
//! `adversarial.npz`.

use anyhow::{Error, Result, bail};
use clap::Args;

use super::instance;
use crate::cli::attack_printed::{print_summary, say_summaries};
use crate::cli::attacking::{Attacking, against, opponent, write_set};
use crate::cli::bench::Bench;
use crate::cli::flags::names::{self, DEFAULT_DETECTOR, NamedMethod, Purifier};
use crate::cli::flags::{FlaggingFlags, MethodFlags, ShardFlags, SubjectFlags};
use crate::cli::plan::attacks;
use crate::cli::purify::{self, purified};
use crate::cli::remarks;
use crate::cli::session::Session;
use crate::cli::set_files::{AROUND, Clean, ONLY};
use crate::cli::sharding::Sharding;
use crate::cli::usage::Usage;
use crate::evaluation::{AttackedSet, Purification};
use crate::files::{CLEAN, CLEAN_AROUND, Files, Output, seen_from_around};
use crate::remarks::Answers;
use crate::report::{Dealt, ShardSet, Unattacked};

#[derive(Debug, Args)]
pub(crate) struct AttackFlags {
    /// Methods, such as bim or fgsm,pgd-l2; `robust list` has them all
    #[arg(long, required = true, value_name = "M,..", value_delimiter = ',', value_parser = names::method,
          help_heading = "Attack")]
    pub(crate) method: Vec<NamedMethod>,
    #[command(flatten)]
    pub(crate) attack: MethodFlags,
    /// Another network, embedded or a file, that judges whether the images made from --model fool it too
    #[arg(long, value_name = "NAME|FILE", value_parser = names::model, help_heading = "Attack")]
    pub(crate) transfer_to: Option<String>,
    /// Let the network see what a purifier makes of every image, and attack through it: autoencoder (MagNet's reformer), or the network's own drawing
    #[arg(long, value_name = "NAME", value_parser = names::purifier, conflicts_with = "transfer_to", help_heading = "Attack")]
    pub(crate) purify: Option<Purifier>,
    /// With --purify: attack the bare network, as somebody does who does not know of the purifier
    #[arg(long, requires = "purify", help_heading = "Attack")]
    pub(crate) oblivious: bool,
    #[command(flatten)]
    pub(crate) shard: ShardFlags,
    #[command(flatten)]
    pub(crate) subject: SubjectFlags,
}

pub(crate) fn run(flags: &AttackFlags) -> Result<()> {
    let (common, images) = (&flags.subject.common, &flags.subject.images);
    let shard = flags.shard.shard()?;
    if instance::is_one(common.dataset()) {
        if shard.is_some() {
            bail!(Usage("--shard means nothing to an instance of VNN-LIB, which is one question; leave it out".into()));
        }
        let others = [
            ("--transfer-to", flags.transfer_to.is_some()),
            ("--purify", flags.purify.is_some()),
            ("--limit", images.limit.is_some()),
            ("--spread", images.spread.is_some()),
            ("--offset", images.offset != 0),
            ("--validation", images.validation.is_some()),
            ("--resize", common.resize.is_some()),
            ("--crop", common.crop.is_some()),
        ];
        if let Some((flag, _)) = others.into_iter().find(|(_, is_given)| *is_given) {
            bail!(Usage(format!(
                "{flag} means nothing to an instance of VNN-LIB, which is one question about one box; leave it out"
            )));
        }
        return instance::run(&flags.method, &flags.attack, &flags.subject);
    }
    let mut session = Session::open(&flags.subject, shard)?;
    if let Some(by) = flags.purify {
        session.note_purification(Purification { by: by.name().to_owned(), oblivious: flags.oblivious });
    }
    let mut planned = attacks(&flags.method, &flags.attack, session.shape(), DEFAULT_DETECTOR, common.quiet)?;
    let target = flags.attack.aim(&session.class_names)?;
    let known = against(&planned);
    if let (Some(by), Some(detector)) = (flags.purify, known) {
        let purify = by.name();
        bail!(Usage(format!(
            "--purify {purify} has no detector, and a method attacks {detector}: choose another method"
        )));
    }
    let purified = flags.purify.map(|by| Ok::<_, Error>((by, purified(by, &session)?))).transpose()?;
    let judge = match (&flags.transfer_to, &purified) {
        (Some(name), _) => Some(session.judge(name, &flags.subject)?),
        (None, Some((by, network))) => Some(purify::judge(network, *by, &session)),
        (None, None) => None,
    };
    let output = Output::new(&flags.subject.out)?;
    let names: Vec<String> = planned.iter().flat_map(|attack| &attack.sets).map(|set| set.name.to_string()).collect();
    let folders: Vec<Output> = match names[..] {
        [_] => Vec::new(),
        _ => names.iter().map(|name| output.subfolder(name)).collect::<Result<_, _>>()?,
    };
    let mut folders = folders.iter();
    let is_only = names.len() == 1;
    let (clean, around) = if is_only { (CLEAN, &ONLY[..]) } else { (CLEAN_AROUND, &AROUND[..]) };
    let clean = Clean::of(&session, clean)?;
    session.remark();
    let known = known.map(FlaggingFlags::alone);
    let bench = |flags| Bench::open(&session.subject, &flags, &[], || session.validation());
    let bench = known.map(bench).transpose()?;
    let opponent = match &purified {
        Some((_, network)) if !flags.oblivious => Box::new(network),
        _ => opponent(&mut planned, &session.subject, bench.as_ref()),
    };
    let attacking = Attacking { session: &session, opponent: &*opponent, target, judge: judge.as_ref() };

    let (mut summaries, mut sets, mut files) = (Vec::new(), Vec::new(), Files::new());
    // The same in every set.
    let mut answers = Answers::default();
    for planned in &planned {
        for (attacked, summary) in attacking.make(planned, &planned.sets)? {
            answers = remarks::answers(attacked.iter().flat_map(|batch| &batch.outcome.rows));
            let fooled_model = attacked.iter().map(|batch| batch.outcome.fooled_model).sum();
            let (made, seconds) = (summary.attacked.clone(), summary.seconds);
            sets.push(ShardSet { made, fooled_model, seconds });
            let folder = folders.next().unwrap_or(&output);
            let summary = write_set(&session, &clean, &attacked, summary, folder, around)?;
            if !common.json {
                print_summary(&summary.summary, folder)?;
            }
            files.extend(match is_only {
                true => summary.files.clone(),
                false => seen_from_around(&summary.summary.attacked.set.to_string(), &summary.files),
            });
            summaries.push(summary);
        }
    }
    let judging = session.judging(judge.as_ref());
    let network = judging.network(session.class_names.len());
    let made: Vec<&AttackedSet> = sets.iter().map(|set| &set.made).collect();
    remarks::tell_all(&remarks::on_attacks(network, session.is_whole, &answers, &made), common.quiet);
    if shard.is_some() {
        let (command, run, judge) = (Dealt::Attack, session.info(), judge.as_ref());
        let (flagging, unattacked, checks, seconds) = (None, Unattacked::default(), Vec::new(), 0.0);
        let sharding = Sharding { command, session: &session, judge, run, flagging, unattacked, sets, checks, seconds };
        sharding.publish(&output, &files)?;
    }
    if common.json { say_summaries(&summaries) } else { Ok(()) }
}
