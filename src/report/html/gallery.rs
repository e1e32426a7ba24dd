//! Some of a set's images, and what the network draws of them.
//!
//! Eight bits per pixel are for the eye alone; scores and errors are those of the exact images.

use anyhow::Result;
use candle_core::{DType, Device, Tensor};
use robust_attacks::ClassConditional;
use robust_detectors::{Perception, Status};
use serde::Serialize;

use super::attacked::{Attacked, AttackedRow};
use super::pictures::Pixels;
use crate::packed;
use robust_networks::SIDE;

/// Images of a set that are shown: 4 pictures of 784 bytes each, so that 12 sets take some 5 MB of the page.
const SHOWN: usize = 96;

/// The images shown of a set, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Gallery {
    /// Their positions in the set.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) position: Vec<u32>,
    /// Confidence on the clean image.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) clean_confidence: Vec<f32>,
    /// Confidence on the adversarial image.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) confidence: Vec<f32>,
    /// Largest change of a pixel.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) linf: Vec<f32>,
    /// Euclidean length of the change.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) l2: Vec<f32>,
    /// Number of pixels changed.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) l0: Vec<f32>,
    /// Grey levels of the clean images.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) clean: Vec<u8>,
    /// Grey levels of the adversarial images.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) adversarial: Vec<u8>,
    /// What the network draws of them; none without the network.
    pub(crate) drawn: Option<Drawn>,
    /// The adversarial images, exactly.
    #[serde(skip)]
    exact: Vec<f32>,
}

/// Reconstructions of the adversarial images from their own style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Drawn {
    /// Grey levels under the predicted label.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) predicted: Vec<u8>,
    /// Grey levels under the best of the other labels.
    #[serde(serialize_with = "packed::bytes")]
    pub(crate) alternative: Vec<u8>,
    /// That label.
    #[serde(serialize_with = "packed::integers")]
    pub(crate) alternative_label: Vec<u32>,
    /// `||x̂ - x||²` under the predicted label.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) error_predicted: Vec<f32>,
    /// The same under the other.
    #[serde(serialize_with = "packed::floats")]
    pub(crate) error_alternative: Vec<f32>,
}

impl Gallery {
    /// The images at `position` of `attacked`.
    pub(super) fn new(attacked: &Attacked, position: &[usize], pixels: Pixels) -> Self {
        let column = |value: fn(&AttackedRow) -> f32| position.iter().map(|&i| value(&attacked.rows[i])).collect();
        Self {
            clean_confidence: column(|row| row.clean_confidence),
            confidence: column(|row| row.confidence),
            linf: column(|row| row.linf),
            l2: column(|row| row.l2),
            l0: column(|row| row.l0),
            position: position.iter().map(|&i| i as u32).collect(),
            clean: packed::grey(&pixels.clean),
            adversarial: packed::grey(&pixels.adversarial),
            drawn: None,
            exact: pixels.adversarial,
        }
    }

    /// Adds what `network` draws.
    pub(super) fn draw(&mut self, network: &dyn ClassConditional) -> Result<()> {
        let x = Tensor::from_slice(&self.exact, (self.position.len(), 1, SIDE, SIDE), &Device::Cpu)?;
        let perception = Perception::new(network, &x)?;
        let errors = perception.errors()?;
        let style = perception.style()?;
        self.drawn = Some(Drawn {
            predicted: drawn(network, style, perception.predictions())?,
            alternative: drawn(network, style, errors.alternative_label())?,
            alternative_label: errors.alternative_label().to_vec(),
            error_predicted: errors.predicted().to_vec(),
            error_alternative: errors.alternative().to_vec(),
        });
        Ok(())
    }
}

/// Grey levels of what `network` draws from each `style` under its label.
pub(super) fn drawn(network: &dyn ClassConditional, style: &Tensor, labels: &[u32]) -> Result<Vec<u8>> {
    let one_hot = Tensor::eye(network.signature().classes, DType::F32, &Device::Cpu)?;
    let labels = one_hot.index_select(&Tensor::new(labels, &Device::Cpu)?, 0)?;
    Ok(packed::grey(&network.decode(&labels, style)?.flatten_all()?.to_vec1()?))
}

/// The images of a set to show; `flagged` tells of each whether the detector flags it.
///
/// At most [`SHOWN`] positions, ascending: of every way that an attack can end (fooled and accepted, fooled and flagged,
/// not fooled, skipped) as many as of any other, while there are; within each, spread evenly over the set.
pub(super) fn choose(rows: &[AttackedRow], flagged: &[bool]) -> Vec<usize> {
    let mut groups: [Vec<usize>; 4] = Default::default();
    for (i, row) in rows.iter().enumerate() {
        let group = match row.status {
            Status::Succeeded if flagged.get(i) == Some(&true) => 1,
            Status::Succeeded => 0,
            Status::Failed => 2,
            Status::Skipped => 3,
        };
        groups[group].push(i);
    }
    groups.sort_by_key(Vec::len);
    let mut chosen = Vec::new();
    for (position, group) in groups.iter().enumerate() {
        // What a small group leaves over goes to the larger ones after it.
        let share = ((SHOWN - chosen.len()) / (4 - position)).min(group.len());
        chosen.extend((0..share).map(|i| group[i * group.len() / share]));
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_end_is_shown_and_nothing_twice() {
        let row = |status| AttackedRow { status, ..AttackedRow::default() };
        let count = |counts: [usize; 4]| {
            let [accepted, flagged, failed, skipped] = counts;
            let mut rows = vec![row(Status::Succeeded); accepted + flagged];
            rows.extend(vec![row(Status::Failed); failed]);
            rows.extend(vec![row(Status::Skipped); skipped]);
            let flags: Vec<bool> = (0..rows.len()).map(|i| i >= accepted && i < accepted + flagged).collect();
            let chosen = choose(&rows, &flags);
            assert!(chosen.is_sorted_by(|a, b| a < b), "{chosen:?}");
            let bounds = [0, accepted, accepted + flagged, accepted + flagged + failed, rows.len()];
            [0, 1, 2, 3].map(|g| chosen.iter().filter(|&&i| i >= bounds[g] && i < bounds[g + 1]).count())
        };
        for (there, shown) in [
            ([0, 0, 0, 0], [0, 0, 0, 0]),
            ([3, 2, 1, 0], [3, 2, 1, 0]),
            ([1000, 1000, 1000, 1000], [24, 24, 24, 24]),
            ([5, 9000, 900, 60], [5, 31, 30, 30]),
            ([0, 9900, 0, 100], [0, 48, 0, 48]),
        ] {
            assert_eq!(count(there), shown, "of {there:?}");
        }
    }
}
