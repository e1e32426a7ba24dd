//! The embedded network.

use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor, Var};
use candle_nn::ops;
use robust::checkpoint::Checkpoint;
use robust::evaluation::evaluate;
use robust_attacks::{ClassConditional, ImageShape, Model, ScoreGradient, Suspicion};
use robust_data::{Dataset, SplitName, datasets, pretrained};
use robust_detectors::{DetectorInfo, Gradient, detector, detectors};
use robust_networks::{StyleMemory, StyleMemoryGraph};

fn embedded() -> Checkpoint {
    Checkpoint::from_bytes("mnist", pretrained::pretrained("mnist").unwrap()).unwrap()
}

#[test]
fn the_embedded_network_is_as_good_as_it_says() {
    let checkpoint = embedded();
    let network = StyleMemory::new(&checkpoint.parameters, &Device::Cpu).unwrap();
    let mnist = Dataset::open("mnist", None).unwrap();
    let (test, _) = (mnist.split(SplitName::Test).unwrap(), mnist.split(SplitName::Train).unwrap());
    let found = evaluate(&network, &test, &Device::Cpu).unwrap();
    let metadata = &checkpoint.metadata;
    assert!((found.accuracy - metadata.test_accuracy.unwrap()).abs() < 1e-9, "{found:?}");
    assert!((found.reconstruction - metadata.test_reconstruction.unwrap()).abs() < 1e-3, "{found:?}");
    assert!(found.accuracy >= 0.992 && found.reconstruction <= 9.0, "{found:?}");
    assert_eq!(metadata.data_hashes, mnist.hashes());
}

/// The network for CIFAR-10's JPEG copy, which lies in the repository and is not in the binary; its images are neither.
#[test]
fn the_network_for_colour_says_what_it_is_and_is_calibrated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/pretrained/cifar-10-jpeg.safetensors");
    assert!(fs::metadata(&path).unwrap().len() <= 12 << 20);
    let Checkpoint { parameters, metadata, calibration } = Checkpoint::read(&path).unwrap();
    let signature = StyleMemory::new(&parameters, &Device::Cpu).unwrap().signature();
    assert_eq!((signature.shape, signature.classes), (ImageShape::new(3, 32, 32), 10));
    let names = "airplane automobile bird cat deer dog frog horse ship truck";
    assert_eq!(metadata.class_names, names.split(' ').collect::<Vec<_>>());
    // docs/colour.md has both, and half of the error of a class's mean image is 87.3.
    assert!(metadata.test_accuracy.unwrap() > 0.77 && metadata.test_reconstruction.unwrap() < 87.3, "{metadata:?}");
    let missing = calibration.missing(&of_images(), 10);
    assert!(missing.is_empty(), "calibrate {missing:?} with the example `calibrate`");
    assert!(pretrained::names().all(|name| name != "cifar-10-jpeg"));
}

/// The detectors that clean images can calibrate.
fn of_images() -> Vec<&'static DetectorInfo> {
    detectors().iter().filter(|info| !info.is_trained()).collect()
}

#[test]
fn every_embedded_network_says_what_it_is_and_is_calibrated() {
    for name in pretrained::names() {
        let checkpoint = Checkpoint::from_bytes(name, pretrained::pretrained(name).unwrap()).unwrap();
        let metadata = &checkpoint.metadata;
        let dataset = datasets().iter().find(|dataset| dataset.id == metadata.dataset).unwrap();
        assert_eq!((metadata.dataset.as_str(), &metadata.class_names), (name, &dataset.class_names()));
        assert!(metadata.test_accuracy.unwrap() > 0.91 && metadata.training["epochs"].is_u64(), "{metadata:?}");
        assert_eq!(metadata.data_hashes.len(), 4, "{name}");
        let missing = checkpoint.calibration.missing(&of_images(), metadata.classes);
        assert!(missing.is_empty(), "{name}: calibrate {missing:?} with the example `calibrate`");
    }
}

