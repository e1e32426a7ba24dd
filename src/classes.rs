//! Whether a network and a dataset speak of the same classes, and what these are called.

use robust_data::Dataset;

use crate::checkpoint::Metadata;

/// A dataset whose classes are not those of a network.
#[derive(Debug, thiserror::Error)]
#[error(
    "the network, trained on '{trained_on}', tells {classes} classes apart and dataset '{dataset}' has {found}; choose another with --dataset or --model"
)]
pub struct ClassesError {
    trained_on: String,
    classes: usize,
    dataset: String,
    found: usize,
}

/// The names of a network's `K` classes in front of a dataset.
///
/// A dataset that knows its classes has `K` of them and gives the names. A folder knows only the labels that it holds: they may be
/// fewer, and the network gives the names.
///
/// # Errors
/// [`ClassesError`].
pub fn class_names<'a>(network: &'a Metadata, dataset: &'a Dataset) -> Result<&'a [String], ClassesError> {
    let (classes, found) = (network.classes, dataset.class_names().len());
    match dataset.classes_from_labels() {
        true if found <= classes => Ok(&network.class_names),
        false if found == classes => Ok(dataset.class_names()),
        _ => Err(ClassesError {
            trained_on: network.dataset.clone(),
            classes,
            dataset: dataset.name().to_owned(),
            found,
        }),
    }
}
