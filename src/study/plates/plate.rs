//! From a figure's kind to the figure.

use anyhow::Result;

use super::{
    Choice, forms, generic, interpolation, misclassified, neighbours, path, reconstructions, transfer, traversal,
};
use crate::study::{Figure, Kind, Study};

/// Makes a figure; none if it is figure 11 and no letter is known in both of its forms.
///
/// # Errors
/// The choice names images that are not there or do not fit; whatever the network or the drawing reports.
pub fn make(kind: Kind, study: &Study, choice: &Choice) -> Result<Option<Figure>> {
    match kind {
        Kind::Reconstructions => reconstructions::make(study),
        Kind::Misclassified => misclassified::make(study),
        Kind::Neighbours => neighbours::make(study, choice),
        Kind::Interpolation => interpolation::make(study, choice),
        Kind::Forms => return forms::make(study),
        Kind::Path => path::make(study),
        Kind::Transfer => transfer::make(study),
        Kind::Generic => generic::make(study),
        Kind::Traversal => traversal::make(study),
    }
    .map(Some)
}