#[test]
fn pytorch_makes_the_same_of_the_embedded_weights() {
    // With `StyleMemory` of docs/training.md in PyTorch, and `px` the test images as numpy reads them from the IDX file:
    // x = torch.from_numpy(px[:2, None].astype(numpy.float32) / 255); z, m = net.encode(x)
    // print(z, m, ((net.decode(z.softmax(1), m) - x) ** 2).sum((1, 2, 3)))
    let logits = [
        [-9.295637, -3.832296, -5.098378, -1.939662, -9.357324, -10.149709, -18.73212, 10.945152, -8.207853, -1.607193],
        [
            -3.238034,
            -3.559335,
            14.782774,
            -11.404454,
            -6.206712,
            -14.091008,
            -4.047076,
            -7.394081,
            -7.831236,
            -9.548585_f32,
        ],
    ];
    let style = [
        [0.700681, 0.9961, 0.442618, 0.579161, 0.41217, 0.565475, 0.792794, 0.197282],
        [0.286045, 0.999627, 0.821395, 0.375611, 0.583768, 0.205945, 0.552211, 0.416784_f32],
    ];
    let errors = [2.90372, 4.401716_f32];

    let network = StyleMemory::new(&embedded().parameters, &Device::Cpu).unwrap();
    let test = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    let x = test.image_tensor(0..2, &Device::Cpu).unwrap();
    let code = network.encode(&x).unwrap();
    let drawing = network.decode(&ops::softmax(&code.logits, 1).unwrap(), &code.style).unwrap();
    let found = (drawing - &x).unwrap().sqr().unwrap().flatten_from(1).unwrap().sum(1).unwrap();
    assert_close("logits", &code.logits, &Tensor::new(&logits, &Device::Cpu).unwrap());
    assert_close("style", &code.style.narrow(1, 0, 8).unwrap(), &Tensor::new(&style, &Device::Cpu).unwrap());
    assert_close("errors", &found, &Tensor::new(&errors, &Device::Cpu).unwrap());
}

