//! The network on the kernels and on candle's graph: forward, a step of an attack, decoding under every label, and the gradient
//! of `combined`, which an attack that knows the detector asks for in every step.
//!
//! `cargo bench --bench network`; throughput is in images.

use std::hint::black_box;
use std::ops::Range;

use anyhow::{Result, bail};
use candle_core::{Device, Result as CandleResult, Tensor};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use robust::attacks::{
    Attack, Budget, ClassConditional, Encoding, Goal, GradientDescent, LogitLoss, LossGradient, Model, Norm,
    Randomness, Signature, Suspicion, Task,
};
use robust::checkpoint::Checkpoint;
use robust::data::{Dataset, SplitName, pretrained};
use robust::detectors::{Gradient, detector};
use robust_networks::{StyleMemory, StyleMemoryGraph};

const BATCH: usize = 256;

/// Images with what an attack and a detector need beside them.
struct Batch {
    x: Tensor,
    style: Tensor,
    goal: Goal,
    randomness: Randomness,
}

/// The kernels without their own errors under all labels: one decoding per label, each recorded by candle.
struct Apart<'a>(&'a StyleMemory);

impl Model for Apart<'_> {
    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn logits(&self, x: &Tensor) -> CandleResult<Tensor> {
        self.0.logits(x)
    }

    fn loss_gradient(&self, x: &Tensor, loss: LogitLoss) -> CandleResult<LossGradient> {
        self.0.loss_gradient(x, loss)
    }
}

impl ClassConditional for Apart<'_> {
    fn encode(&self, x: &Tensor) -> CandleResult<Encoding> {
        self.0.encode(x)
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> CandleResult<Tensor> {
        self.0.decode(label, style)
    }
}

fn network(criterion: &mut Criterion) {
    if let Err(error) = compare(criterion) {
        eprintln!("{error:#}");
    }
}

fn compare(criterion: &mut Criterion) -> Result<()> {
    let Some(bytes) = pretrained::pretrained("mnist") else { bail!("no network is embedded") };
    let checkpoint = Checkpoint::from_bytes("mnist", bytes)?;
    let kernels = StyleMemory::new(&checkpoint.parameters, &Device::Cpu)?;
    let parameters = &checkpoint.parameters;
    let graph = StyleMemoryGraph::new(parameters.spec(), &parameters.tensors(&Device::Cpu)?)?;
    let combined = detector("combined")?.restore(&checkpoint.calibration.fits["combined"], 10)?;
    let test = Dataset::open("mnist", None)?.split(SplitName::Test)?;
    let (step, budget) = (GradientDescent::bim(1, 0.01), Budget::new(Norm::Linf, 0.3)?);
    let batch = |images: Range<usize>| -> Result<Batch> {
        let x = test.image_tensor(images.clone(), &Device::Cpu)?;
        let goal = Goal::Untargeted { labels: test.labels()[images.clone()].to_vec() };
        let randomness = Randomness { seed: 0, indices: test.indices()[images].to_vec() };
        Ok(Batch { style: kernels.encode(&x)?.style, x, goal, randomness })
    };
    let batches = [batch(0..BATCH)?, batch(BATCH..2 * BATCH)?];
    let mut group = criterion.benchmark_group("network");
    group.throughput(Throughput::Elements(BATCH as u64)).sample_size(20);
    for (name, model) in [("kernels", &kernels as &dyn ClassConditional), ("graph", &graph)] {
        measure(&mut group, &format!("forward/{name}"), &batches, |batch| model.logits(&batch.x));
        measure(&mut group, &format!("attack step/{name}"), &batches, |Batch { x, goal, randomness, .. }| {
            step.perturb(&Task { model, x0: x, goal, randomness }, &budget)
        });
        measure(&mut group, &format!("all labels/{name}"), &batches, |batch| {
            model.class_errors(&batch.x, &batch.style)
        });
    }
    for (name, model) in
        [("kernels", &kernels as &dyn ClassConditional), ("apart", &Apart(&kernels)), ("graph", &graph)]
    {
        measure(&mut group, &format!("detector step/{name}"), &batches, |batch| {
            Gradient::new(model, &*combined).evaluate(&batch.x)
        });
    }
    group.finish();
    Ok(())
}

/// Two batches by turns: the network on kernels does not encode images again that it has just encoded.
fn measure<T>(group: &mut BenchmarkGroup<WallTime>, name: &str, batches: &[Batch; 2], work: impl Fn(&Batch) -> T) {
    let mut turn = batches.iter().cycle();
    group.bench_function(name, |bencher| bencher.iter(|| turn.next().map(|batch| black_box(work(batch)))));
}

criterion_group!(benches, network);
criterion_main!(benches);
