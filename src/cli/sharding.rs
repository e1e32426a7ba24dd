//! What a command leaves behind of a shard beside its reports: `shard.json`, for `robust merge`.

use anyhow::{Context, Result};

use super::flagging::Flagging;
use super::remarks::on_validation;
use super::session::{Judge, Session};
use crate::evaluation::RunInfo;
use crate::evaluation::sanity::Check;
use crate::files::{Files, Output, SHARD_SUMMARY};
use crate::report::{Dealt, ShardSet, ShardSummary, Unattacked};

/// A finished shard, as far as its command knows it.
pub(crate) struct Sharding<'a> {
    pub(crate) command: Dealt,
    pub(crate) session: &'a Session,
    pub(crate) judge: Option<&'a Judge<'a>>,
    /// What was run, as it was known before any figure.
    pub(crate) run: RunInfo,
    pub(crate) flagging: Option<&'a Flagging>,
    pub(crate) unattacked: Unattacked,
    pub(crate) sets: Vec<ShardSet>,
    pub(crate) checks: Vec<Check>,
    pub(crate) seconds: f64,
}

impl Sharding<'_> {
    /// Writes `shard.json`, which vouches for those of these files that are read when shards are merged.
    pub(crate) fn publish(self, output: &Output, files: &Files) -> Result<()> {
        let Self { command, session, judge, run, flagging, unattacked, sets, checks, seconds } = self;
        let mut edition = output.edition();
        for name in command.files(sets.iter().map(|set| &set.made.set)) {
            let sha256 = files.get(&name).with_context(|| format!("{name} was not written"))?;
            edition.take_up(&name, sha256.clone());
        }
        let is_first = run.shard.is_some_and(|shard| shard.number() == 1);
        let summary = ShardSummary {
            command,
            judge: session.judging(judge),
            is_whole: session.is_whole,
            flagging: flagging.map(Flagging::summary),
            unattacked,
            sets,
            checks,
            validation: (is_first && flagging.is_some()).then(|| on_validation(session)).flatten(),
            seconds,
            run,
        };
        edition.publish(SHARD_SUMMARY, summary, &[])?;
        Ok(())
    }
}
