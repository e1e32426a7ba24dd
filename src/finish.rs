//! The last step of a network's making: what stands beside its weights and must be true of them.

use anyhow::Result;
use candle_core::Device;
use robust_data::{Dataset, SplitName};
use robust_detectors::detectors;

use crate::calibration::Calibration;
use crate::evaluation::evaluate;
use crate::network::{Checkpoint, Metadata, Parameters, StyleMemory};

/// A checkpoint of `parameters`: the detectors calibrated on the validation images of `dataset`, the network measured once on its test
/// images. `metadata` says how it was trained; what it says of the dataset and of the test images is written anew.
///
/// # Errors
/// Images that cannot be read; whatever the network or a detector reports.
pub fn finish(parameters: Parameters, metadata: Metadata, dataset: &Dataset, device: &Device) -> Result<Checkpoint> {
    let network = StyleMemory::new(&parameters, device)?;
    let all: Vec<_> = detectors().iter().collect();
    let calibration = Calibration::new(&network, &dataset.split(SplitName::Validation)?, device, &all)?;
    let test = evaluate(&network, &dataset.split(SplitName::Test)?, device)?;
    let metadata = Metadata {
        dataset: dataset.name().to_owned(),
        class_names: dataset.class_names().to_vec(),
        data_hashes: dataset.hashes(),
        test_accuracy: Some(test.accuracy),
        test_reconstruction: Some(test.reconstruction),
        ..metadata
    };
    Ok(Checkpoint { parameters, metadata, calibration })
}
