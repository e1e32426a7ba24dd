//! [`Studio`]: all that answers are made from.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::Result;
use candle_core::{Device, Tensor};
use robust_attacks::{ImageShape, Model};
use robust_data::Split;

use super::answer::Refusal;
use super::framing::Framing;
use crate::evaluation::{Gauge, RunInfo, Screen};
use crate::network::Network;
use crate::study::measure::Artist;

/// A network with its detectors, and images to look at.
pub(crate) struct Studio<'a> {
    pub(crate) network: &'a Network,
    /// Where it runs.
    pub(crate) device: &'a Device,
    /// The network with its detectors.
    pub(crate) screen: &'a Screen<'a>,
    pub(crate) gauges: &'a [Gauge],
    /// The one that flags.
    pub(crate) chosen: Gauge,
    /// Ascending scores of clean validation images, by detector id; an entry for each gauge.
    pub(crate) scores: &'a BTreeMap<String, Vec<f32>>,
    pub(crate) split: &'a Split,
    /// Of each label, `K` of them.
    pub(crate) class_names: &'a [String],
    /// Network, data and seed.
    pub(crate) run: RunInfo,
    /// How drawings are laid out; none where the images are no written characters.
    pub(crate) framing: Option<Framing>,
    /// What the network says of every image of the split; empty until somebody asks for its errors.
    pub(crate) predictions: OnceLock<Vec<u32>>,
}

impl Studio<'_> {
    /// The network as one who reads and, if it can, draws.
    pub(super) fn artist(&self) -> Artist<'_> {
        Artist::new(self.network, self.device)
    }

    /// Style neurons of the network; none of one that does not draw.
    pub(super) fn styles(&self) -> usize {
        self.network.style_memory().map_or(0, |network| network.spec().styles)
    }

    /// The shape of the images; `P` is the number of its pixels, over all channels.
    pub(super) fn shape(&self) -> ImageShape {
        self.network.signature().shape
    }

    /// Images `(B, P)` as a tensor.
    pub(super) fn tensor(&self, pixels: &[f32]) -> Result<Tensor> {
        let (shape, images) = (self.shape(), pixels.len() / self.shape().pixels());
        Ok(Tensor::from_slice(pixels, (images, shape.channels, shape.height, shape.width), self.device)?)
    }

    /// Refuses a class that does not exist.
    pub(super) fn check_class(&self, class: u32) -> Result<(), Refusal> {
        let classes = self.class_names.len();
        if (class as usize) < classes {
            return Ok(());
        }
        Err(Refusal::Question(format!("class {class}, expected 0 to {}", classes - 1)))
    }
}
