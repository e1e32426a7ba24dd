//! [`Sets`]: the attacked sets of merged shards, each read, summed up and written as the command that made it writes it.

use anyhow::{Context, Result};
use rayon::ThreadPool;

use super::shards::{Shards, Sums};
use crate::cli::attacking::RunHead;
use crate::cli::finished::read_rows;
use crate::cli::set_files::{Clean, Labelled};
use crate::evaluation::{AttackRow, AttackedSet, Outcome, RunInfo};
use crate::files::{CLEAN, Output, Vouched};
use crate::report::AttackSummary;

/// The sets of a run, one after the other.
pub(crate) struct Sets<'a> {
    pub(crate) shards: &'a Shards,
    /// The run, as the summaries tell it.
    pub(crate) run: RunInfo,
    pub(crate) pool: &'a ThreadPool,
}

impl Sets<'_> {
    /// What came of set number `set`.
    pub(crate) fn outcome(&self, set: usize) -> Result<(AttackedSet, Outcome)> {
        let Sums { fooled_model, zero_gradient, nan_gradient, .. } = self.shards.sums[set];
        let (command, made) = (self.shards.first.command, &self.shards.first.sets[set].made);
        let file = command.rows(&made.set, self.shards.sums.len());
        let rows = self.shards.undealt(|folder, _| {
            let path = folder.join(&file);
            read_rows(&path).with_context(|| path.display().to_string())
        })?;
        let outcome = Outcome { rows, fooled_model, zero_gradient, nan_gradient };
        Ok((made.clone().with(&[&outcome]), outcome))
    }

    /// The clean images.
    pub(crate) fn clean(&self, seen_from_set: &'static str, output: &Output) -> Result<Clean> {
        let pixels = self.shards.pixels(CLEAN, "x", &output.folder)?;
        let (_, Outcome { rows, .. }) = self.outcome(0)?;
        let known = Labelled {
            labels: rows.iter().map(|row| row.label).collect(),
            indices: rows.iter().map(|row| row.index).collect(),
        };
        Clean::new(self.shards.shape(), &known, |range| Ok(pixels.read(range)?), seen_from_set, self.pool)
    }

    /// Writes set number `set`, made from the `clean` images. `around` are files around its folder that tell of it and go before it changes.
    pub(crate) fn write(
        &self,
        set: usize,
        clean: &Clean,
        folder: &Output,
        around: &[&str],
    ) -> Result<(Vouched<AttackSummary>, Outcome)> {
        let first = &self.shards.first;
        let (attacked, outcome) = self.outcome(set)?;
        let head = RunHead { judge: &first.judge, is_whole: first.is_whole, run: self.run.clone() };
        let summary = head.summary(attacked, &[&outcome], self.shards.sums[set].seconds);
        let file = first.command.images(&first.sets[set].made.set, first.sets.len());
        let x_adv = self.shards.pixels(&file.context("images are not kept")?, "x_adv", &folder.folder)?;
        let rows: Vec<&AttackRow> = outcome.rows.iter().collect();
        let pixels = |range| Ok(x_adv.read(range)?);
        let vouched = clean.write_set((&rows, pixels), summary, folder, around, self.pool)?;
        Ok((vouched, outcome))
    }
}
