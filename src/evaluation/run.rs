//! [`RunInfo`]: what was run, which every summary says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shard::Shard;
use crate::settings::Settings;

/// How images were purified before the network saw them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purification {
    /// The purifier: `autoencoder` or `drawing`.
    pub by: String,
    /// Whether attacks knew nothing of it.
    pub oblivious: bool,
}

/// The clean images that thresholds come from, where a flag names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedImages {
    /// Name of the dataset, or its path.
    pub dataset: String,
    /// Part of it.
    pub split: String,
    /// SHA-256 of every data file read, by file name.
    pub data_sha256: BTreeMap<String, String>,
}

/// The effective configuration shared by all commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of `robust`.
    pub version: String,
    /// Name of the network or path of its file.
    pub model: String,
    /// SHA-256 of the checkpoint.
    pub model_sha256: String,
    /// How somebody's own classifier was taken; absent of a style-memory network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_settings: Option<Settings>,
    /// What the network saw in place of the images; absent where it saw the images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purify: Option<Purification>,
    /// Name of the dataset.
    pub dataset: String,
    /// Part of it.
    pub split: String,
    /// Channels, rows and columns of an image.
    pub shape: [usize; 3],
    /// What images were resized to, as the flag says it.
    pub resize: Option<String>,
    /// The side of the square that was cut out of them.
    pub crop: Option<usize>,
    /// Names of the classes; label `k` is entry `k`.
    pub classes: Vec<String>,
    /// SHA-256 of every data file read, by file name.
    pub data_sha256: BTreeMap<String, String>,
    /// The clean images that `--validation` named for thresholds; absent where none were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<NamedImages>,
    /// First image, in file order.
    pub offset: usize,
    /// How many images, spread over those behind the first, there may be at most; absent where they lie side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<usize>,
    /// Number of images.
    pub images: usize,
    /// Images that a thread takes at once, at most; changes no result.
    pub batch_size: usize,
    /// Worker threads; changes no result of an attack or a detector.
    pub threads: usize,
    /// Seed of everything drawn at random.
    pub seed: u64,
    /// Where the network ran.
    pub device: String,
    /// Which part of the images these are; absent where they are all that offset and limit leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The instruction set that computed a shard, or those of merged ones where they differ: each gives bits of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instruction_sets: Vec<String>,
}
