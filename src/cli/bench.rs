//! [`Bench`]: a network with its detectors in front of it, each with what it learned and the score above which it flags.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use robust_attacks::Model;
use robust_data::{Split, sha256};
use robust_detectors::{DetectorInfo, Needs, Threshold, detectors};

use super::flagging::Flagging;
use super::flags::FlaggingFlags;
use super::flags::names::{ALL, DEFAULT_DETECTOR};
use super::network_file::Own;
use super::out::note;
use super::subject::Subject;
use crate::evaluation::{Calibration, Gauge, LeftOut, PlannedAttack, Screen};
use crate::kept_calibration::{self, Identity};
use crate::remarks::Validated;

/// The rate of the stored thresholds.
const DEFAULT_FPR: f64 = 0.05;

/// A network with its detectors.
pub(crate) struct Bench<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) calibration: Cow<'a, Calibration>,
    pub(crate) screen: Screen<'a>,
    /// Every detector of the screen with its threshold, and who flags.
    pub(crate) flagging: Flagging,
}

impl<'a> Bench<'a> {
    /// Puts detectors in front of the network: those that the flags name, or else all that run by default; and always the one that
    /// flags, and those that the `planned` attacks are against. Those that the checkpoint has no calibration of are calibrated on the
    /// validation images; one that nobody named is left out, with a remark, where that is not possible.
    pub(crate) fn open(
        subject: &'a Subject,
        flags: &FlaggingFlags,
        planned: &[PlannedAttack],
        validation: impl FnOnce() -> Result<Split>,
    ) -> Result<Self> {
        let chosen = flags.detector.unwrap_or(DEFAULT_DETECTOR);
        let is_named = |info: &DetectorInfo| {
            let known_to_attack = planned.iter().any(|attack| attack.against == Some(info.id));
            flags.detectors.contains(&info.id) || info.id == chosen || known_to_attack
        };
        let is_wanted = |info: &DetectorInfo| {
            let by_group = if flags.detectors.is_empty() { info.by_default } else { flags.detectors.contains(&ALL) };
            by_group && is_there(subject, info) || is_named(info)
        };
        let wanted: Vec<_> = detectors().iter().filter(|info| is_wanted(info)).collect();
        let (calibration, left_out) = calibration(subject, &wanted, validation);
        for LeftOut { ids, reason } in &left_out {
            if let Some(missing) = wanted.iter().find(|info| is_named(info) && ids.contains(&info.id)) {
                let (network, id) = (&subject.name, missing.id);
                let or = if missing.is_trained() { "" } else { ", or clean images with --validation" };
                let remedy = format!("choose another detector{or}");
                bail!(
                    "there is no calibration of {id} for network {network} ({remedy}), and none can be made: {reason}"
                );
            }
            note(subject.quiet, format_args!("left out, for want of a calibration: {} ({reason})", ids.join(", ")));
        }
        let left: Vec<_> = wanted.into_iter().filter(|info| calibration.scores.contains_key(info.id)).collect();
        let of_network = || format!("network {}", subject.name);
        let screen = Screen::new(&subject.network, &left, &calibration.fits).with_context(of_network)?;
        let (given, fpr) = (flags.threshold.flatten(), flags.fpr.unwrap_or(DEFAULT_FPR));
        let gauges = left.iter().enumerate().map(|(position, DetectorInfo { id, .. })| {
            let threshold = match given {
                Some(score) if *id == chosen => Threshold::new(score)?,
                _ => Threshold::at_fpr(&calibration.scores[*id], fpr)?,
            };
            Ok(Gauge { position, id, threshold })
        });
        let gauges = gauges.collect::<Result<Vec<_>>>()?;
        let chosen = gauges.iter().find(|gauge| gauge.id == chosen).copied();
        let chosen = chosen.context("the detector that flags was not run")?;
        let validated = left
            .iter()
            .filter_map(|DetectorInfo { id, .. }| Some(((*id).to_owned(), Validated::of(&calibration.scores[*id])?)));
        let validated = validated.collect();
        let flagging = Flagging { gauges, validated, chosen, fpr, is_threshold_given: given.is_some() };
        Ok(Self { subject, calibration, screen, flagging })
    }
}

