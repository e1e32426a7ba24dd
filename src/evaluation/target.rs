//! [`Target`]: what a targeted attack aims for.

use serde::{Deserialize, Serialize};

/// What a targeted attack aims for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// One class for every image.
    Class(u32),
    /// A class other than the label, drawn per image.
    Random,
    /// The class with the lowest logit on the clean image.
    LeastLikely,
}
