//! Training as a library: resumed runs, and the loss against closed forms.

use std::collections::BTreeMap;

use candle_core::Device;
use robust::training::{
    Batch, BatchLoss, Batches, Configuration, Differentiate, GraphDifferentiator, KernelDifferentiator, LossWeights,
    Preset, Provenance, Trainer, TrainingState,
};
use robust_data::{Dataset, Split, SplitName};
use robust_networks::{Parameters, StyleMemorySpec};

fn digits(split: SplitName, count: usize) -> Split {
    Dataset::open("mnist", None).unwrap().split(split).unwrap().slice(0, Some(count)).unwrap()
}

fn configuration() -> Configuration {
    Configuration { epochs: 2, batch_size: 16, ..Configuration::new(Preset::Default, 7) }
}

fn fresh() -> TrainingState {
    let provenance = Provenance {
        dataset: "mnist".into(),
        network: StyleMemorySpec::paper(10),
        images: 40,
        data_hashes: BTreeMap::new(),
        threads: 2,
    };
    TrainingState::fresh(configuration(), provenance)
}

fn train(state: TrainingState, epochs: usize) -> TrainingState {
    let (train, validation) = (digits(SplitName::Train, 40), digits(SplitName::Validation, 20));
    let kernels = Box::new(KernelDifferentiator::new(&state.parameters, 16, 2).unwrap());
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
    assert_ne!(whole.parameters, Parameters::random(StyleMemorySpec::paper(10), 7));
}

/// A loss that is finite and a gradient of one value everywhere.
struct Slope(Vec<f32>);

impl Differentiate for Slope {
    fn differentiate(&mut self, _: &Parameters, batch: &Batch, _: &LossWeights) -> candle_core::Result<BatchLoss> {
        Ok(BatchLoss { images: batch.len(), ..BatchLoss::default() })
    }

    fn gradient(&self) -> Vec<&[f32]> {
        vec![&self.0]
    }
}

#[test]
fn an_epoch_that_ends_in_weights_or_moments_that_no_state_could_hold_is_refused() {
    let (train, validation) = (digits(SplitName::Train, 40), digits(SplitName::Validation, 20));
    // The square of the last one is too large for its moment, although the weights stay what they are.
    for (slope, refused) in [(1.0, false), (f32::NAN, true), (1e30, true)] {
        let state = fresh();
        let slopes = Box::new(Slope(vec![slope; state.parameters.values().len()]));
        let ended = Trainer::new(state, &train, &validation, slopes, Device::Cpu).epoch(&mut |_| ());
        match ended {
            Ok(_) => assert!(!refused, "{slope}"),
            Err(error) => {
                let expected = "the weights are no longer finite in epoch 1: lower the learning rate";
                assert!(refused && error.to_string() == expected, "{slope}: {error}");
            }
        }
    }
}

