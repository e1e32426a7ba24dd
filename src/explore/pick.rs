//! Images of the split to choose from.

use anyhow::Result;
use robust_data::pixel;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::asker::Asker;
use super::studio::Studio;
use crate::packed;

/// Images shown at once.
const SHOWN: usize = 24;

/// Which images.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PickWish {
    /// Of this class; none is all.
    label: Option<u32>,
    /// Only those that the network gets wrong.
    #[serde(default)]
    pub(super) wrong: bool,
    /// From this row of the split on.
    #[serde(default)]
    from: usize,
}

/// Some images.
#[derive(Debug, Serialize)]
pub(super) struct Picked {
    /// Positions in the whole split.
    indices: Vec<u64>,
    labels: Vec<u32>,
    /// `(N, P)` levels.
    #[serde(serialize_with = "packed::bytes")]
    images: Vec<u8>,
    /// The row where the next ones start; none at the end.
    next: Option<usize>,
}

impl Studio<'_> {
    pub(super) fn pick(&self, wish: &PickWish, asker: Asker) -> Result<Picked, Refusal> {
        if let Some(label) = wish.label {
            self.check_class(label)?;
        }
        let predictions = if wish.wrong { self.predictions(asker)? } else { &[] };
        let labels = self.split.labels();
        let matches = |row: &usize| {
            wish.label.is_none_or(|label| labels[*row] == label)
                && predictions.get(*row).is_none_or(|&prediction| prediction != labels[*row])
        };
        let mut found = (wish.from..labels.len()).filter(matches);
        let rows: Vec<usize> = found.by_ref().take(SHOWN).collect();
        let size = self.split.shape().values();
        Ok(Picked {
            indices: rows.iter().map(|&row| self.split.indices()[row]).collect(),
            labels: rows.iter().map(|&row| labels[row]).collect(),
            images: rows.iter().flat_map(|&row| &self.split.pixels()[row * size..][..size]).copied().collect(),
            next: found.next(),
        })
    }

    /// What the network says of every image of the split; worked out when it is first asked for.
    fn predictions(&self, asker: Asker) -> Result<&[u32]> {
        if let Some(predictions) = self.predictions.get() {
            return Ok(predictions);
        }
        let mut found = Vec::with_capacity(self.split.len());
        // Between two batches is a look at whether somebody still waits.
        for bytes in self.split.pixels().chunks(self.artist().batch() * self.shape().pixels()) {
            asker.waits()?;
            let pixels: Vec<f32> = bytes.iter().copied().map(pixel).collect();
            found.extend(self.artist().read(&pixels)?.predictions.into_iter().map(|(prediction, _)| prediction));
        }
        Ok(self.predictions.get_or_init(|| found))
    }
}
