//! [`Screen`]: a network with detectors in front of it, what they say of images, one record per image, and [`Gauge`]: where a
//! detector's word is among it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use candle_core::Tensor;
use robust_detectors::{
    ClassErrors, Detector, DetectorInfo, Fit, Judgement, Perception, Reason, Status, Subject, Threshold,
    detector as info_of,
};

use super::outcome::AttackRow;
use super::set_name::SetName;

/// One image seen by the network and the detectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sighting {
    /// The most likely class.
    pub prediction: u32,
    /// Its softmax.
    pub confidence: f32,
    /// How well the network draws it; none of a network that does not draw.
    pub drawn: Option<Drawn>,
    /// What each detector says, in the screen's order.
    pub verdicts: Vec<Verdict>,
    /// The parts of their scores, of one detector after the other; a part that the network has not is absent.
    pub parts: Vec<Option<f32>>,
}

/// How well a network draws an image under its prediction `p`, and under the label that explains it best beside that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// `e_p`, the reconstruction error under the prediction.
    pub error_predicted: f32,
    /// The smallest `e_k` with `k != p`.
    pub error_alternative: f32,
    /// Its label.
    pub alternative_label: u32,
}

/// What a detector says about an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Higher is more suspicious.
    pub score: f32,
    /// The label to answer with if the image is flagged: the detector's own, or else the one with the smallest error; none where there is
    /// neither.
    pub corrected_label: Option<u32>,
    /// Why the image is flagged, if it is.
    pub reason: Reason,
}

/// A network with detectors in front of it.
pub struct Screen<'a> {
    subject: Subject<'a>,
    /// In the order of [`Sighting::verdicts`].
    detectors: Vec<Box<dyn Detector>>,
}

impl<'a> Screen<'a> {
    /// These detectors, with the fits of those that have one, by id.
    ///
    /// # Errors
    /// A fit that is missing, or not one of its detector for this network.
    pub fn new(
        subject: impl Into<Subject<'a>>,
        detectors: &[&DetectorInfo],
        fits: &BTreeMap<String, Fit>,
    ) -> Result<Self> {
        let (subject, none) = (subject.into(), Fit::default());
        let detectors = detectors.iter().map(|info| {
            let fit = fits.get(info.id).unwrap_or(&none);
            info.restore(fit, subject.classes()).with_context(|| format!("detector {} cannot be restored", info.id))
        });
        Ok(Self { subject, detectors: detectors.collect::<Result<_>>()? })
    }

    /// The detector of that id, if it is among them.
    #[must_use]
    pub fn detector(&self, id: &str) -> Option<&dyn Detector> {
        self.detectors.iter().find(|detector| detector.id() == id).map(|detector| &**detector)
    }

    /// Looks at images `(B, C, H, W)` in [0, 1].
    ///
    /// # Errors
    /// Whatever the network or a detector reports, NaN pixels and scores among it.
    pub fn look_at(&self, x: &Tensor) -> Result<Vec<Sighting>> {
        self.judge(&Perception::new(self.subject, x)?)
    }

    /// Judges what the network made of images.
    ///
    /// # Errors
    /// As [`look_at`](Self::look_at).
    pub fn judge(&self, perception: &Perception) -> Result<Vec<Sighting>> {
        let errors = perception.draws().then(|| perception.errors()).transpose()?;
        let drawn = |i: usize| {
            errors.map(|errors| Drawn {
                error_predicted: errors.predicted()[i],
                error_alternative: errors.alternative()[i],
                alternative_label: errors.alternative_label()[i],
            })
        };
        let sighting = |i: usize| Sighting {
            prediction: perception.predictions()[i],
            confidence: perception.confidences()[i],
            drawn: drawn(i),
            verdicts: Vec::with_capacity(self.detectors.len()),
            parts: Vec::new(),
        };
        let mut sightings: Vec<Sighting> = (0..perception.predictions().len()).map(sighting).collect();
        for detector in &self.detectors {
            let judgement = detector.judge(perception).with_context(|| format!("detector {}", detector.id()));
            let Judgement { scores, labels, reasons, parts } = judgement?;
            if let Some(position) = scores.iter().position(|score| score.is_nan()) {
                bail!(
                    "detector {} gives image {position} of a batch a score of NaN: look at the network's weights",
                    detector.id()
                );
            }
            let labels = labels.as_deref().or(errors.map(ClassErrors::best_label));
            let usual = info_of(detector.id())?.reason;
            for (i, (sighting, score)) in sightings.iter_mut().zip(scores).enumerate() {
                let reason = reasons.as_ref().map_or(usual, |reasons| reasons[i]);
                sighting.verdicts.push(Verdict { score, corrected_label: labels.map(|labels| labels[i]), reason });
                sighting.parts.extend(parts.iter().flat_map(|parts| &parts[i]));
            }
        }
        Ok(sightings)
    }
}

/// One image of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Position in the split.
    pub index: u64,
    /// True class; none where nobody knows, or where there is not one.
    pub label: Option<u32>,
    /// How the attack on it ended; none for a clean image.
    pub status: Option<Status>,
    /// What was seen.
    pub sighting: Sighting,
}

impl Seen {
    /// What was seen of an attacked image.
    #[must_use]
    pub fn attacked(row: &AttackRow, sighting: Sighting) -> Self {
        Self { index: row.index, label: Some(row.label), status: Some(row.status), sighting }
    }

    /// What that detector says.
    #[must_use]
    pub fn score(&self, gauge: Gauge) -> f32 {
        self.sighting.verdicts[gauge.position].score
    }

    /// Why that detector flags it; none if it does not.
    #[must_use]
    pub fn reason(&self, gauge: Gauge) -> Option<Reason> {
        gauge.flags(self).then(|| self.sighting.verdicts[gauge.position].reason)
    }

    /// Whether the network is right about it.
    pub(super) fn is_correct(&self) -> bool {
        self.label == Some(self.sighting.prediction)
    }
}

/// The images of one set, in the order of the clean ones.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenSet {
    /// Such as `clean` or `bim@0.3`.
    pub name: SetName,
    /// One per image.
    pub images: Vec<Seen>,
}

/// A detector's place among the verdicts, its id and its threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge {
    /// Position in [`Sighting::verdicts`].
    pub position: usize,
    /// Detector id.
    pub id: &'static str,
    /// Flags above this.
    pub threshold: Threshold,
}

impl Gauge {
    /// Whether its detector flags the image.
    #[must_use]
    pub fn flags(&self, seen: &Seen) -> bool {
        self.threshold.flags(seen.score(*self))
    }
}

/// The names of the parts of the scores of detectors with these gauges, in the order of [`Sighting::parts`].
pub(crate) fn part_names(gauges: &[Gauge]) -> impl Iterator<Item = &'static str> {
    let parts = |gauge: &Gauge| info_of(gauge.id).map_or(&[][..], |info| info.parts);
    gauges.iter().flat_map(parts).copied()
}

impl SeenSet {
    /// What a detector says of every image.
    #[must_use]
    pub fn scores(&self, gauge: Gauge) -> Vec<f32> {
        self.images.iter().map(|seen| seen.score(gauge)).collect()
    }
}