#[test]
fn batches_are_every_image_once_and_do_not_depend_on_their_size() {
    let split = digits(SplitName::Train, 40);
    let images = |batch_size, epoch| {
        let configuration = Configuration { batch_size, augment: 0.0, ..configuration() };
        let batches: Vec<Batch> = Batches::new(&configuration, &split, 10, epoch).iter().collect();
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

#[test]
fn a_balanced_epoch_has_as_many_images_of_every_class_and_never_the_same_noise_twice() {
    // Between 1 and 7 of every class.
    let split = digits(SplitName::Train, 40);
    let classes = (0..10).filter(|class| split.labels().contains(class)).count();

    let configuration = Configuration { balance: true, augment: 0.0, ..configuration() };
    let batches: Vec<Batch> = Batches::new(&configuration, &split, 10, 0).iter().collect();
    let shown: Vec<(u32, &[f32], &[f32])> = batches
        .iter()
        .flat_map(|batch| batch.labels.iter().zip(batch.clean.chunks(784)).zip(batch.noisy.chunks(784)))
        .map(|((&label, clean), noisy)| (label, clean, noisy))
        .collect();
    let each = split.len() / classes;
    assert_eq!(shown.len(), each * classes);
    for class in 0..10 {
        let images: Vec<_> = shown.iter().filter(|(label, ..)| *label == class).collect();
        let there = split.labels().iter().filter(|&&label| label == class).count();
        assert_eq!(images.len(), if there == 0 { 0 } else { each }, "class {class}");
        let mut times = std::collections::HashMap::new();
        images.iter().for_each(|(_, clean, _)| {
            *times.entry(clean.iter().map(|p| p.to_bits()).collect::<Vec<_>>()).or_insert(0) += 1
        });
        assert_eq!(times.len(), there.min(each), "class {class}");
        assert!(times.values().all(|&times| times <= each.div_ceil(there)), "class {class}: {:?}", times.values());
        let mut noise: Vec<_> = images.iter().map(|(.., noisy)| noisy[0].to_bits()).collect();
        noise.sort_unstable();
        noise.dedup();
        assert_eq!(noise.len(), images.len(), "class {class}");
    }
}

fn sum(differentiator: &impl Differentiate) -> Vec<f32> {
    let parts = differentiator.gradient();
    (0..parts[0].len()).map(|at| parts.iter().map(|part| part[at]).sum()).collect()
}

#[test]
fn wrong_labels_are_wrong_drawn_per_image_and_epoch_and_every_class_comes_up() {
    let split = digits(SplitName::Train, 400);
    let wrong = |batch_size, epoch| {
        let configuration = Configuration { batch_size, ..configuration() };
        let batches: Vec<Batch> = Batches::new(&configuration, &split, 10, epoch).iter().collect();
        batches
            .iter()
            .flat_map(|batch| batch.labels.iter().zip(&batch.wrong))
            .map(|(a, b)| (*a, *b))
            .collect::<Vec<_>>()
    };
    let pairs = wrong(16, 0);
    assert_eq!(pairs, wrong(7, 0));
    assert!(pairs.iter().all(|(label, wrong)| label != wrong && *wrong < 10));
    let mut seen = pairs;
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 80, "400 draws of 90 pairs give {}", seen.len());
}

#[test]
fn augmentation_moves_the_target_too_and_depends_on_the_image_alone() {
    let split = digits(SplitName::Train, 40);
    let clean = |augment, batch_size, epoch| {
        let configuration = Configuration { augment, batch_size, ..configuration() };
        let batches = Batches::new(&configuration, &split, 10, epoch);
        batches.iter().flat_map(|batch| batch.clean.into_iter().zip(batch.noisy)).unzip::<f32, f32, Vec<_>, Vec<_>>()
    };
    let (still, _) = clean(0.0, 16, 0);
    let (moved, noisy) = clean(0.5, 16, 0);
    assert_eq!((moved.clone(), noisy.clone()), clean(0.5, 7, 0));
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from((a - b) * (a - b))).sum::<f64>();
    // Noise of 0.1 on 40 images of 784 pixels, whose sum of squares is 314 on average.
    assert!(distance(&moved, &still) > 400.0);
    assert!((distance(&moved, &noisy) / 313.6 - 1.0).abs() < 0.05, "the target is what the encoder sees");
}

fn weights(swap: f64, style_consistency: f64, contrast: f64) -> LossWeights {
    LossWeights { alpha: 0.05, swap, style_consistency, contrast }
}