/// `found` within 1e-4 of `expected`, relative to its largest value.
fn assert_close(what: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let (found, expected) = (values(found), values(expected));
    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let worst = found.iter().zip(&expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(largest > 0.0 && worst <= 1e-4 * largest, "{what}: {worst} of {largest}");
}

/// The same for the gradient of six images in seven. Under ten labels an image meets a hundred thousand ReLUs, and where one is at
/// its corner rounding decides whether it lets the gradient through: that image is within a hundredth.
fn assert_most_close(what: &str, found: &Tensor, expected: &Tensor) {
    let rows = |tensor: &Tensor| tensor.flatten_from(1).unwrap().to_vec2::<f32>().unwrap();
    let largest = rows(expected).concat().iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let distance = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let (found, expected) = (rows(found), rows(expected));
    let distances: Vec<f32> = found.iter().zip(&expected).map(distance).collect();
    let far = distances.iter().filter(|&&distance| distance > 1e-4 * largest).count();
    let farthest = distances.iter().copied().fold(0.0, f32::max);
    assert!(
        largest > 0.0 && 7 * far <= found.len() && farthest <= 1e-2 * largest,
        "{what}: {far}, {farthest} of {largest}"
    );
}

#[test]
fn the_network_on_kernels_agrees_with_the_graph() {
    let parameters = embedded().parameters;
    let fast = StyleMemory::new(&parameters, &Device::Cpu).unwrap();
    let graph = StyleMemoryGraph::new(parameters.spec(), &parameters.tensors(&Device::Cpu).unwrap()).unwrap();
    let test = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    // One image, a chunk and a bit, and more chunks than threads; none puts a unit so close to the corner of its ReLU that
    // rounding decides its side, as test image 220 does.
    for batch in [1, 67, 200] {
        let x = test.image_tensor(1000..1000 + batch, &Device::Cpu).unwrap();
        let (found, expected) = (fast.encode(&x).unwrap(), graph.encode(&x).unwrap());
        assert_close("logits", &found.logits, &expected.logits);
        assert_close("style", &found.style, &expected.style);
        let errors = |model: &dyn ClassConditional| model.class_errors(&x, &expected.style).unwrap();
        assert_close("class errors", &errors(&fast), &errors(&graph));

        let loss = |logits: &Tensor| logits.get_on_dim(1, 3)? - logits.get_on_dim(1, 5)?;
        let gradient = |model: &dyn Model| model.loss_gradient(&x, &loss).unwrap();
        let (found, reference) = (gradient(&fast), gradient(&graph));
        assert_close("loss", &found.loss, &reference.loss);
        assert_close("gradient", &found.gradient, &reference.gradient);

        // By candle's autograd through the custom operations: encode, decode, and back to the pixels.
        let through = |model: &dyn ClassConditional| {
            let x = Var::from_tensor(&x).unwrap();
            let code = model.encode(&x).unwrap();
            let drawing = model.decode(&ops::softmax(&code.logits, 1).unwrap(), &code.style).unwrap();
            let gradients = (drawing - x.as_tensor()).unwrap().sqr().unwrap().sum_all().unwrap().backward().unwrap();
            gradients.get(&x).unwrap().clone()
        };
        assert_close("gradient of the reconstruction error", &through(&fast), &through(&graph));
    }
}

#[test]
fn what_an_attacker_of_the_detector_follows_agrees_with_the_graph() {
    let checkpoint = embedded();
    let fast = StyleMemory::new(&checkpoint.parameters, &Device::Cpu).unwrap();
    let parameters = &checkpoint.parameters;
    let graph = StyleMemoryGraph::new(parameters.spec(), &parameters.tensors(&Device::Cpu).unwrap()).unwrap();
    let test = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    for batch in [1, 7, 33] {
        let x = test.image_tensor(1000..1000 + batch, &Device::Cpu).unwrap();
        // All errors, with a weight of their own each.
        let weights = Tensor::arange(1_f32, 11.0, &Device::Cpu).unwrap();
        let through = |model: &dyn ClassConditional| {
            let x = Var::from_tensor(&x).unwrap();
            let errors = model.class_errors(&x, &model.encode(&x).unwrap().style).unwrap();
            let gradients = errors.broadcast_mul(&weights).unwrap().backward().unwrap();
            (errors.detach(), gradients.get(&x).unwrap().clone())
        };
        let ((errors, gradient), (expected, reference)) = (through(&fast), through(&graph));
        assert_close("errors", &errors, &expected);
        assert_most_close("gradient of all errors", &gradient, &reference);
        let plain = fast.class_errors(&x, &fast.encode(&x).unwrap().style).unwrap();
        assert_eq!(plain.to_vec2::<f32>().unwrap(), errors.to_vec2::<f32>().unwrap());

        for id in ["combined", "reconstruction", "alternative", "cycle", "msp"] {
            let fit = checkpoint.calibration.fits.get(id).cloned().unwrap_or_default();
            let detector = detector(id).unwrap().restore(&fit, 10).unwrap();
            let look = |model| Gradient::new(model, &*detector).evaluate(&x).unwrap();
            let (found, expected) = (look(&fast as &dyn ClassConditional), look(&graph));
            assert_close(&format!("{id}: scores"), &found.scores, &expected.scores);
            assert_most_close(&format!("{id}: gradient"), &found.gradient, &expected.gradient);
        }
    }
}

#[test]
fn an_images_result_is_the_same_in_any_batch() {
    let network = StyleMemory::new(&embedded().parameters, &Device::Cpu).unwrap();
    let test = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    let all = test.image_tensor(0..150, &Device::Cpu).unwrap();
    let values = |tensor: Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let look = |x: &Tensor| {
        let code = network.encode(x).unwrap();
        let gradient = network.loss_gradient(x, &|logits| logits.get_on_dim(1, 0)).unwrap().gradient;
        let errors = network.class_errors(x, &code.style).unwrap();
        let recorded = ScoreGradient::of(x, |x| network.class_errors(x, &network.encode(x)?.style)?.sum(1)).unwrap();
        [code.logits, code.style, gradient, errors, recorded.gradient].map(values)
    };
    let whole = look(&all);
    for start in [0, 70, 149] {
        let alone = look(&all.narrow(0, start, 1).unwrap());
        for (whole, alone) in whole.iter().zip(&alone) {
            assert!(whole[start * alone.len()..(start + 1) * alone.len()] == alone[..], "image {start}");
        }
    }
}

#[test]
fn images_of_another_shape_are_refused() {
    let network = StyleMemory::new(&embedded().parameters, &Device::Cpu).unwrap();
    let zeros = |shape: &[usize]| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
    for shape in [&[2, 1, 27, 28][..], &[2, 784], &[1, 28, 28], &[1, 3, 28, 28]] {
        let message = network.logits(&zeros(shape)).unwrap_err().to_string();
        assert!(message.contains("expected (B, 1, 28, 28)"), "{message}");
    }
    assert!(network.decode(&zeros(&[2, 9]), &zeros(&[2, 16])).is_err());
    assert!(network.decode(&zeros(&[2, 10]), &zeros(&[3, 16])).is_err());
    assert!(network.class_errors(&zeros(&[2, 1, 28, 28]), &zeros(&[3, 16])).is_err());
}
