//! `shard.json`: what one shard of a run tells `robust merge`, beside its rows and images.
//!
//! All that goes into figures and does not follow from rows, so that merging needs neither the network nor the data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evaluation::sanity::Check;
use crate::evaluation::{AttackedSet, RunInfo, SetName};
use crate::files::{ADVERSARIAL, ATTACK_ROWS, CLEAN, DETECTION_ROWS};
use crate::remarks::{Network, Validated};

/// The commands whose images are dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dealt {
    Attack,
    Detect,
    Evaluate,
}

impl Dealt {
    /// Where a shard keeps the rows of one of so many sets.
    pub(crate) fn rows(self, set: &SetName, sets: usize) -> String {
        match self {
            Self::Attack if sets == 1 => ATTACK_ROWS.to_owned(),
            Self::Attack | Self::Evaluate => format!("{set}/attack.csv"),
            // Which otherwise keeps sums alone.
            Self::Detect => format!("attack-{set}.csv"),
        }
    }

    /// Where it keeps their images, if it does.
    pub(crate) fn images(self, set: &SetName, sets: usize) -> Option<String> {
        match self {
            Self::Attack if sets == 1 => Some(ADVERSARIAL.to_owned()),
            Self::Attack | Self::Evaluate => Some(format!("{set}/adversarial.npz")),
            Self::Detect => None,
        }
    }

    /// The files that are merged, beside the summary.
    pub(crate) fn files<'a>(self, sets: impl ExactSizeIterator<Item = &'a SetName>) -> Vec<String> {
        let own = match self {
            Self::Attack => &[CLEAN][..],
            Self::Detect => &[DETECTION_ROWS],
            Self::Evaluate => &[CLEAN, DETECTION_ROWS],
        };
        let count = sets.len();
        let of_sets = sets.flat_map(|set| [Some(self.rows(set, count)), self.images(set, count)]);
        own.iter().map(|&name| name.to_owned()).chain(of_sets.flatten()).collect()
    }
}

/// `shard.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShardSummary {
    /// What was run.
    pub(crate) command: Dealt,
    /// Images, data, network, seed, and which shard of them this is.
    pub(crate) run: RunInfo,
    /// The network that says what the clean images are: the one attacked, or the one that judges in its place.
    pub(crate) judge: JudgeSummary,
    /// Whether the flags choose all of the split, not a part of it in its order.
    pub(crate) is_whole: bool,
    /// Who flags; null of `attack`.
    pub(crate) flagging: Option<FlaggingSummary>,
    /// What was looked at that nobody attacked.
    #[serde(flatten)]
    pub(crate) unattacked: Unattacked,
    /// The attacked sets, in order.
    pub(crate) sets: Vec<ShardSet>,
    /// What `evaluate` found out of the network as a model.
    pub(crate) checks: Vec<Check>,
    /// How the network does on validation images: of the first shard alone, which works it out for all.
    pub(crate) validation: Option<Validation>,
    /// Wall time of `detect`.
    pub(crate) seconds: f64,
}

/// What detectors look at beside the clean images and those that were attacked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unattacked {
    /// Whether at images after benign shifts.
    pub(crate) shifts: bool,
    /// Whether at blends of two images.
    pub(crate) ambiguous: bool,
}

/// A network that says what clean images are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct JudgeSummary {
    /// Its name or the path of its file.
    pub(crate) name: String,
    /// SHA-256 of its checkpoint.
    pub(crate) sha256: String,
    /// Whether it is another than the one attacked.
    pub(crate) is_another: bool,
    /// Share of test images that its checkpoint says it classifies correctly.
    pub(crate) own_accuracy: Option<f64>,
}

/// Who flags, and from which score on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlaggingSummary {
    /// The detector that flags.
    pub(crate) detector: String,
    /// The false positive rate that thresholds are made for.
    pub(crate) fpr: f64,
    /// Whether its threshold was given instead.
    pub(crate) is_threshold_given: bool,
    /// All detectors, in the order of the columns.
    pub(crate) gauges: Vec<GaugeSummary>,
}

/// A detector with its threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GaugeSummary {
    /// Its id.
    pub(crate) detector: String,
    /// It flags above this.
    pub(crate) threshold: f32,
    /// What is known of its scores on validation images.
    pub(crate) validation: Option<Validated>,
}

/// An attacked set of a shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShardSet {
    /// How it was made, and what came of it.
    pub(crate) made: AttackedSet,
    /// Images that fooled the network attacked, whoever judges.
    pub(crate) fooled_model: usize,
    /// Wall time of the attack.
    pub(crate) seconds: f64,
}

/// How a network does on validation images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Validation {
    /// Share of them that it classifies correctly.
    pub(crate) accuracy: f64,
    /// How many they are.
    pub(crate) images: usize,
    /// SHA-256 of every data file read until then.
    pub(crate) data_sha256: BTreeMap<String, String>,
}

impl JudgeSummary {
    /// What remarks ask of it, with that many classes.
    pub(crate) fn network(&self, classes: usize) -> Network<'_> {
        Network { name: &self.name, classes, own_accuracy: self.own_accuracy }
    }
}
