//! [`Flagging`]: the detectors in front of a network, each with its threshold, and the one among them whose word counts.

use std::collections::BTreeMap;

use anyhow::Result;
use robust_detectors::{Threshold, detectors};

use crate::evaluation::Gauge;
use crate::remarks::Validated;
use crate::report::{FlaggingSummary, GaugeSummary};

/// Who flags, and from which score on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flagging {
    /// Every detector that looks, with its threshold.
    pub(crate) gauges: Vec<Gauge>,
    /// What is known of their scores on validation images, by id.
    pub(crate) validated: BTreeMap<String, Validated>,
    /// The one that flags.
    pub(crate) chosen: Gauge,
    /// The false positive rate that thresholds are made for, on clean validation images.
    pub(crate) fpr: f64,
    /// Whether the user gave the chosen detector's threshold instead.
    pub(crate) is_threshold_given: bool,
}

impl Flagging {
    /// The rate that all thresholds are made for; none if the user gave the chosen detector's.
    pub(crate) fn threshold_fpr(&self) -> Option<f64> {
        (!self.is_threshold_given).then_some(self.fpr)
    }

    /// As `shard.json` has it.
    pub(crate) fn summary(&self) -> FlaggingSummary {
        let gauge = |gauge: &Gauge| GaugeSummary {
            detector: gauge.id.to_owned(),
            threshold: gauge.threshold.score(),
            validation: self.validated.get(gauge.id).copied(),
        };
        FlaggingSummary {
            detector: self.chosen.id.to_owned(),
            fpr: self.fpr,
            is_threshold_given: self.is_threshold_given,
            gauges: self.gauges.iter().map(gauge).collect(),
        }
    }

    /// What `shard.json` says; none if it names a detector that there is not.
    pub(crate) fn of(summary: &FlaggingSummary) -> Result<Option<Self>> {
        let mut gauges = Vec::new();
        for (position, found) in summary.gauges.iter().enumerate() {
            let Some(info) = detectors().iter().find(|info| info.id == found.detector) else { return Ok(None) };
            gauges.push(Gauge { position, id: info.id, threshold: Threshold::new(found.threshold)? });
        }
        let validated = summary.gauges.iter().filter_map(|found| Some((found.detector.clone(), found.validation?)));
        let validated = validated.collect();
        let chosen = gauges.iter().find(|gauge| gauge.id == summary.detector).copied();
        let FlaggingSummary { fpr, is_threshold_given, .. } = *summary;
        Ok(chosen.map(|chosen| Self { gauges, validated, chosen, fpr, is_threshold_given }))
    }
}
