//! The dataset that the flags name, and the images of it that a network is to see.

use std::path::Path;

use anyhow::{Result, anyhow};
use robust_data::{Dataset, DatasetError, ImageShape, Split, SplitName, datasets};

use super::flags::CommonFlags;
use super::flags::names::meant;
use super::out::note;
use crate::checkpoint::Metadata;

/// A split of the dataset, its images of a network's shape, and the dataset as it was read. One that nothing but a seed divides is divided
/// as the network says that it was when it learned from it; the images of another dataset of that name are all for the test.
pub(crate) fn read_for(
    network: &Metadata,
    shape: ImageShape,
    found: Dataset,
    common: &CommonFlags,
    split: SplitName,
) -> Result<(Dataset, Split)> {
    let found = match network.divided_by {
        Some(seed) if found.is_undivided() && found.name() == network.dataset => {
            let divided = found.for_shape(shape).divided(seed);
            if let Ok(images) = divided.split(split)
                && divided.hashes() == network.data_hashes
            {
                return Ok((divided, images));
            }
            dataset(common)?
        }
        _ => found,
    };
    let found = found.for_shape(shape);
    let images = found.split(split)?;
    Ok((found, images))
}

/// Says on stderr what there is to be said of what was read of a dataset.
pub(crate) fn remark_on(dataset: &Dataset, quiet: bool) {
    dataset.remarks().iter().for_each(|remark| note(quiet, remark));
}

/// The dataset that the flags name.
pub(crate) fn dataset(flags: &CommonFlags) -> Result<Dataset> {
    opened(flags.dataset(), flags.data_dir.as_deref(), flags, "--dataset")
}

/// The clean images that `--validation` names: those for validation, or all of a set of which nothing is set apart.
pub(crate) fn named_validation(named: &str, shape: ImageShape, flags: &CommonFlags) -> Result<(Dataset, Split)> {
    let dataset = opened(named, None, flags, "--validation")?.for_shape(shape);
    let images = if dataset.is_undivided() { SplitName::Test } else { SplitName::Validation };
    let images = dataset.split(images)?;
    Ok((dataset, images))
}

fn opened(name: &str, data_dir: Option<&Path>, flags: &CommonFlags, flag: &str) -> Result<Dataset> {
    let dataset = Dataset::open(name, data_dir);
    dataset.map(|dataset| dataset.sized(flags.sizing())).map_err(|error| match error {
        robust_data::Error::Dataset(DatasetError::UnknownDataset { ref name, .. }) => {
            anyhow!("{flag}: {error}{}", meant(name, datasets().iter().map(|info| info.id)))
        }
        error => error.into(),
    })
}
