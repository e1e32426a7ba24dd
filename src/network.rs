//! [`Network`]: what attacks are on and what detectors look through: a style-memory network, or any other classifier.

use candle_core::{Result, Tensor};
use robust_attacks::{LogitLoss, LossGradient, Model, Signature};
use robust_detectors::Subject;
use robust_networks::{Classifier, StyleMemory};

/// A network, ready to run.
pub enum Network {
    /// One that draws what it sees.
    StyleMemory(StyleMemory),
    /// One that gives logits and nothing else.
    Classifier(Classifier),
}

impl Network {
    fn model(&self) -> &dyn Model {
        match self {
            Self::StyleMemory(network) => network,
            Self::Classifier(network) => network,
        }
    }

    /// Bytes that one image takes on the way there and back, where a classifier knows it.
    #[must_use]
    pub fn bytes_per_image(&self) -> Option<usize> {
        match self {
            Self::StyleMemory(_) => None,
            Self::Classifier(network) => network.bytes_per_image(),
        }
    }

    /// The images that a classifier takes at once, where it knows; more do it no good.
    #[must_use]
    pub fn chunk(&self) -> Option<usize> {
        match self {
            Self::StyleMemory(_) => None,
            Self::Classifier(network) => network.chunk(),
        }
    }

    /// The same network; a classifier takes at most so many images at once.
    #[must_use]
    pub fn in_chunks_of(self, images: usize) -> Self {
        match self {
            Self::StyleMemory(_) => self,
            Self::Classifier(network) => Self::Classifier(network.in_chunks_of(images)),
        }
    }

    /// The network as one that draws, if it does.
    #[must_use]
    pub fn style_memory(&self) -> Option<&StyleMemory> {
        match self {
            Self::StyleMemory(network) => Some(network),
            Self::Classifier(_) => None,
        }
    }
}

impl Model for Network {
    fn signature(&self) -> Signature {
        self.model().signature()
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.model().logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> Result<LossGradient> {
        self.model().loss_gradient(x, loss)
    }
}

impl<'a> From<&'a Network> for Subject<'a> {
    fn from(network: &'a Network) -> Self {
        match network {
            Network::StyleMemory(network) => network.into(),
            Network::Classifier(network) => Self::Classifier(network),
        }
    }
}
