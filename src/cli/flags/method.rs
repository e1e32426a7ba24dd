//! The flags that set up an attack, each a setting of some methods (`robust list` says of which).

use anyhow::{Result, bail};
use clap::Args;
use robust_attacks::Norm;

use super::names;
use super::number::{non_negative, positive};
use crate::cli::usage::Usage;
use crate::evaluation::Target;

/// How an attack is set up; shared by `attack`, `detect` and `evaluate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MethodFlags {
    /// Size of the allowed change, such as 0.3 or 76.5/255; several separated by commas [default: 0.3, for l2 2, l1 10, l0 40; of colour images 8/255, 0.5, 12, 24]
    #[arg(long, value_name = "E,..", value_delimiter = ',', value_parser = non_negative,
          help_heading = "Attack")]
    pub(crate) epsilon: Vec<f64>,
    /// linf, l2, l1 or l0, for methods that do not name theirs
    #[arg(long, value_name = "NORM", value_parser = names::norm, help_heading = "Attack")]
    pub(crate) norm: Option<Norm>,
    /// A class (0-based), random or least-likely [default: any wrong class]
    #[arg(long, value_name = "CLASS", value_parser = names::target, help_heading = "Attack")]
    pub(crate) target: Option<Target>,
    /// Steps of an iterative attack
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Attack")]
    pub(crate) steps: Option<usize>,
    /// Size of a step
    #[arg(long, value_name = "A", value_parser = non_negative, help_heading = "Attack")]
    pub(crate) step_size: Option<f64>,
    /// How far the optimiser of cw may move a variable at once [default: 0.01]
    #[arg(long, value_name = "A", value_parser = non_negative, help_heading = "Attack")]
    pub(crate) learning_rate: Option<f64>,
    /// Random starts, of which the best counts
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Attack")]
    pub(crate) restarts: Option<usize>,
    /// Decay of the momentum (mi-fgsm, ni-fgsm)
    #[arg(long, value_name = "MU", value_parser = non_negative, help_heading = "Attack")]
    pub(crate) decay: Option<f64>,
    /// Stop at the first iterate that fools the network and, where the attack knows a detector, passes it; faster, and other images
    /// than a full run's
    #[arg(long, help_heading = "Attack")]
    pub(crate) early_stop: bool,
    /// Margin in logits that the wrong class must win by (cw); several separated by commas [default: 0]
    #[arg(long, value_name = "K,..", value_delimiter = ',', value_parser = non_negative,
          help_heading = "Attack")]
    pub(crate) confidence: Vec<f64>,
    /// Constants that the binary search of cw tries [default: 9]
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Attack")]
    pub(crate) searches: Option<usize>,
    /// Questions about an image that a gradient-free attack may ask
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Attack")]
    pub(crate) queries: Option<usize>,
    /// Random points that spsa estimates a gradient from
    #[arg(long, value_name = "N", value_parser = positive, help_heading = "Attack")]
    pub(crate) samples: Option<usize>,
    /// How strong a shift is, 0 to 5 (blur, spatial and their like); several separated by commas [default: 3]
    #[arg(long, value_name = "S,..", value_delimiter = ',', value_parser = non_negative,
          help_heading = "Attack")]
    pub(crate) severity: Vec<f64>,
    /// The detector that attacks which know one are against [default: the one that flags]
    #[arg(long, value_name = "ID", value_parser = names::detector, help_heading = "Attack")]
    pub(crate) against: Option<&'static str>,
    /// Weight of that detector's score against the classifier's loss (r-fgsm, r-bim, r-pgd); several separated by commas [default: 0.1]
    #[arg(long, value_name = "L,..", value_delimiter = ',', value_parser = non_negative,
          help_heading = "Attack")]
    pub(crate) lambda: Vec<f64>,
}

impl MethodFlags {
    /// The aim that `--target` names, if there is such a class.
    pub(crate) fn aim(&self, class_names: &[String]) -> Result<Option<Target>> {
        match self.target {
            Some(Target::Class(class)) if class as usize >= class_names.len() => {
                let last = class_names.len() - 1;
                bail!(Usage(format!("--target {class} is not a class from 0 to {last}, nor random or least-likely")))
            }
            target => Ok(target),
        }
    }
}
