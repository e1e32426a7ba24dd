//! Training steps at batch 128 on the paper's two losses, the decoder fed the one-hot label for half of the images: noise,
//! forward, backward, Adam. Of the embedded network and MNIST, or of a checkpoint and a dataset.

use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::Device;
use robust::data::{Dataset, SplitName};
use robust::training::{
    Adam, Batches, Configuration, Differentiate, GraphDifferentiator, KernelDifferentiator, Preset,
};
use robust_networks::Parameters;
use serde_json::{Value, json};

/// So small that the loss does not move and can be compared.
const RATE: f64 = 1e-7;

/// Images per second on the kernels, and the mean loss for comparison.
pub(crate) fn kernels(parameters: Parameters, dataset: &str) -> Result<Value> {
    let batch = configuration().batch_size;
    let kernels = KernelDifferentiator::new(&parameters, batch, rayon::current_num_threads());
    let kernels = kernels.context("the kernels do not know this network")?;
    measure(parameters, kernels, dataset, 60)
}

/// The same on candle's graph.
pub(crate) fn graph(parameters: Parameters) -> Result<Value> {
    measure(parameters, GraphDifferentiator::new(Device::Cpu), "mnist", 8)
}

fn configuration() -> Configuration {
    Configuration { one_hot_share: 0.5, ..Configuration::new(Preset::Paper, 0) }
}

fn measure(mut parameters: Parameters, mut backend: impl Differentiate, dataset: &str, steps: usize) -> Result<Value> {
    let configuration = configuration();
    let train = Dataset::open(dataset, None)?.split(SplitName::Train)?;
    let batches = Batches::new(&configuration, &train, 10, 0);
    let mut batches = batches.iter();
    let mut adam = Adam::new(parameters.values().len());
    let mut step = || -> Result<(f64, usize)> {
        let batch = batches.next().context("the epoch is over")?;
        let loss = backend.differentiate(&parameters, &batch, &configuration.loss)?;
        adam.step(RATE, &backend.gradient(), parameters.values_mut());
        Ok((loss.total(&configuration.loss), loss.images))
    };

    step()?;
    let (mut loss, mut images) = (0.0, 0);
    let start = Instant::now();
    for _ in 0..steps {
        let (of_step, in_step) = step()?;
        loss += of_step;
        images += in_step;
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(json!({ "rate": images as f64 / seconds, "check": loss / images as f64 }))
}