#[test]
fn a_network_of_zeros_has_the_loss_that_can_be_worked_out_by_hand() {
    // Zero weights: uniform softmax, a style of logistic(0) = 0.5, and a drawing of 0.5 everywhere under every label.
    let batch = Batch {
        noisy: vec![0.3; 2 * 784],
        clean: vec![0.25; 2 * 784],
        labels: vec![3, 7],
        wrong: vec![4, 1],
        one_hot: vec![true, false],
    };
    let parameters = Parameters::zeros(StyleMemorySpec::paper(10));
    let mut graph = GraphDifferentiator::new(Device::Cpu);
    let loss = graph.differentiate(&parameters, &batch, &weights(0.5, 0.2, 0.0)).unwrap();
    let gradient = sum(&graph);
    assert!((loss.cross_entropy - 2.0 * 10_f64.ln()).abs() < 1e-5, "{loss:?}");
    assert!((loss.reconstruction - 2.0 * 784.0 * 0.0625).abs() < 1e-3, "{loss:?}");
    // The last bias meets every pixel: alpha * sum of 2 (x̂ - x) * x̂ (1 - x̂) = 0.05 * 784 * 2 * 0.25 * 0.25.
    assert!((gradient.last().unwrap() - 0.05 * 784.0 * 0.125).abs() < 1e-4, "{:?}", gradient.last());
    assert!((loss.swap - 2.0 * 10_f64.ln()).abs() < 1e-5 && loss.style_consistency == 0.0, "{loss:?}");
    assert!((loss.contrast - 2.0 * 2_f64.ln()).abs() < 1e-5, "{loss:?}");
    assert!((loss.total(&weights(0.5, 0.2, 0.0)) - 3.0 * 10_f64.ln() - 0.05 * 98.0).abs() < 1e-4, "{loss:?}");
    // The classifier's bias: softmax - onehot, averaged over the two images, and half of it again for the wrong labels.
    let bias = parameters.layout().tensors().iter().find(|spec| spec.name == "encoder.classifier.bias").unwrap();
    let expected = |class| match class {
        3 | 7 => 0.15 - 0.5,
        4 | 1 => 0.15 - 0.25,
        _ => 0.15,
    };
    for class in 0..10 {
        assert!((gradient[bias.offset + class] - expected(class)).abs() < 1e-6);
    }
}

#[test]
fn the_kernels_agree_with_the_graph() {
    let split = digits(SplitName::Train, 45);
    // Some decoders are fed the label, some the softmax.
    let configuration = Configuration { batch_size: 45, one_hot_share: 0.5, ..configuration() };
    let whole = Batches::new(&configuration, &split, 10, 0).iter().next().unwrap();
    // The last batch of an epoch may have fewer images than there are threads.
    let rest = Batches::new(&configuration, &split.slice(0, Some(2)).unwrap(), 10, 0).iter().next().unwrap();
    let terms = |loss: &BatchLoss| {
        let BatchLoss { cross_entropy, reconstruction, swap, style_consistency, contrast, .. } = *loss;
        [cross_entropy, reconstruction, swap, style_consistency, contrast]
    };
    // Seeds under which no unit lies so close to the corner of its ReLU that rounding decides its side.
    for parameters in [1, 3].map(|seed| Parameters::random(StyleMemorySpec::paper(10), seed)) {
        let mut graph = GraphDifferentiator::new(Device::Cpu);
        for threads in [1, 2, 7] {
            let mut kernels = KernelDifferentiator::new(&parameters, 45, threads).unwrap();
            // The same kernels with and without swapped drawings, and back.
            for (batch, weights) in [
                (&whole, weights(0.0, 0.0, 0.0)),
                (&rest, weights(0.0, 0.0, 0.0)),
                (&whole, weights(0.5, 0.0, 0.0)),
                (&whole, weights(0.0, 30.0, 0.0)),
                (&whole, weights(0.0, 0.0, 2.0)),
                (&rest, weights(0.5, 3.0, 0.1)),
                (&whole, weights(0.0, 0.0, 0.0)),
            ] {
                let reference = graph.differentiate(&parameters, batch, &weights).unwrap();
                let loss = kernels.differentiate(&parameters, batch, &weights).unwrap();
                let (expected, found) = (sum(&graph), sum(&kernels));
                for (found, expected) in terms(&loss).into_iter().zip(terms(&reference)) {
                    assert!((found - expected).abs() <= 1e-5 * expected, "{loss:?} {reference:?}");
                }
                assert_eq!((loss.images, loss.correct), (reference.images, reference.correct));
                for slot in parameters.layout().tensors() {
                    let (found, expected) = (&found[slot.range()], &expected[slot.range()]);
                    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                    let worst = found.iter().zip(expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
                    let name = &slot.name;
                    assert!(largest > 0.0 && worst <= 1e-4 * largest, "{weights:?} {name}: {worst} of {largest}");
                }
            }
        }
    }
}
