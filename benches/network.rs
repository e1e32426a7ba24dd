//! The network on the kernels and on candle's graph: forward, a step of an attack, decoding under every label.
//!
//! `cargo bench --bench network`; throughput is in images.

use std::hint::black_box;

use anyhow::Result;
use candle_core::Device;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use robust::attacks::{Attack, Budget, ClassConditional, Goal, GradientDescent, Norm, Randomness};
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
    let test = Dataset::open("mnist", None)?.split(SplitName::Test)?.slice(0, Some(BATCH))?;
    let x = test.image_tensor(0..BATCH, &Device::Cpu)?;
    let style = kernels.encode(&x)?.style;
    let (step, budget) = (GradientDescent::bim(1, 0.01), Budget::new(Norm::Linf, 0.3)?);
    let goal = Goal::Untargeted { labels: test.labels().iter().copied().map(u32::from).collect() };
    let randomness = Randomness { seed: 0, indices: test.indices().to_vec() };
    let mut group = criterion.benchmark_group("network");
    group.throughput(Throughput::Elements(BATCH as u64)).sample_size(20);
    for (name, model) in [("kernels", &kernels as &dyn ClassConditional), ("graph", &graph)] {
        measure(&mut group, &format!("forward/{name}"), || model.logits(&x));
        measure(&mut group, &format!("attack step/{name}"), || step.perturb(model, &x, &goal, &budget, &randomness));
        measure(&mut group, &format!("all labels/{name}"), || model.class_errors(&x, &style));
    }
    group.finish();
    Ok(())
}

fn measure<T>(group: &mut BenchmarkGroup<WallTime>, name: &str, work: impl Fn() -> T) {
    group.bench_function(name, |bencher| bencher.iter(|| black_box(work())));
}

criterion_group!(benches, network);
criterion_main!(benches);