/// Whether what the detector needs beside logits is there.
fn is_there(subject: &Subject, info: &DetectorInfo) -> bool {
    match info.needs {
        Needs::Decoder => subject.network.style_memory().is_some(),
        Needs::Logits | Needs::LogitsOrMore => !info.is_trained() || subject.calibration.fits.contains_key(info.id),
    }
}

/// The network's calibration, with one made now of those detectors that it has none for, and those for which that is not possible.
fn calibration<'a>(
    subject: &'a Subject,
    detectors: &[&'static DetectorInfo],
    validation: impl FnOnce() -> Result<Split>,
) -> (Cow<'a, Calibration>, Vec<LeftOut>) {
    let stored = &subject.calibration;
    let missing = stored.missing(detectors, subject.network.signature().classes);
    if missing.is_empty() {
        return (Cow::Borrowed(stored), Vec::new());
    }
    match validation().and_then(|validation| completed(subject, detectors, &validation)) {
        Ok((whole, left_out)) => (Cow::Owned(whole), left_out),
        // That of whatever images is better than none, unless the user says which.
        Err(_)
            if !subject.is_validation_named
                && let Some(found) = kept(subject, None) =>
        {
            (Cow::Owned(stored.clone().with(found)), Vec::new())
        }
        Err(error) => {
            let ids = missing.iter().map(|info| info.id).collect();
            (Cow::Borrowed(stored), vec![LeftOut { ids, reason: format!("{error:#}") }])
        }
    }
}

/// The calibration with what lies beside somebody's own network, and with what is made now; the former is brought up to date.
fn completed(
    subject: &Subject,
    detectors: &[&'static DetectorInfo],
    validation: &Split,
) -> Result<(Calibration, Vec<LeftOut>)> {
    let stored = subject.calibration.clone().with(kept(subject, Some(validation)).unwrap_or_default());
    let missing = stored.missing(detectors, subject.network.signature().classes);
    if missing.is_empty() {
        return Ok((stored, Vec::new()));
    }
    let of_images =
        missing.iter().filter(|info| is_there(subject, info)).map(|info| info.id).collect::<Vec<_>>().join(", ");
    if !of_images.is_empty() {
        note(subject.quiet, format_args!("calibrating {of_images} on the validation images"));
    }
    let make = || Calibration::new(&subject.network, validation, &subject.device, &missing, &stored.fits);
    let (made, left_out) = subject.pool.install(make)?;
    let whole = stored.with(made);
    if let Some(own) = &subject.own {
        let (path, of) = (kept_calibration::path(&own.path), identity(subject, own, Some(validation)));
        let told = match kept_calibration::write(&path, &of, &whole) {
            Ok(()) => format!("kept in {}, so that it is made once", path.display()),
            Err(error) => format!("it is not kept: {error:#}"),
        };
        note(subject.quiet, told);
    }
    Ok((whole, left_out))
}

/// What lies beside somebody's own network, if it was made on these images, or on whatever images.
fn kept(subject: &Subject, images: Option<&Split>) -> Option<Calibration> {
    let own = subject.own.as_ref()?;
    match kept_calibration::read(&kept_calibration::path(&own.path), &identity(subject, own, images)) {
        Ok(found) => found,
        Err(error) => {
            note(subject.quiet, format_args!("{error:#}"));
            None
        }
    }
}

/// What the calibration of somebody's own network on these images is of.
fn identity(subject: &Subject, own: &Own, images: Option<&Split>) -> Identity {
    let hash = |images: &Split| {
        let labels = images.labels().iter().flat_map(|label| label.to_le_bytes());
        sha256(&images.pixels().iter().copied().chain(labels).collect::<Vec<u8>>())
    };
    Identity {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model_sha256: subject.sha256.clone(),
        settings: own.settings.clone(),
        images_sha256: images.map(hash),
    }
}
