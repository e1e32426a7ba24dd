//! Every operator against onnxruntime's numbers, which lie in `operators.txt`: on candle's graph, and the kernels against that, with gradients.

use std::collections::BTreeSet;

use candle_core::{Device, Tensor};
use robust_attacks::{FnModel, Model};
use robust_networks::Classifier;
use robust_networks::onnx::{Lowered, operators};

use crate::model::{floats, graph, integers, logits, lowered, model, wave};

/// Lines of opset, nodes, features and logits.
fn table() -> impl Iterator<Item = (i64, &'static str, usize, Vec<f32>)> {
    let lines = include_str!("operators.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let logits = parts[3].split(' ').map(|number| number.parse().unwrap()).collect();
        (parts[0].parse().unwrap(), parts[1], parts[2].parse().unwrap(), logits)
    })
}

#[test]
fn operators_give_what_onnxruntime_gives() {
    let image = wave(120, 0.2, 0.53);
    let mut wrong = String::new();
    for (opset, nodes, features, expected) in table() {
        let text = format!("{nodes}; flat = Reshape(y, ends); logits = MatMul(flat, sums)");
        let mut model = model(opset, &text, &[-1, 4, 6, 5]);
        let graph = model.graph.as_mut().unwrap();
        graph.output[0].name = Some("logits".to_owned());
        graph.initializer.push(integers("ends", &[2], &[1, -1]));
        graph.initializer.push(floats("sums", &[features, 3], &wave(3 * features, 1.0, 0.71)));
        match lowered(&model) {
            Err(error) => wrong += &format!("{nodes}: {error}\n"),
            Ok(lowered) => {
                let found = logits(&lowered, &image);
                let largest = expected.iter().fold(1.0_f32, |most, value| most.max(value.abs()));
                let is_near = |(a, b): (&f32, &f32)| (a - b).abs() <= 2e-5 * largest;
                if found.len() != 3 || !found.iter().zip(&expected).all(is_near) {
                    wrong += &format!("{nodes}: {found:?}, not {expected:?}\n");
                }
                let apart = kernels_apart(&lowered, &image);
                if !apart.iter().all(|apart| *apart < 1e-4) {
                    wrong += &format!("{nodes}: the kernels differ by {apart:?}\n");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// By how much logits, and the gradient of their first, differ on the kernels, over the largest of each.
fn kernels_apart(lowered: &Lowered, image: &[f32]) -> [f32; 2] {
    let classifier = Classifier::new(&lowered.spec, &lowered.weights, &Device::Cpu).unwrap();
    assert!(classifier.is_on_kernels());
    let graph = graph(lowered);
    let graph = FnModel::new(classifier.signature(), |x: &Tensor| Ok(graph.run(&[x])?.remove(0)));
    let x = Tensor::from_slice(image, (1, 4, 6, 5), &Device::Cpu).unwrap();
    let loss = |logits: &Tensor| logits.get_on_dim(1, 0);
    let [a, b] = [&classifier as &dyn Model, &graph].map(|model| model.loss_gradient(&x, &loss).unwrap());
    let apart = |a: &Tensor, b: &Tensor| {
        let [a, b] = [a, b].map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap());
        let scale = b.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        a.iter().zip(&b).fold(0.0_f32, |most, (a, b)| if (a - b).abs() <= most { most } else { (a - b).abs() }) / scale
    };
    [apart(&a.logits, &b.logits), apart(&a.gradient, &b.gradient)]
}

#[test]
fn the_table_has_every_operator() {
    let found: BTreeSet<&str> = table()
        .flat_map(|(_, nodes, ..)| nodes.split(';'))
        .map(|node| node.split_once('=').unwrap().1.split_once('(').unwrap().0.trim())
        .collect();
    // `If` has graphs inside, and tests of its own.
    let is_missing = |operator: &&str| !found.contains(operator) && *operator != "If";
    let missing: Vec<&str> = operators().into_iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(operators().is_sorted());
}
