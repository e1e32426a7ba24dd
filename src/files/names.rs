//! What the files of a run are called that more than one place writes or reads; `docs/files.md` says what is in them.

/// What vouches for the files of an attacked set.
pub(crate) const ATTACK_SUMMARY: &str = "attack.json";
/// A row for each image of it.
pub(crate) const ATTACK_ROWS: &str = "attack.csv";
/// The images that the attack made.
pub(crate) const ADVERSARIAL: &str = "adversarial.npz";
/// Those that they were made from.
pub(crate) const CLEAN: &str = "clean.npz";
/// The same as a set in a folder of its own sees it, where several sets share it.
pub(crate) const CLEAN_AROUND: &str = "../clean.npz";
/// A row for each image that detectors looked at.
pub(crate) const DETECTION_ROWS: &str = "detect.csv";
/// What a shard is a part of.
pub(crate) const SHARD_SUMMARY: &str = "shard.json";
