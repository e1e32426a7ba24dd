//! Image in, everything seen out.

use anyhow::Result;
use robust_detectors::Perception;
use serde::Serialize;

use super::answer::Refusal;
use super::source::Source;
use super::studio::Studio;
use crate::evaluation::{Gauge, Sighting};
use crate::packed;

/// What the network and the detectors see in one image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Look {
    /// `(P)`: the levels of the image itself.
    #[serde(serialize_with = "packed::bytes")]
    image: Vec<u8>,
    /// The most likely class.
    pub(super) prediction: u32,
    /// Its softmax.
    pub(super) confidence: f32,
    /// `(K)`.
    pub(super) probabilities: Vec<f32>,
    /// `(S)`; this and what follows is empty of a network that does not draw.
    pub(super) style: Vec<f32>,
    /// `(K)`: `e_k` of every label.
    pub(super) errors: Vec<f32>,
    /// The label of the smallest.
    best_label: Option<u32>,
    /// `(K, P)`: the drawing under every label.
    #[serde(serialize_with = "packed::bytes")]
    reconstructions: Vec<u8>,
    /// In the detectors' order.
    pub(super) verdicts: Vec<Judgement>,
}

/// What a detector says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Judgement {
    pub(super) detector: &'static str,
    /// Higher is more suspicious.
    pub(super) score: f32,
    /// Share of the clean validation images that score higher.
    pub(super) above: f64,
    /// Scores above it are flagged.
    pub(super) threshold: f32,
    /// Share of the clean validation images that do.
    threshold_above: f64,
    /// Whether this one is.
    pub(super) flagged: bool,
    /// Why, if it is.
    reason: Option<&'static str>,
    /// The label to answer with if it is.
    corrected_label: Option<u32>,
}

/// A look at the image of a question.
#[derive(Debug, Serialize)]
pub(super) struct SeenSource {
    index: Option<u64>,
    label: Option<u32>,
    look: Look,
}

impl Studio<'_> {
    /// A look at the image of a question.
    pub(super) fn see(&self, source: &Source) -> Result<SeenSource, Refusal> {
        let picture = self.picture(source)?;
        Ok(SeenSource { index: picture.index, label: picture.label, look: self.look(&picture.pixels)? })
    }

    /// A look at one image, `(P)` in [0, 1].
    pub(super) fn look(&self, pixels: &[f32]) -> Result<Look> {
        let seen = Perception::new(self.network, &self.tensor(pixels)?)?;
        let sighting = &self.screen.judge(&seen)?[0];
        let errors = seen.draws().then(|| seen.errors()).transpose()?;
        let codes = self.artist().read(pixels)?;
        let drawn = self.drawings(&codes.styles)?;
        Ok(Look {
            image: packed::levels(pixels),
            prediction: sighting.prediction,
            confidence: sighting.confidence,
            probabilities: codes.distributions,
            style: codes.styles,
            errors: errors.map_or(Vec::new(), |errors| errors.rows()[0].clone()),
            best_label: errors.map(|errors| errors.best_label()[0]),
            reconstructions: packed::levels(&drawn),
            verdicts: self.gauges.iter().map(|&gauge| self.judgement(gauge, sighting)).collect(),
        })
    }

    /// What the network draws in one style under every label; nothing if it does not draw.
    pub(super) fn drawings(&self, style: &[f32]) -> Result<Vec<f32>> {
        if !self.artist().draws() {
            return Ok(Vec::new());
        }
        let labels: Vec<u32> = (0..self.class_names.len() as u32).collect();
        self.artist().draw_as(&labels, &style.repeat(labels.len()))
    }

    /// What a detector says of an image.
    pub(super) fn judgement(&self, gauge: Gauge, sighting: &Sighting) -> Judgement {
        let verdict = sighting.verdicts[gauge.position];
        let scores = &self.scores[gauge.id];
        let above = |limit: f32| {
            let higher = scores.len() - scores.partition_point(|&score| score <= limit);
            higher as f64 / scores.len() as f64
        };
        Judgement {
            detector: gauge.id,
            score: verdict.score,
            above: above(verdict.score),
            threshold: gauge.threshold.score(),
            threshold_above: above(gauge.threshold.score()),
            flagged: gauge.threshold.flags(verdict.score),
            reason: gauge.threshold.flags(verdict.score).then_some(verdict.reason.word()),
            corrected_label: verdict.corrected_label,
        }
    }
}
