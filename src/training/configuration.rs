//! Everything that decides how a network is trained.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Schedule;

/// A named starting point for a [`Configuration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// What works best here, chosen on validation data.
    Default,
    /// The paper's recipe: Adam at 1e-5 for 250 epochs, the softmax into the decoder. The paper gives neither the noise
    /// nor the batch size; 0.1 and 128 are ours.
    Paper,
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "default" => Ok(Self::Default),
            "paper" => Ok(Self::Paper),
            _ => Err(format!("unknown preset '{name}'; there are: default, paper")),
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Default => "default",
            Self::Paper => "paper",
        })
    }
}

/// How a network is trained. Stored in the checkpoint and in the resumable state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Where the values came from.
    pub preset: Preset,
    /// Passes over the training images.
    pub epochs: usize,
    /// Images per optimiser step, `B`; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Adam's learning rate; the peak of a one-cycle schedule.
    pub learning_rate: f64,
    /// How the learning rate moves.
    pub schedule: Schedule,
    /// Weight of the reconstruction error in the loss.
    pub alpha: f64,
    /// Standard deviation of the Gaussian noise on the encoder's input, not clipped.
    pub sigma: f64,
    /// Share of the images whose decoder input is the one-hot true label; the others take the softmax.
    pub one_hot_share: f64,
    /// Seed of the initial weights, the shuffling and the noise.
    pub seed: u64,
}

impl Configuration {
    /// The configuration that `preset` names.
    #[must_use]
    pub fn new(preset: Preset, seed: u64) -> Self {
        let paper = Self {
            preset,
            epochs: 250,
            batch_size: 128,
            learning_rate: 1e-5,
            schedule: Schedule::Constant,
            alpha: 0.05,
            sigma: 0.1,
            one_hot_share: 0.0,
            seed,
        };
        match preset {
            Preset::Paper => paper,
            Preset::Default => {
                Self { epochs: 30, learning_rate: 1e-3, schedule: Schedule::OneCycle, one_hot_share: 0.5, ..paper }
            }
        }
    }
}
