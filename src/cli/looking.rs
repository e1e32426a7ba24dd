//! What the detectors of a bench see of images, batch by batch, and what is known of those beforehand.

use std::ops::Range;

use anyhow::Result;
use candle_core::Tensor;
use robust_detectors::Status;

use super::bench::Bench;
use super::out::Progress;
use super::session::Session;
use crate::evaluation::{AttackRow, Blends, Seen, SeenSet, SetName, Sighting};

/// What is known of an image that detectors look at.
pub(crate) struct Known {
    pub(crate) index: u64,
    /// None where nobody knows it, or where there is not one.
    pub(crate) label: Option<u32>,
    /// None where nobody attacked it.
    pub(crate) status: Option<Status>,
}

impl Known {
    /// Of an image that nobody attacked.
    pub(crate) fn clean(index: u64, label: Option<u32>) -> Self {
        Self { index, label, status: None }
    }

    /// Together with what was seen.
    pub(crate) fn seen(self, sighting: Sighting) -> Seen {
        let Self { index, label, status } = self;
        Seen { index, label, status, sighting }
    }
}

impl From<&AttackRow> for Known {
    fn from(row: &AttackRow) -> Self {
        Self { index: row.index, label: Some(row.label), status: Some(row.status) }
    }
}

/// What is seen of a set of so many images; `batch` has those of a range.
pub(crate) fn look_at(
    bench: &Bench,
    name: SetName,
    images: usize,
    batch: impl Fn(Range<usize>) -> Result<(Tensor, Vec<Known>)> + Sync + Send,
) -> Result<SeenSet> {
    let progress = Progress::new(&name.to_string(), images, bench.subject.quiet);
    let batches = bench.subject.each_batch(images, |range| {
        let (x, known) = batch(range)?;
        let sightings = bench.screen.look_at(&x)?;
        match known.iter().map(|known| known.status).collect::<Option<Vec<_>>>() {
            Some(statuses) => progress.count(statuses.into_iter()),
            None => progress.advance(known.len(), String::new()),
        }
        Ok(known.into_iter().zip(sightings).map(|(known, sighting)| known.seen(sighting)).collect::<Vec<_>>())
    })?;
    Ok(SeenSet { name, images: batches.concat() })
}

/// What is seen of the session's images as they are.
pub(crate) fn look_at_clean(bench: &Bench, session: &Session) -> Result<SeenSet> {
    look_at(bench, SetName::Clean, session.split().len(), |range| {
        let images = session.images(range)?;
        let known = images.indices.into_iter().zip(images.labels);
        Ok((images.x, known.map(|(index, label)| Known::clean(index, Some(label))).collect()))
    })
}

/// What is seen of blends of two of the session's images.
pub(crate) fn look_at_blends(bench: &Bench, session: &Session) -> Result<SeenSet> {
    let blends = Blends::new(session.split(), session.seed)?;
    look_at(bench, SetName::Ambiguous, session.split().len(), |range| {
        let known = session.split().indices()[range.clone()].iter().map(|&index| Known::clean(index, None)).collect();
        Ok((blends.tensor(range, &bench.subject.device)?, known))
    })
}
