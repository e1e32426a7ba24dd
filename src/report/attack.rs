//! `attack.json`.

use serde::Serialize;

use crate::evaluation::{AttackedSet, RunInfo};
use crate::remarks::Remark;

/// `attack.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AttackSummary {
    /// The set.
    #[serde(flatten)]
    pub(crate) attacked: AttackedSet,
    /// Images, data, network, seed.
    #[serde(flatten)]
    pub(crate) run: RunInfo,
    /// The network that judged; null if that was the one attacked.
    pub(crate) transfer: Option<Transfer>,
    /// Wall time of the attack; sets that were made in one go share it evenly.
    pub(crate) seconds: f64,
    /// `n / seconds`.
    pub(crate) images_per_second: f64,
    /// Why not to trust these figures.
    pub(crate) remarks: Vec<Remark>,
}

/// Which network judged images that were made to fool another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Transfer {
    /// Name of the judging network or path of its file.
    pub(crate) to: String,
    /// SHA-256 of its checkpoint.
    pub(crate) sha256: String,
    /// Images that fooled the network attacked, of those attacked.
    pub(crate) fooled_model: usize,
}
