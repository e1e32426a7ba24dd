//! [`Measured`]: the claims of one network, with what they were measured on.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::Claim;

/// Where a network comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// Trained by the paper's recipe, to the end.
    Paper,
    /// Embedded in the program.
    Embedded,
    /// Any other.
    Other,
}

/// The claims measured with one network, and all it takes to measure them again. `claims.json` holds one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The command that did.
    pub(crate) command: String,
    /// Name of the network or path of its file.
    pub(crate) model: String,
    /// SHA-256 of its checkpoint.
    pub(crate) model_sha256: String,
    /// Where the network comes from.
    pub(crate) origin: Origin,
    /// Seed of its training.
    pub(crate) trained_with_seed: u64,
    pub(crate) dataset: String,
    /// Part of it.
    pub(crate) split: String,
    pub(crate) images: usize,
    /// Seed of the pairs drawn at random.
    pub(crate) seed: u64,
    /// The claims, in the paper's order, and the open questions after them.
    pub(crate) claims: Vec<Claim>,
}

impl Measured {
    /// Whether line for line these are the claims of `other`, whatever was measured of them.
    pub(crate) fn check_beside(&self, other: &Self) -> Result<()> {
        let text = |measured: &Self, line: usize| measured.claims.get(line).map(|claim| claim.claim.clone());
        for line in 0..self.claims.len().max(other.claims.len()) {
            let (found, expected) = (text(self, line), text(other, line));
            ensure!(
                found == expected,
                "its claims are not those of this version: it has {found:?} where {expected:?} is expected; measure it again"
            );
        }
        Ok(())
    }
}
