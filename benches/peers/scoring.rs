//! The score of `alternative` on every test image: encode, decode under all ten labels, compare.

use std::time::Instant;

use anyhow::Result;
use candle_core::{Device, Tensor};
use rayon::prelude::*;
use robust::data::{Dataset, SplitName};
use robust::detectors::{Alternative, Detector, Perception};
use robust_networks::{Parameters, StyleMemory};
use serde_json::{Value, json};

/// Images that a worker takes at once: the default of `robust detect`.
const BATCH: usize = 64;

/// Images per second, and the mean score for comparison.
pub(crate) fn measure(parameters: &Parameters) -> Result<Value> {
    let network = StyleMemory::new(parameters, &Device::Cpu)?;
    let test = Dataset::open("mnist", None)?.split(SplitName::Test)?;
    let range = |start: usize| start..test.len().min(start + BATCH);
    let batches = (0..test.len()).step_by(BATCH).map(|start| test.image_tensor(range(start), &Device::Cpu));
    let batches = batches.collect::<Result<Vec<_>, _>>()?;

    scores(&network, &batches[..8])?;
    let start = Instant::now();
    let scores = scores(&network, &batches)?;
    let seconds = start.elapsed().as_secs_f64();
    let sum: f64 = scores.iter().map(|&score| f64::from(score)).sum();
    let images = scores.len() as f64;
    Ok(json!({ "rate": images / seconds, "check": sum / images }))
}

fn scores(network: &StyleMemory, batches: &[Tensor]) -> Result<Vec<f32>> {
    let score = |x: &Tensor| Ok(Alternative.scores(&Perception::new(network, x)?)?);
    Ok(batches.par_iter().map(score).collect::<Result<Vec<_>>>()?.concat())
}
