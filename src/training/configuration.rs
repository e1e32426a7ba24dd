//! Everything that decides how a network is trained.

use std::fmt;
use std::ops::Not;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{LossWeights, Schedule, Sigma};

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
    /// What the terms of the loss weigh.
    #[serde(flatten)]
    pub loss: LossWeights,
    /// Strength of the noise on the encoder's input.
    pub sigma: Sigma,
    /// How much the images turn and shift, in shares of 15 degrees and 2 pixels.
    #[serde(default)]
    pub augment: f64,
    /// Whether every other image is mirrored, left for right.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub mirror: bool,
    /// Whether an epoch has as many images of every class, some of them again and again.
    #[serde(default)]
    pub balance: bool,
    /// Whether a second network is trained beside, for the detector `second-opinion`.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub second: bool,
    /// Share of the images whose decoder input is the one-hot true label; the others take the softmax.
    pub one_hot_share: f64,
    /// Seed of the initial weights and of all that is drawn for the images.
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
            loss: LossWeights { alpha: 0.05, ..LossWeights::default() },
            sigma: Sigma::Fixed(0.1),
            augment: 0.0,
            mirror: false,
            balance: false,
            second: false,
            one_hot_share: 0.0,
            seed,
        };
        match preset {
            Preset::Paper => paper,
            Preset::Default => Self {
                epochs: 30,
                learning_rate: 1e-3,
                schedule: Schedule::OneCycle,
                loss: LossWeights { swap: 0.5, ..paper.loss },
                augment: 0.5,
                one_hot_share: 1.0,
                ..paper
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_from_before_the_swap_are_still_read_and_the_paper_s_is_one() {
        let stored = r#"{"preset":"paper","epochs":250,"batch_size":128,"learning_rate":1e-5,"schedule":"constant",
            "alpha":0.05,"sigma":0.1,"one_hot_share":0.0,"seed":3}"#;
        assert_eq!(serde_json::from_str::<Configuration>(stored).unwrap(), Configuration::new(Preset::Paper, 3));
    }

    #[test]
    fn a_configuration_survives_json_as_plain_fields() {
        for preset in [Preset::Default, Preset::Paper] {
            let configuration = Configuration { sigma: Sigma::Between([0.0, 0.3]), ..Configuration::new(preset, 1) };
            let json = serde_json::to_value(&configuration).unwrap();
            assert_eq!(json["swap"], configuration.loss.swap);
            assert_eq!(serde_json::from_value::<Configuration>(json).unwrap(), configuration);
        }
    }
}
