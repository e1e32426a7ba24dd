//! The network on the kernels and on candle's graph: forward, an attack's gradient, decoding under every label.
//!
//! `cargo bench --bench network`; throughput is in images.

use std::hint::black_box;

use anyhow::Result;
use candle_core::{Device, Tensor};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use robust::attacks::ClassConditional;
use robust::data::{Dataset, SplitName};
use robust::network::{Graph, Parameters, StyleMemory};

const BATCH: usize = 256;

fn network(criterion: &mut Criterion) {
    if let Err(error) = compare(criterion) {
        eprintln!("{error:#}");
    }
}

fn compare(criterion: &mut Criterion) -> Result<()> {
    let parameters = Parameters::random(10, 0);
    let kernels = StyleMemory::new(&parameters, &Device::Cpu)?;
    let graph = Graph::new(&parameters.tensors(&Device::Cpu)?)?;
    let x = Dataset::open("mnist", None)?.split(SplitName::Test)?.image_tensor(0..BATCH, &Device::Cpu)?;
    let style = kernels.encode(&x)?.style;
    let mut group = criterion.benchmark_group("network");
    group.throughput(Throughput::Elements(BATCH as u64)).sample_size(20);
    for (name, model) in [("kernels", &kernels as &dyn ClassConditional), ("graph", &graph)] {
        measure(&mut group, &format!("forward/{name}"), &|| model.logits(&x));
        measure(&mut group, &format!("attack step/{name}"), &|| {
            Ok(model.loss_gradient(&x, &|logits| logits.get_on_dim(1, 0))?.gradient)
        });
        measure(&mut group, &format!("all labels/{name}"), &|| model.class_errors(&x, &style));
    }
    group.finish();
    Ok(())
}

fn measure(group: &mut BenchmarkGroup<WallTime>, name: &str, work: &dyn Fn() -> candle_core::Result<Tensor>) {
    group.bench_function(name, |bencher| bencher.iter(|| black_box(work())));
}

criterion_group!(benches, network);
criterion_main!(benches);
