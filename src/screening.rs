//! What the network and all detectors say about images, one record per image.

use anyhow::Result;
use candle_core::Tensor;
use robust_attacks::ClassConditional;
use robust_detectors::{Detector, Perception, detector, detectors};

/// One image seen by the network and the detectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The most likely class.
    pub prediction: u32,
    /// Its softmax.
    pub confidence: f32,
    /// `e_p`, the reconstruction error under the prediction.
    pub error_predicted: f32,
    /// The smallest `e_k` with `k != p`.
    pub error_alternative: f32,
    /// Its label.
    pub alternative_label: u32,
    /// The label with the smallest error of all.
    pub best_label: u32,
    /// A score per detector, in the screen's order.
    pub scores: Vec<f32>,
}

/// A network with detectors in front of it.
pub struct Screen<'a> {
    model: &'a dyn ClassConditional,
    detectors: Vec<Box<dyn Detector>>,
}

impl<'a> Screen<'a> {
    /// All detectors that need no fitting.
    ///
    /// # Errors
    /// Never today; a detector that cannot be built would say why.
    pub fn with_all_detectors(model: &'a dyn ClassConditional) -> Result<Self> {
        let detectors = detectors().iter().map(|info| detector(info.id)).collect::<Result<_, _>>()?;
        Ok(Self { model, detectors })
    }

    /// The detectors, in the order of [`Sighting::scores`].
    #[must_use]
    pub fn detectors(&self) -> &[Box<dyn Detector>] {
        &self.detectors
    }

    /// Looks at images `(B, 1, 28, 28)` in [0, 1].
    ///
    /// # Errors
    /// Whatever the network or a detector reports, NaN pixels and scores among it.
    pub fn look_at(&self, x: &Tensor) -> Result<Vec<Sighting>> {
        let perception = Perception::new(self.model, x)?;
        let scores =
            self.detectors.iter().map(|detector| detector.scores(&perception)).collect::<Result<Vec<_>, _>>()?;
        let errors = perception.errors()?;
        let sighting = |i: usize| Sighting {
            prediction: perception.predictions()[i],
            confidence: perception.confidences()[i],
            error_predicted: errors.predicted()[i],
            error_alternative: errors.alternative()[i],
            alternative_label: errors.alternative_label()[i],
            best_label: errors.best_label()[i],
            scores: scores.iter().map(|scores| scores[i]).collect(),
        };
        Ok((0..perception.predictions().len()).map(sighting).collect())
    }
}
