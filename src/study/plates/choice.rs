//! The images that a user chose for a figure.

use crate::study::measure::{Gallery, Pair};

/// Chosen images, by index in the split; empty lists leave the choice to the figure's rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Choice {
    /// Whose neighbours are shown.
    pub(crate) queries: Vec<u64>,
    /// Between which images is interpolated.
    pub(crate) pairs: Vec<(u64, u64)>,
}

/// A choice that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChoiceError {
    /// No image has that index.
    #[error("there is no image {index}: expected an index from {first} to {last}")]
    Missing {
        index: u64,
        /// The least index among the images.
        first: u64,
        last: u64,
    },
    /// Interpolation goes from a class to itself.
    #[error("images {from} and {to} are of classes {from_class} and {to_class}: choose two of one class")]
    Classes { from: u64, to: u64, from_class: String, to_class: String },
}

impl Choice {
    /// The chosen queries as positions in the gallery.
    pub(super) fn query_positions(&self, gallery: &Gallery) -> Result<Vec<usize>, ChoiceError> {
        self.queries.iter().map(|&index| position(gallery, index)).collect()
    }

    /// The chosen pairs as positions in the gallery.
    pub(super) fn pair_positions(&self, gallery: &Gallery) -> Result<Vec<Pair>, ChoiceError> {
        let pair = |&(from_index, to_index): &(u64, u64)| {
            let pair = Pair { from: position(gallery, from_index)?, to: position(gallery, to_index)? };
            let (from, to) = (gallery.labels[pair.from], gallery.labels[pair.to]);
            if from == to {
                return Ok(pair);
            }
            let (from_class, to_class) = (gallery.name(from).to_owned(), gallery.name(to).to_owned());
            Err(ChoiceError::Classes { from: from_index, to: to_index, from_class, to_class })
        };
        self.pairs.iter().map(pair).collect()
    }
}

/// Where the image with that index is; indices ascend.
fn position(gallery: &Gallery, index: u64) -> Result<usize, ChoiceError> {
    gallery.indices.binary_search(&index).map_err(|_| {
        let end = |index: Option<&u64>| index.copied().unwrap_or(0);
        ChoiceError::Missing { index, first: end(gallery.indices.first()), last: end(gallery.indices.last()) }
    })
}
