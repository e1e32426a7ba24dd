//! Every operator on candle's graph against onnxruntime's numbers, which lie in `operators.txt`.

use std::collections::BTreeSet;

use robust_networks::onnx::operators;

use crate::model::{floats, integers, logits, lowered, model, wave};

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
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_table_has_every_operator() {
    let found: BTreeSet<&str> = table()
        .flat_map(|(_, nodes, ..)| nodes.split(';'))
        .map(|node| node.split_once('=').unwrap().1.split_once('(').unwrap().0.trim())
        .collect();
    let missing: Vec<&str> = operators().into_iter().filter(|operator| !found.contains(operator)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(operators().is_sorted());
}
