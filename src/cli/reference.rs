//! `--reference FILE.npz`: what another runtime says of some inputs, beside what is said here.

use std::path::Path;

use anyhow::{Result, anyhow, ensure};
use candle_core::{Device, Tensor};
use robust_attacks::{ImageShape, Model};
use robust_data::npz::read_floats;
use robust_networks::onnx::Channels;
use serde::Serialize;

/// How far two runtimes are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// Inputs compared.
    pub(crate) inputs: usize,
    /// The largest difference of two logits.
    pub(crate) largest: f64,
    /// The largest logit of the reference, as a magnitude.
    pub(crate) largest_logit: f64,
}

/// Compares `network`, without its preprocessing, with the arrays `x`, what the file's network was given, and `logits`, what it said, of a file.
///
/// # Errors
/// The file cannot be read, or its arrays are not of this network.
pub(crate) fn compare(path: &Path, network: &dyn Model, channels: Channels, device: &Device) -> Result<Difference> {
    let (signature, file) = (network.signature(), path.display());
    let ImageShape { channels: planes, height, width } = signature.shape;
    let (x_shape, x) = read_floats(path, "x")?;
    let (logits_shape, logits) = read_floats(path, "logits")?;
    let inputs = x_shape.first().copied().unwrap_or(0);
    let pixels = signature.shape.pixels();
    ensure!(
        inputs > 0 && x.len() == inputs * pixels,
        "{file}: x has shape {x_shape:?}, expected inputs of {}",
        signature.shape
    );
    ensure!(
        logits.len() == inputs * signature.classes,
        "{file}: logits have shape {logits_shape:?}, expected ({inputs}, {})",
        signature.classes
    );
    let x = match channels {
        Channels::First => Tensor::from_vec(x, (inputs, planes, height, width), device)?,
        Channels::Last => {
            Tensor::from_vec(x, (inputs, height, width, planes), device)?.permute((0, 3, 1, 2))?.contiguous()?
        }
    };
    let found: Vec<f32> = network.logits(&x)?.flatten_all()?.to_vec1()?;
    let apart = |(found, expected): (&f32, &f32)| (f64::from(*found) - f64::from(*expected)).abs();
    // NaN is the largest of all.
    let largest = |values: &mut dyn Iterator<Item = f64>| values.max_by(f64::total_cmp);
    let nothing = || anyhow!("{file}: no logits");
    Ok(Difference {
        inputs,
        largest: largest(&mut found.iter().zip(&logits).map(apart)).ok_or_else(nothing)?,
        largest_logit: largest(&mut logits.iter().map(|logit| f64::from(logit.abs()))).ok_or_else(nothing)?,
    })
}
