//! Reading gzip'd IDX: the embedded MNIST splits.
//!
//! `cargo bench --bench data`; throughput is in images.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use robust::data::{Dataset, SplitName};

fn data(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("idx");
    group.sample_size(20);
    for (split, images) in [(SplitName::Test, 10_000), (SplitName::Train, 60_000)] {
        group.throughput(Throughput::Elements(images));
        group.bench_function(split.to_string(), |bencher| {
            bencher.iter(|| Dataset::open("mnist", None).and_then(|mnist| mnist.split(split)));
        });
    }
    group.finish();
}

criterion_group!(benches, data);
criterion_main!(benches);
