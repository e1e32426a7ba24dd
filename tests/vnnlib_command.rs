//! Instances of VNN-LIB through the built binary: networks of three inputs whose boxes are solved by hand, and boxes around images.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use rten_onnx::onnx::{
    DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TypeProto, TypeProtoTensor, ValueInfoProto,
};

use crate::command::{csv, folder, json, robust, succeed};
use crate::own_networks::{copy, write};

fn tensor(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(DataType::FLOAT),
        raw_data: Some(RefCell::new(values.iter().flat_map(|value| value.to_le_bytes()).collect())),
        ..TensorProto::default()
    }
}

fn declared(name: &str, size: i64) -> ValueInfoProto {
    let dimension = |size| Dimension { dim_value: Some(size), ..Dimension::default() };
    let shape = TensorShapeProto { dim: vec![dimension(1), dimension(size)] };
    let tensor = TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape: Some(shape) };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { tensor_type: Some(tensor), ..TypeProto::default() }),
    }
}

/// Writes `relu(x w + b) v`, of three inputs, two hidden values and two outputs.
fn write_network(path: &Path, w: [f32; 6], b: [f32; 2], v: [f32; 4]) {
    let node = |operator: &str, inputs: &[&str], output: &str| NodeProto {
        op_type: Some(operator.to_owned()),
        input: inputs.iter().map(|&input| input.to_owned()).collect(),
        output: vec![output.to_owned()],
        ..NodeProto::default()
    };
    let graph = GraphProto {
        node: vec![node("Gemm", &["x", "w", "b"], "h"), node("Relu", &["h"], "r"), node("MatMul", &["r", "v"], "y")],
        initializer: vec![tensor("w", &[3, 2], &w), tensor("b", &[2], &b), tensor("v", &[2, 2], &v)],
        input: vec![declared("x", 3)],
        output: vec![declared("y", 2)],
        ..GraphProto::default()
    };
    let opset = OperatorSetIdProto { version: Some(13), ..OperatorSetIdProto::default() };
    let model =
        ModelProto { graph: Some(graph), opset_import: vec![opset], ir_version: Some(8), ..ModelProto::default() };
    fs::write(path, model.write_buf().unwrap()).unwrap();
}

