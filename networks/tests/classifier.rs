//! Any network as a model: on the kernels as on candle's graph, in batches of any size.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops::log_softmax;
use rand::Rng;
use robust_attacks::random::stream;
use robust_attacks::{FnModel, Model};
use robust_networks::{Classifier, Graph, Layout, Op, Preprocessing, Spec};

const SHAPE: [usize; 3] = [3, 9, 7];
const CLASSES: usize = 4;

fn spec() -> Spec {
    let mut spec = Spec::new(&[("image", &SHAPE)]);
    let sums = spec.add("conv", Op::convolution([3, 8], 3, 2, 1), &["image"]);
    let relu = spec.add("relu", Op::Relu, &[&sums]);
    let mean = spec.add("mean", Op::global_average(), &[&relu]);
    let logits = spec.add("logits", Op::Linear { in_features: 8, out_features: CLASSES }, &[&mean]);
    spec.outputs.push(logits);
    spec
}

fn values(count: usize, purpose: &str) -> Vec<f32> {
    let mut rng = stream(1, purpose, &[]);
    (0..count).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn images(count: usize) -> Result<Tensor> {
    let x = values(count * SHAPE.iter().product::<usize>(), "images").iter().map(|x| x.abs()).collect::<Vec<f32>>();
    Tensor::from_vec(x, (count, SHAPE[0], SHAPE[1], SHAPE[2]), &Device::Cpu)
}

fn largest(difference: &Tensor) -> Result<f32> {
    difference.abs()?.max_all()?.to_dtype(DType::F32)?.to_scalar()
}

#[test]
fn a_network_with_its_preprocessing_is_the_graph_of_its_spec() -> Result<()> {
    let spec = spec();
    let weights = values(Layout::of(&[&spec]).len(), "weights");
    let preprocessing =
        Preprocessing { mean: vec![0.4, 0.5, 0.6], std: vec![0.2, 0.25, 0.3], ..Preprocessing::default() };
    let (whole, all) = preprocessing.before(spec.clone(), weights.clone()).unwrap();
    let classifier = Classifier::new(&whole, &all, &Device::Cpu)?;
    let slots = Layout::of(&[&spec]);
    let tensors = slots.tensors().iter();
    let tensors = tensors.map(|slot| Tensor::from_slice(&weights[slot.range()], &slot.shape[..], &Device::Cpu));
    let graph = Graph::new(&spec, &tensors.collect::<Result<Vec<_>>>()?)?;
    let tensor = |values: &[f64]| Tensor::from_slice(values, (1, 3, 1, 1), &Device::Cpu)?.to_dtype(DType::F32);
    let (mean, std) = (tensor(&preprocessing.mean)?, tensor(&preprocessing.std)?);
    let reference = FnModel::new(classifier.signature(), |x: &Tensor| {
        Ok(graph.run(&[&x.broadcast_sub(&mean)?.broadcast_div(&std)?])?.remove(0))
    });
    assert!(classifier.signature().classes == CLASSES);
    for count in [1, 5, 200] {
        let x = images(count)?;
        // The cross-entropy of the first class.
        let loss = |logits: &Tensor| log_softmax(logits, 1)?.get_on_dim(1, 0)?.neg();
        let (found, expected) = (classifier.loss_gradient(&x, &loss)?, reference.loss_gradient(&x, &loss)?);
        assert!(largest(&(&found.logits - &expected.logits)?)? < 1e-4);
        assert!(largest(&(classifier.logits(&x)? - &found.logits)?)? == 0.0);
        let scale = largest(&expected.gradient)?;
        assert!(largest(&(&found.gradient - &expected.gradient)?)? < 1e-4 * scale, "{count} images");
        // The same bits in any batch.
        let alone = classifier.loss_gradient(&x.narrow(0, count - 1, 1)?, &loss)?;
        assert!(largest(&(alone.gradient - found.gradient.narrow(0, count - 1, 1)?)?)? == 0.0);
    }
    Ok(())
}

#[test]
fn what_is_no_classifier_is_said() {
    let mut two = spec();
    two.outputs.push("mean".to_owned());
    let mut map = spec();
    map.outputs = vec!["relu".to_owned()];
    for (spec, weights, found) in [
        (spec(), 3, "3 weights, and the network has 260"),
        (two, 260, "1 inputs and 2 outputs"),
        (map, 260, "an output of shape [8, 5, 4]"),
    ] {
        let error = Classifier::new(&spec, &vec![0.0; weights], &Device::Cpu).err().unwrap().to_string();
        assert!(error.starts_with(found) || error.contains(found), "{error}");
    }
    let classifier = Classifier::new(&spec(), &vec![0.0; 260], &Device::Cpu).unwrap();
    let error = classifier.logits(&Tensor::zeros((2, 3, 7, 9), DType::F32, &Device::Cpu).unwrap()).unwrap_err();
    assert!(error.to_string().contains("images have shape [2, 3, 7, 9], expected (B, 3, 9, 7)"), "{error}");
}
