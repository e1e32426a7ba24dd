//! The images that a user chose for a figure.

use anyhow::{Result, anyhow, ensure};

use crate::study::measure::{Gallery, Pair};

/// Chosen images, by index in the split; empty lists leave the choice to the figure's rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Choice {
    /// Whose neighbours are shown.
    pub(crate) queries: Vec<u64>,
    /// Between which images is interpolated.
    pub(crate) pairs: Vec<(u64, u64)>,
}

impl Choice {
    /// The chosen queries as positions in the gallery.
    pub(super) fn query_positions(&self, gallery: &Gallery) -> Result<Vec<usize>> {
        self.queries.iter().map(|&index| position(gallery, index)).collect()
    }

    /// The chosen pairs as positions in the gallery.
    pub(super) fn pair_positions(&self, gallery: &Gallery) -> Result<Vec<Pair>> {
        let pair = |&(from, to): &(u64, u64)| {
            let pair = Pair { from: position(gallery, from)?, to: position(gallery, to)? };
            // Interpolation goes from a class to itself.
            let [one, other] = [pair.from, pair.to].map(|image| gallery.name(gallery.labels[image]));
            ensure!(
                gallery.labels[pair.from] == gallery.labels[pair.to],
                "images {from} and {to} are of classes {one} and {other}: choose two of one class"
            );
            Ok(pair)
        };
        self.pairs.iter().map(pair).collect()
    }
}

/// Where the image with that index is; indices ascend.
fn position(gallery: &Gallery, index: u64) -> Result<usize> {
    gallery.indices.binary_search(&index).map_err(|_| {
        let end = |index: Option<&u64>| index.copied().unwrap_or(0);
        let (first, last) = (end(gallery.indices.first()), end(gallery.indices.last()));
        anyhow!("there is no image {index}: expected an index from {first} to {last}")
    })
}