#[test]
fn properties_are_violated_where_a_person_sees_it_and_nowhere_else() {
    let folder = folder();
    let place = folder.path();
    let same = [1.0, 0.0, 0.0, 1.0];
    // Both hidden values are the sum of the inputs; the first input less a half, and 0; the first and the second input.
    let (sum, kink, two) = ([1.0; 6], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let unit = [(0.0, 1.0); 3];
    for (what, w, b, bounds, property, is_violated) in [
        ("the largest sum", sum, [0.0; 2], unit, "(assert (>= Y_0 2.9))", true),
        ("above the largest sum", sum, [0.0; 2], unit, "(assert (>= Y_0 3.1))", false),
        ("a slope that begins in the middle", kink, [-0.5, 0.2], unit, "(assert (>= Y_0 (+ Y_1 0.25)))", true),
        ("above that slope", kink, [-0.5, 0.6], unit, "(assert (>= Y_0 Y_1))", false),
        ("two at once", two, [0.0; 2], unit, "(assert (and (>= Y_0 0.8) (<= Y_1 0.1)))", true),
        ("two that exclude each other", sum, [0.0; 2], unit, "(assert (>= Y_0 1.6)) (assert (<= Y_1 1.4))", false),
        ("one of two", two, [0.0; 2], unit, "(assert (or (and (>= Y_0 1.2)) (and (>= Y_1 0.95))))", true),
        ("none of two", two, [0.0; 2], unit, "(assert (or (>= Y_0 1.2) (<= (* -1 Y_1) -1.1)))", false),
        ("below zero", [-1.0; 6], [0.0; 2], [(-2.0, -1.0); 3], "(assert (>= Y_0 5.8))", true),
        ("a box within a box", sum, [0.0; 2], unit, "(assert (<= X_2 0.5)) (assert (>= Y_0 2.6))", false),
    ] {
        write_network(&place.join("small.onnx"), w, b, same);
        let mut text = "; three inputs\n".to_owned();
        (0..3).for_each(|input| text += &format!("(declare-const X_{input} Real)\n"));
        text += "(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n";
        for (input, (low, high)) in bounds.iter().enumerate() {
            text += &format!("(assert (>= X_{input} {low}))\n(assert (<= X_{input} {high}))\n");
        }
        fs::write(place.join("box.vnnlib"), text + property).unwrap();
        succeed(place, "attack --model small.onnx --dataset box.vnnlib --method bim,pgd,square --out out --quiet");
        let told = json(place.join("out/instance.json"));
        assert_eq!(told["violated"], is_violated, "{what}: {told}");
        assert_eq!(place.join("out/counterexample.txt").exists(), is_violated, "{what}");
        if is_violated {
            let found = fs::read_to_string(place.join("out/counterexample.txt")).unwrap();
            assert!(found.starts_with("sat\n((X_0 ") && found.contains("(Y_1 "), "{found}");
        }
    }
    for (command, found) in [
        ("attack --model mnist --dataset box.vnnlib --method bim", "an instance is about an ONNX file"),
        ("attack --model small.onnx --dataset box.vnnlib --method pgd-l2", "a box asks for attacks in linf"),
        ("attack --model small.onnx --dataset box.vnnlib --method bim --epsilon 0.1", "the box is in the file"),
        ("attack --model small.onnx --dataset missing.vnnlib --method bim", "missing.vnnlib"),
        ("attack --model small.onnx --dataset box.vnnlib --method bim --limit 3", "--limit means nothing"),
        (
            "attack --model small.onnx --dataset box.vnnlib --method bim --transfer-to mnist",
            "--transfer-to means nothing",
        ),
        ("attack --model small.onnx --dataset box.vnnlib --method bim --mean 0.5", "--mean is about pixels"),
    ] {
        let told = robust(place, &format!("{command} --out out"));
        assert!(told.code != 0 && told.stderr.contains(found), "{command}: {}", told.stderr);
    }
}

#[test]
fn what_no_attack_fooled_is_exported_as_boxes_that_no_attack_violates() {
    let folder = folder();
    let place = folder.path();
    copy("plain.onnx", place);
    write(&place.join("grey.npz"), false, Some);
    succeed(
        place,
        "attack --model plain.onnx --dataset grey.npz --limit 12 --method fgsm,bim --epsilon 0.02,0.3 --out run --quiet",
    );
    succeed(place, "export --vnnlib run --out boxes");
    let unfooled = |set: &str| -> Vec<String> {
        let rows = csv(place.join(format!("run/{set}/attack.csv")));
        rows.iter().filter(|row| row["status"] == "failed").map(|row| row["index"].clone()).collect()
    };
    let expected: Vec<String> = unfooled("bim@0.02").iter().map(|index| format!("{index}@0.02.vnnlib")).collect();
    assert!(expected.len() >= 8 && unfooled("bim@0.3").is_empty());
    let listed = fs::read_to_string(place.join("boxes/instances.csv")).unwrap();
    assert_eq!(listed.lines().count(), expected.len(), "{listed}");
    assert!(expected.iter().all(|name| place.join("boxes").join(name).exists() && listed.contains(name)));
    let attack = |name: &str| {
        succeed(place, &format!("attack --model plain.onnx --dataset {name} --method bim --out out --quiet"));
        json(place.join("out/instance.json"))["violated"].clone()
    };
    assert_eq!(attack(&format!("boxes/{}", expected[0])), false);
    // The same box, wider.
    let text = fs::read_to_string(place.join("boxes").join(&expected[0])).unwrap();
    let wide = text.lines().map(|line| match line.strip_prefix("(assert (<= X_") {
        Some(rest) => format!("(assert (<= X_{} 1))", rest.split(' ').next().unwrap()),
        None => line.to_owned(),
    });
    fs::write(place.join("wide.vnnlib"), wide.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(attack("wide.vnnlib"), true);
}

/// What a target was not reached for may be fooled all the same, and images that were replaced since are other ones.
#[test]
fn nothing_is_exported_but_what_the_run_says_of_its_own_images() {
    let folder = folder();
    let place = folder.path();
    copy("plain.onnx", place);
    fs::copy(place.join("plain.onnx"), place.join("a,b.onnx")).unwrap();
    write(&place.join("grey.npz"), false, Some);
    let attack = |flags: &str| succeed(place, &format!("attack --dataset grey.npz --quiet {flags}"));
    attack("--model a,b.onnx --limit 20 --method fgsm --epsilon 0.1 --target 1 --out aimed");
    let rows = csv(place.join("aimed/attack.csv"));
    let failed = || rows.iter().filter(|row| row["status"] == "failed");
    let still = failed().filter(|row| row["adversarial_prediction"] == row["label"]).count();
    assert!(still < failed().count(), "some became another class than 1");
    succeed(place, "export --vnnlib aimed --out boxes");
    let listed = fs::read_to_string(place.join("boxes/instances.csv")).unwrap();
    assert_eq!(listed.lines().count(), still, "{listed}");
    assert!(listed.lines().all(|line| line.starts_with("\"a,b.onnx\",") && line.ends_with(",300")), "{listed}");

    attack("--model plain.onnx --limit 12 --method fgsm,bim --epsilon 0.02 --out run");
    attack("--model plain.onnx --offset 12 --limit 12 --method fgsm,bim --epsilon 0.05 --out run");
    attack("--model plain.onnx --limit 12 --method bim --epsilon 0.02 --transfer-to a,b.onnx --out transferred");
    for (run, found) in [("run", "not the images that"), ("transferred", "judged by another network")] {
        let told = robust(place, &format!("export --vnnlib {run} --out no"));
        assert!(told.code == 1 && told.stderr.contains(found), "{}", told.stderr);
    }
}
