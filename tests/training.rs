//! Training as a library: resumed runs, and the loss against closed forms.

use std::collections::BTreeMap;

use candle_core::Device;
use robust::network::Parameters;
use robust::training::{
    Batch, Batches, Configuration, Differentiate, GraphDifferentiator, KernelDifferentiator, Preset, Provenance,
    Trainer, TrainingState,
};
use robust_data::{Dataset, Split, SplitName};

fn digits(split: SplitName, count: usize) -> Split {
    Dataset::open("mnist", None).unwrap().split(split).unwrap().slice(0, Some(count)).unwrap()
}

fn configuration() -> Configuration {
    Configuration { epochs: 2, batch_size: 16, ..Configuration::new(Preset::Default, 7) }
}

fn fresh() -> TrainingState {
    let provenance =
        Provenance { dataset: "mnist".into(), classes: 10, images: 40, data_hashes: BTreeMap::new(), threads: 2 };
    TrainingState::fresh(configuration(), provenance)
}

fn train(state: TrainingState, epochs: usize) -> TrainingState {
    let (train, validation) = (digits(SplitName::Train, 40), digits(SplitName::Validation, 20));
    let kernels = Box::new(KernelDifferentiator::new(&state.parameters, 16, 2));
    let mut trainer = Trainer::new(state, &train, &validation, kernels, Device::Cpu);
    for _ in 0..epochs {
        trainer.epoch(&mut |_| ()).unwrap();
    }
    trainer.state().clone()
}

#[test]
fn a_resumed_run_ends_in_the_same_weights() {
    let whole = train(fresh(), 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    train(fresh(), 1).write(&path).unwrap();
    let resumed = train(TrainingState::read(&path).unwrap(), 1);
    assert!(whole == resumed);
    assert_ne!(whole.parameters, Parameters::random(10, 7));
}

#[test]
fn batches_are_every_image_once_and_do_not_depend_on_their_size() {
    let split = digits(SplitName::Train, 40);
    let images = |batch_size, epoch| {
        let configuration = Configuration { batch_size, ..configuration() };
        let batches: Vec<Batch> = Batches::new(&configuration, &split, epoch).iter().collect();
        let all = |part: fn(&Batch) -> &[f32]| batches.iter().flat_map(part).copied().collect::<Vec<f32>>();
        (all(|batch| &batch.noisy), all(|batch| &batch.clean))
    };
    let (noisy, clean) = images(16, 0);
    assert_eq!((noisy.clone(), clean.clone()), images(7, 0));
    assert_ne!(clean, images(16, 1).1);
    let ink = |pixels: &[f32]| {
        let mut ink: Vec<u32> =
            pixels.chunks(784).map(|image| image.iter().map(|p| (p * 255.0).round() as u32).sum()).collect();
        ink.sort_unstable();
        ink
    };
    let in_order: Vec<f32> = split.pixels().iter().map(|&byte| f32::from(byte) / 255.0).collect();
    assert_eq!(ink(&clean), ink(&in_order));

    let noise: Vec<f64> = noisy.iter().zip(&clean).map(|(noisy, clean)| f64::from(noisy - clean)).collect();
    let mean = noise.iter().sum::<f64>() / noise.len() as f64;
    let deviation = (noise.iter().map(|value| value * value).sum::<f64>() / noise.len() as f64).sqrt();
    assert!(mean.abs() < 2e-3 && (deviation - 0.1).abs() < 2e-3, "{mean} {deviation}");
}

fn sum(differentiator: &impl Differentiate) -> Vec<f32> {
    let parts = differentiator.gradient();
    (0..parts[0].len()).map(|at| parts.iter().map(|part| part[at]).sum()).collect()
}

#[test]
fn a_network_of_zeros_has_the_loss_that_can_be_worked_out_by_hand() {
    // Zero weights: uniform softmax, and a drawing of logistic(0) = 0.5 everywhere.
    let batch =
        Batch { noisy: vec![0.3; 2 * 784], clean: vec![0.25; 2 * 784], labels: vec![3, 7], one_hot: vec![true, false] };
    let parameters = Parameters::zeros(10);
    let mut graph = GraphDifferentiator::new(Device::Cpu);
    let loss = graph.differentiate(&parameters, &batch, 0.05).unwrap();
    let gradient = sum(&graph);
    assert!((loss.cross_entropy - 2.0 * 10_f64.ln()).abs() < 1e-5, "{loss:?}");
    assert!((loss.reconstruction - 2.0 * 784.0 * 0.0625).abs() < 1e-3, "{loss:?}");
    // The last bias meets every pixel: alpha * sum of 2 (x̂ - x) * x̂ (1 - x̂) = 0.05 * 784 * 2 * 0.25 * 0.25.
    assert!((gradient.last().unwrap() - 0.05 * 784.0 * 0.125).abs() < 1e-4, "{:?}", gradient.last());
    // The classifier's bias: softmax - onehot, averaged over the two images.
    let bias = parameters.layout().tensors().iter().find(|spec| spec.name == "encoder.classifier.bias").unwrap();
    let expected = |class| if class == 3 || class == 7 { 0.1 - 0.5 } else { 0.1 };
    for class in 0..10 {
        assert!((gradient[bias.offset + class] - expected(class)).abs() < 1e-6);
    }
}

#[test]
fn the_kernels_agree_with_the_graph() {
    let split = digits(SplitName::Train, 45);
    let configuration = Configuration { batch_size: 45, ..configuration() };
    let whole = Batches::new(&configuration, &split, 0).iter().next().unwrap();
    // The last batch of an epoch may have fewer images than there are threads.
    let rest = Batches::new(&configuration, &split.slice(0, Some(2)).unwrap(), 0).iter().next().unwrap();
    // Seeds under which no unit lies so close to the corner of its ReLU that rounding decides its side.
    for parameters in [Parameters::random(10, 1), Parameters::random(10, 3)] {
        let mut graph = GraphDifferentiator::new(Device::Cpu);
        for threads in [1, 2, 7] {
            let mut kernels = KernelDifferentiator::new(&parameters, 45, threads);
            for batch in [&whole, &rest] {
                let reference = graph.differentiate(&parameters, batch, 0.05).unwrap();
                let loss = kernels.differentiate(&parameters, batch, 0.05).unwrap();
                let (expected, found) = (sum(&graph), sum(&kernels));
                assert!((loss.cross_entropy / reference.cross_entropy - 1.0).abs() < 1e-5, "{loss:?} {reference:?}");
                assert!((loss.reconstruction / reference.reconstruction - 1.0).abs() < 1e-5, "{loss:?} {reference:?}");
                assert_eq!((loss.images, loss.correct), (reference.images, reference.correct));
                for spec in parameters.layout().tensors() {
                    let range = spec.offset..spec.offset + spec.len();
                    let (found, expected) = (&found[range.clone()], &expected[range]);
                    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                    let worst = found.iter().zip(expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
                    assert!(largest > 0.0 && worst <= 1e-4 * largest, "{}: {worst} of {largest}", spec.name);
                }
            }
        }
    }
}
