//! [`SeenSet`]: what the network and the detectors say of the images of a set, and [`Gauge`]: where a detector's word is among it.

use robust_detectors::{Status, Threshold};

use super::rows::AttackRow;
use super::screen::Sighting;
use super::set_name::SetName;

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

impl SeenSet {
    /// What a detector says of every image.
    #[must_use]
    pub fn scores(&self, gauge: Gauge) -> Vec<f32> {
        self.images.iter().map(|seen| seen.score(gauge)).collect()
    }
}
