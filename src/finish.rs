//! The last step of a network's making: what stands beside its weights and must be true of them.

use anyhow::Result;
use candle_core::Device;
use robust_attacks::ImageShape;
use robust_data::{Split, pixel};
use robust_detectors::{DetectorInfo, Examples, SecondOpinion, detectors, train_second};

use crate::checkpoint::{Checkpoint, Metadata};
use crate::evaluation::evaluate;
use crate::evaluation::{Calibration, LeftOut};
use robust_networks::StyleMemory;

/// The checkpoint with a second network, trained beside its own on the images of `train` under its seed; `progress` is told how many images were seen.
///
/// # Errors
/// There are no images, they are too large, or the weights do not stay finite.
pub fn with_second(mut checkpoint: Checkpoint, train: &Split, progress: &mut dyn FnMut(usize)) -> Result<Checkpoint> {
    let (shape, pixels) = (train.shape(), train.shape().values());
    let examples = Examples {
        shape: ImageShape::new(shape.channels, shape.height, shape.width),
        classes: checkpoint.metadata.classes,
        labels: train.labels(),
        read: &|image, found| found.extend(train.pixels()[image * pixels..][..pixels].iter().map(|&byte| pixel(byte))),
    };
    let fit = train_second(&examples, checkpoint.metadata.seed, progress)?;
    checkpoint.calibration.fits.insert(SecondOpinion::ID.to_owned(), fit);
    Ok(checkpoint)
}

/// The checkpoint with its detectors calibrated anew on the images of `validation`, but for those that are left out, and measured once on
/// those of `test`, where there are any. A second network stays what it is.
///
/// # Errors
/// Whatever the network reports of the images.
pub fn finish(
    checkpoint: Checkpoint,
    validation: &Split,
    test: Option<&Split>,
    device: &Device,
) -> Result<(Checkpoint, Vec<LeftOut>)> {
    let Checkpoint { parameters, metadata, calibration } = checkpoint;
    let trained = calibration.of_trained();
    let network = StyleMemory::new(&parameters, device)?;
    let is_possible = |info: &&DetectorInfo| !info.is_trained() || trained.fits.contains_key(info.id);
    let all: Vec<_> = detectors().iter().filter(is_possible).collect();
    let (calibration, left_out) = Calibration::new(&network, validation, device, &all, &trained.fits)?;
    let test = test.map(|test| evaluate(&network, test, device)).transpose()?;
    let metadata = Metadata {
        test_accuracy: test.map(|test| test.accuracy),
        test_reconstruction: test.map(|test| test.reconstruction),
        ..metadata
    };
    Ok((Checkpoint { parameters, metadata, calibration: trained.with(calibration) }, left_out))
}
