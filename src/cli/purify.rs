//! `--purify`: the network behind a purifier, which judges every image, and which attacks are on unless they are oblivious.

use anyhow::{Context, Result};
use robust_detectors::{Magnet, Purified};

use super::bench::Bench;
use super::flags::FlaggingFlags;
use super::flags::names::Purifier;
use super::session::{Judge, Session};

/// The detector that learns the autoencoders.
const LEARNER: &str = Magnet::ID;

/// The session's network behind a purifier. An autoencoder is that of the network's calibration, or learned from its validation images.
pub(crate) fn purified(by: Purifier, session: &Session) -> Result<Purified<'_>> {
    let network = &session.subject.network;
    let behind = || format!("--purify {}", by.name());
    match by {
        Purifier::Drawing => Purified::by_drawing(network).with_context(behind),
        Purifier::Autoencoder => {
            let alone = FlaggingFlags::alone(LEARNER);
            let bench = Bench::open(&session.subject, &alone, &[], || session.validation()).with_context(behind)?;
            let learned = bench.screen.detector(LEARNER).with_context(behind)?;
            Purified::by_autoencoder(network, &learned.fit()).with_context(behind)
        }
    }
}

/// The network behind a purifier as a judge.
pub(crate) fn judge<'a>(purified: &'a Purified, by: Purifier, session: &Session) -> Judge<'a> {
    let (network, sha256) = (&session.subject.name, session.subject.sha256.clone());
    let name = format!("{network} behind {}", by.name());
    Judge { name, sha256, network: Box::new(purified), own_accuracy: None }
}
