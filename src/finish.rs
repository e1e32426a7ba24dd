//! The last step of a network's making: what stands beside its weights and must be true of them.

use anyhow::Result;
use candle_core::Device;
use robust_data::Split;
use robust_detectors::detectors;

use crate::checkpoint::{Checkpoint, Metadata};
use crate::evaluation::evaluate;
use crate::evaluation::{Calibration, LeftOut};
use robust_networks::StyleMemory;

/// The checkpoint with its detectors calibrated anew on the images of `validation`, but for those that are left out, and measured once on
/// those of `test`, where there are any.
///
/// # Errors
/// Whatever the network reports of the images.
pub fn finish(
    checkpoint: Checkpoint,
    validation: &Split,
    test: Option<&Split>,
    device: &Device,
) -> Result<(Checkpoint, Vec<LeftOut>)> {
    let Checkpoint { parameters, metadata, .. } = checkpoint;
    let network = StyleMemory::new(&parameters, device)?;
    let all: Vec<_> = detectors().iter().collect();
    let (calibration, left_out) = Calibration::new(&network, validation, device, &all)?;
    let test = test.map(|test| evaluate(&network, test, device)).transpose()?;
    let metadata = Metadata {
        test_accuracy: test.map(|test| test.accuracy),
        test_reconstruction: test.map(|test| test.reconstruction),
        ..metadata
    };
    Ok((Checkpoint { parameters, metadata, calibration }, left_out))
}
