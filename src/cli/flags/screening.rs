//! The flags of `detect --input`: which images, and what becomes of the verdicts.

use std::path::PathBuf;

use clap::Args;

/// A person's own images instead of attacked ones.
#[derive(Debug, Args)]
pub(crate) struct ScreeningFlags {
    /// Screen your own images instead: PNG, JPEG, npz or IDX files, folders of them, or - for a file of at most 1 GiB from standard input
    #[arg(long, value_name = "FILE|DIR|-", num_args = 1.., conflicts_with_all = ["method", "epsilon", "norm", "steps", "step_size", "learning_rate",
          "restarts", "decay", "early_stop", "confidence", "searches", "queries", "samples", "severity", "against", "lambda", "target", "ambiguous", "shifts", "split", "limit", "spread",
          "offset", "shard"],
          help_heading = "Your own images")]
    pub(crate) input: Vec<PathBuf>,
    /// Array of the npz file [default: x_adv, else x]
    #[arg(long, value_name = "NAME", requires = "input", help_heading = "Your own images")]
    pub(crate) key: Option<String>,
    /// Bring your own scans of characters, of any size, dark on bright or bright on dark, to the layout that the network knows
    #[arg(long, requires = "input", help_heading = "Your own images")]
    pub(crate) prepare: bool,
    /// Print a JSON object for each image on a line of its own: verdict, prediction, scores and thresholds
    #[arg(long, requires = "input", conflicts_with = "json", help_heading = "Your own images")]
    pub(crate) jsonl: bool,
    /// End with exit code 3 if an image is flagged
    #[arg(long, requires = "input", help_heading = "Your own images")]
    pub(crate) fail_on_flagged: bool,
}
