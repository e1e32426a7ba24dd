//! [`SecondOpinion`]: a second network finds the prediction unlikely.
//!
//! "Prediction Inconsistency Helps Achieve Generalizable Detection of Adversarial Examples", 2025 (arXiv 2506.03765): an image that was made to
//! fool one network fools another of another make less often. The paper's score is one minus the second network's softmax of the first one's
//! prediction; here it is its log odds, which have the same order without the rounding to 1. The second network is the small one of
//! [`second_network`](crate::second_network), trained beside the first on the same images: it cannot be made of a model alone.

use std::sync::OnceLock;

use candle_core::{Result, Tensor};
use robust_attacks::Model;
use robust_networks::Classifier;

use crate::look::unit;
use crate::tensors::rows;
use crate::{Detector, Error, Fit, Made, Perception, Recorded, Tape, second_network, softmax};

/// Where the number of planes stands in the shape of the first convolution.
const FIRST: (&str, usize) = ("conv1.weight", 1);
/// Planes of an image at most: more is no image.
const MOST_CHANNELS: usize = 1 << 12;

/// The detector; made from a fit of [`train_second`](crate::train_second).
pub struct SecondOpinion {
    classes: usize,
    /// Planes of an image.
    channels: usize,
    parameters: Vec<f32>,
    /// For the shape of the images that came first.
    network: OnceLock<Classifier>,
}

impl SecondOpinion {
    pub(crate) fn restore(fit: &Fit, classes: usize) -> Made {
        let channels = fit.shape(FIRST.0).get(FIRST.1).map_or(1, |&channels| channels.clamp(1, MOST_CHANNELS));
        let layout = second_network::layout(channels, classes);
        let mut parameters = Vec::with_capacity(layout.len());
        for slot in layout.tensors() {
            parameters.extend_from_slice(fit.values(&slot.name, &slot.shape)?);
        }
        Ok(Box::new(Self { classes, channels, parameters, network: OnceLock::new() }))
    }

    /// What the second network says of images `(B, ...)`: logits `(B, K)`.
    fn logits(&self, perception: &Perception, x: &Tensor) -> Result<Tensor> {
        let signature = perception.subject().model().signature();
        let shape = signature.shape;
        if shape.channels != self.channels {
            let name = FIRST.0.to_owned();
            let found = format!("is for images of other planes than {}", shape.channels);
            let expected = second_network::first(shape.channels);
            return Err(candle_core::Error::wrap(Error::Fit { name, found, expected }));
        }
        let network = match self.network.get() {
            Some(network) => network,
            None => {
                let spec = second_network::spec(shape, self.classes);
                let network = Classifier::new(&spec, &self.parameters, x.device())?;
                self.network.get_or_init(|| network)
            }
        };
        let images = (x.dim(0)?, shape.channels, shape.height, shape.width);
        network.logits(&unit(x, signature.bounds)?.reshape(images)?)
    }
}

impl SecondOpinion {
    /// The name by which it is chosen.
    pub const ID: &'static str = "second-opinion";
}

impl Detector for SecondOpinion {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn scores(&self, perception: &Perception) -> std::result::Result<Vec<f32>, Error> {
        let logits = self.logits(perception, perception.x()).map_err(Error::model("be asked for a second opinion"))?;
        let predictions = perception.predictions();
        let logits = rows("logits", "the second network's image", &logits, [predictions.len(), self.classes])?;
        let odds = |(logits, &p): (&Vec<f32>, &u32)| softmax::single(softmax::log_odds_against(logits, p as usize));
        Ok(logits.iter().zip(predictions).map(odds).collect())
    }

    fn record(&self, tape: &Tape) -> Result<Option<Recorded>> {
        Recorded::apart(self, tape, || tape.log_odds(&self.logits(tape.perception(), tape.x())?))
    }

    fn fit(&self) -> Fit {
        second_network::store(&second_network::layout(self.channels, self.classes), &self.parameters)
    }
}
