//! A training step (loss, weight gradients, Adam) on the kernels and on candle's graph, with the paper's two terms and with
//! those of the label swap.
//!
//! `cargo bench --bench training`; throughput is in images.

use anyhow::{Context, Result};
use candle_core::Device;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use robust::data::{Dataset, SplitName};
use robust::training::{
    Adam, Batches, Configuration, Differentiate, GraphDifferentiator, KernelDifferentiator, Preset,
};
use robust_networks::{Parameters, StyleMemorySpec};

fn training(criterion: &mut Criterion) {
    if let Err(error) = compare(criterion) {
        eprintln!("{error:#}");
    }
}

fn compare(criterion: &mut Criterion) -> Result<()> {
    let configuration = Configuration::new(Preset::Default, 0);
    let split = Dataset::open("mnist", None)?.split(SplitName::Train)?.slice(0, Some(configuration.batch_size))?;
    let batch = Batches::new(&configuration, &split, 10, 0).iter().next().context("there is no batch")?;
    let mut parameters = Parameters::random(StyleMemorySpec::paper(10), 0);
    let kernels = KernelDifferentiator::new(&parameters, batch.len(), rayon::current_num_threads())
        .context("the kernels do not know this network")?;
    let backends: [(&str, Box<dyn Differentiate>); 2] =
        [("kernels", Box::new(kernels)), ("graph", Box::new(GraphDifferentiator::new(Device::Cpu)))];
    let plain = Configuration::new(Preset::Paper, 0).loss;
    let mut group = criterion.benchmark_group("training step");
    group.throughput(Throughput::Elements(batch.len() as u64)).sample_size(20);
    for (name, mut backend) in backends {
        for (loss, weights) in [("plain", plain), ("swap", configuration.loss)] {
            let mut adam = Adam::new(parameters.values().len());
            group.bench_function(format!("{name}/{loss}"), |bencher| {
                bencher.iter(|| {
                    let loss = backend.differentiate(&parameters, &batch, &weights);
                    adam.step(1e-5, &backend.gradient(), parameters.values_mut());
                    loss
                });
            });
        }
    }
    group.finish();
    Ok(())
}

criterion_group!(benches, training);
criterion_main!(benches);
