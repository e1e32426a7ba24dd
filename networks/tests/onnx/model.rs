//! ONNX files for tests, written by a crate that has nothing in common with what reads them.
//!
//! Nodes are said in a line of text, as `operators.py` describes it, which runs the same text with onnxruntime.

use std::cell::RefCell;

use candle_core::{Device, Tensor};
use robust_networks::onnx::{Lowered, OnnxError, Options, read};
use robust_networks::{Graph, Layout};
use rten_onnx::onnx::{
    AttributeProto, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// Floats between -0.6 and 0.6.
pub(crate) fn wave(count: usize, seed: f64, step: f64) -> Vec<f32> {
    (0..count).map(|at| (0.6 * (step * at as f64 + seed).sin()) as f32).collect()
}

pub(crate) fn floats(name: &str, dims: &[usize], values: &[f32]) -> TensorProto {
    let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    stored(name, dims, DataType::FLOAT, raw)
}

pub(crate) fn integers(name: &str, dims: &[usize], values: &[i64]) -> TensorProto {
    let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    stored(name, dims, DataType::INT64, raw)
}

pub(crate) fn stored(name: &str, dims: &[usize], kind: DataType, raw: Vec<u8>) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.iter().map(|&size| size as i64).collect(),
        data_type: Some(kind),
        raw_data: Some(RefCell::new(raw)),
        ..TensorProto::default()
    }
}

/// The tensor that a name says, if it says one.
fn constant(text: &str) -> Option<TensorProto> {
    let list = |text: &str| {
        text[1..text.len() - 1].split(',').filter(|number| !number.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    if text.starts_with('[') {
        let values: Vec<i64> = list(text).iter().map(|number| number.parse().unwrap()).collect();
        return Some(integers(text, &[values.len()], &values));
    }
    if let Some(number) = text.strip_prefix('#') {
        return Some(integers(text, &[], &[number.parse().unwrap()]));
    }
    if text.starts_with('{') {
        let values: Vec<f32> = list(text).iter().map(|number| number.parse().unwrap()).collect();
        let vector = [values.len()];
        return Some(floats(text, if text.contains(',') { &vector } else { &[] }, &values));
    }
    let (name, shape) = text.trim_end_matches('+').split_once(':')?;
    let dims: Vec<usize> = shape.split('x').map(|size| size.parse().unwrap()).collect();
    let seed = name.bytes().map(u32::from).sum::<u32>() % 7;
    let mut values = wave(dims.iter().product(), f64::from(seed), 0.37);
    if text.ends_with('+') {
        values.iter_mut().for_each(|value| *value = *value * *value + 0.3);
    }
    Some(floats(text, &dims, &values))
}

fn attribute(name: &str, text: &str) -> AttributeProto {
    let mut attribute = AttributeProto { name: Some(name.to_owned()), ..AttributeProto::default() };
    if text.contains(',') && !text.contains(char::is_alphabetic) {
        attribute.ints =
            text.split(',').filter(|number| !number.is_empty()).map(|number| number.parse().unwrap()).collect();
    } else if let Ok(integer) = text.parse() {
        attribute.i = Some(integer);
    } else if let Ok(float) = text.parse() {
        attribute.f = Some(float);
    } else {
        attribute.s = Some(text.to_owned());
    }
    attribute
}

/// Operands, of which lists have commas inside.
fn operands(text: &str) -> Vec<String> {
    let (mut all, mut depth) = (vec![String::new()], 0);
    for letter in text.chars() {
        depth += i32::from("[{".contains(letter)) - i32::from("]}".contains(letter));
        match (letter, depth) {
            (',', 0) => all.push(String::new()),
            (' ', 0) => {}
            _ => all.last_mut().unwrap().push(letter),
        }
    }
    all.retain(|operand| !operand.is_empty());
    all
}

/// The nodes that a line says, and the tensors that they name.
pub(crate) fn nodes(text: &str) -> (Vec<NodeProto>, Vec<TensorProto>) {
    let (mut nodes, mut tensors) = (Vec::new(), Vec::<TensorProto>::new());
    for (at, node) in text.split(';').filter(|node| !node.trim().is_empty()).enumerate() {
        let (outputs, rest) = node.split_once('=').unwrap();
        let (operator, rest) = rest.split_once('(').unwrap();
        let (inputs, attributes) = rest.split_once(')').unwrap();
        let inputs = operands(inputs);
        for tensor in inputs.iter().filter_map(|input| constant(input)) {
            if tensors.iter().all(|other| other.name != tensor.name) {
                tensors.push(tensor);
            }
        }
        let attributes = attributes.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        nodes.push(NodeProto {
            name: Some(format!("node{at}")),
            op_type: Some(operator.trim().to_owned()),
            input: inputs.into_iter().map(|input| if input == "_" { String::new() } else { input }).collect(),
            output: outputs.split(',').map(|output| output.trim().to_owned()).collect(),
            attribute: attributes.map(|(name, text)| attribute(name, text)).collect(),
            ..NodeProto::default()
        });
    }
    (nodes, tensors)
}

/// A value of floats; -1 is a dimension that is not fixed.
pub(crate) fn declared(name: &str, shape: &[i64]) -> ValueInfoProto {
    let dimension = |&size: &i64| match size {
        -1 => Dimension { dim_param: Some("batch".to_owned()), ..Dimension::default() },
        size => Dimension { dim_value: Some(size), ..Dimension::default() },
    };
    let shape = Some(TensorShapeProto { dim: shape.iter().map(dimension).collect() });
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape });
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(TypeProto { tensor_type, ..TypeProto::default() }) }
}

/// A file with these nodes, of the input `x` and the output `y`.
pub(crate) fn model(opset: i64, text: &str, input: &[i64]) -> ModelProto {
    let (node, initializer) = nodes(text);
    let output = vec![ValueInfoProto { name: Some("y".to_owned()), ..declared("y", &[-1, 3]) }];
    let graph = GraphProto { node, initializer, input: vec![declared("x", input)], output, ..GraphProto::default() };
    ModelProto {
        producer_name: Some("tests".to_owned()),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(opset) }],
        graph: Some(graph),
        ..ModelProto::default()
    }
}

/// Its bytes.
pub(crate) fn bytes(model: &ModelProto) -> Vec<u8> {
    model.write_buf().unwrap()
}

/// What becomes of it.
pub(crate) fn lowered(model: &ModelProto) -> Result<Lowered, OnnxError> {
    read(&bytes(model), &(), &Options::default())
}

fn tensor(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

/// It on candle's graph.
pub(crate) fn graph(lowered: &Lowered) -> Graph {
    let layout = Layout::of(&[&lowered.spec]);
    let weights: Vec<Tensor> =
        layout.tensors().iter().map(|slot| tensor(&lowered.weights[slot.range()], &slot.shape)).collect();
    Graph::new(&lowered.spec, &weights).unwrap()
}

/// The logits of one image, there.
pub(crate) fn logits(lowered: &Lowered, image: &[f32]) -> Vec<f32> {
    let shape = [&[1], &lowered.spec.inputs[0].shape[..]].concat();
    let found = graph(lowered).run(&[&tensor(image, &shape)]).unwrap();
    found[0].flatten_all().unwrap().to_vec1().unwrap()
}

/// The ops of the network, in order.
pub(crate) fn ops(lowered: &Lowered) -> Vec<String> {
    lowered.spec.nodes.iter().map(|node| format!("{:?}", node.op)).collect()
}
