//! What the detectors of a bench see of images, batch by batch, and the assessment of it all.

use std::ops::Range;

use anyhow::Result;
use candle_core::Tensor;
use robust_detectors::Status;

use super::bench::Bench;
use super::detection::{self, Detection};
use super::out::Progress;
use super::remarks::{on_validation, tell_all};
use super::session::Session;
use crate::evaluation::{AttackedSet, Blends, Seen, SeenSet, SetName, Shift, Sighting};
use crate::report::Unattacked;

/// What is seen of so many images of a set; `batch` has those of a range, and how the attacks on them ended, if there were any.
pub(crate) fn look_at(
    bench: &Bench,
    name: &SetName,
    images: usize,
    batch: impl Fn(Range<usize>) -> Result<(Tensor, Vec<Status>)> + Sync + Send,
) -> Result<Vec<Sighting>> {
    let progress = Progress::new(&name.to_string(), images, bench.subject.quiet);
    let batches = bench.subject.each_batch(images, |range| {
        let images = range.len();
        let (x, statuses) = batch(range)?;
        let sightings = bench.screen.look_at(&x)?;
        match statuses[..] {
            [] => progress.advance(images, String::new()),
            _ => progress.count(statuses.into_iter()),
        }
        Ok(sightings)
    })?;
    Ok(batches.concat())
}

/// What is seen of the session's images as they are.
pub(crate) fn look_at_clean(bench: &Bench, session: &Session) -> Result<SeenSet> {
    let (split, device) = (&session.split, &bench.subject.device);
    let look = |range| Ok((split.image_tensor(range, device)?, Vec::new()));
    let sightings = look_at(bench, &SetName::Clean, split.len(), look)?;
    Ok(labelled(SetName::Clean, session, sightings))
}

/// What is seen of the session's images after a shift.
fn look_at_shifted(bench: &Bench, session: &Session, shift: &Shift) -> Result<SeenSet> {
    let network = &bench.subject.network;
    let look = |range| Ok((shift.apply(network, session.images(range)?, session.seed)?, Vec::new()));
    let sightings = look_at(bench, &shift.name, session.split.len(), look)?;
    Ok(labelled(shift.name.clone(), session, sightings))
}

/// What was seen of the session's images, or of what was made of them, with their labels.
fn labelled(name: SetName, session: &Session, sightings: Vec<Sighting>) -> SeenSet {
    let known = session.split.indices().iter().zip(session.split.labels()).zip(sightings);
    let seen = |((&index, &label), sighting)| Seen { index, label: Some(label), status: None, sighting };
    SeenSet { name, images: known.map(seen).collect() }
}

/// What is seen of blends of two of the session's images.
fn look_at_blends(bench: &Bench, session: &Session) -> Result<SeenSet> {
    let (split, device) = (&session.split, &bench.subject.device);
    let blends = Blends::new(session.all(), session.seed, session.shard())?;
    let look = |range| Ok((blends.tensor(range, device)?, Vec::new()));
    let sightings = look_at(bench, &SetName::Ambiguous, split.len(), look)?;
    let seen = |(&index, sighting)| Seen { index, label: None, status: None, sighting };
    Ok(SeenSet { name: SetName::Ambiguous, images: split.indices().iter().zip(sightings).map(seen).collect() })
}

/// What is seen of the sets that nobody attacked, as far as they are wanted: those of the shifts, and the blends.
pub(crate) fn look_at_unattacked(
    bench: &Bench,
    session: &Session,
    wanted: Unattacked,
) -> Result<(Vec<SeenSet>, Option<SeenSet>)> {
    let shifts = Shift::all().into_iter().filter(|_| wanted.shifts);
    let shifted = shifts.map(|shift| look_at_shifted(bench, session, &shift)).collect::<Result<_>>()?;
    Ok((shifted, wanted.ambiguous.then(|| look_at_blends(bench, session)).transpose()?))
}

/// Assesses what was seen of the session's images, as they are and in the sets `made`, and what nobody attacked if that is wanted too; tells
/// the remarks.
pub(crate) fn assessed<'a>(
    session: &Session,
    bench: &'a Bench,
    clean: SeenSet,
    (attacked, made): (Vec<SeenSet>, &[AttackedSet]),
    unattacked: Unattacked,
) -> Result<Detection<'a>> {
    let (shifted, blends) = look_at_unattacked(bench, session, unattacked)?;
    let judging = session.judging(None);
    let known = (judging.network(session.class_names.len()), session.is_whole);
    // What a shard may not ask: the first works it out for all.
    let validation = || session.shard().is_none().then(|| on_validation(session)).flatten();
    let seen = detection::Seen { clean, attacked, shifted, blends };
    let detection = Detection::of(&bench.flagging, (seen, made), known, validation, &session.subject.pool)?;
    tell_all(&detection.remarks, session.subject.quiet);
    Ok(detection)
}
