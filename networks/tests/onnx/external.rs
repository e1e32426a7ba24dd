//! Weights in files beside the model, and weights of other types than f32.

use std::collections::HashMap;

use robust_networks::onnx::{Beside, Lowered, OnnxError, Options, read};
use rten_onnx::onnx::{DataLocation, DataType, StringStringEntryProto, TensorProto};

use crate::model::{bytes, model, stored};

/// Files that are not there but in memory.
struct Files(HashMap<&'static str, Vec<u8>>);

impl Beside for Files {
    fn length(&self, location: &str) -> Result<u64, String> {
        self.0.get(location).map(|file| file.len() as u64).ok_or_else(|| format!("there is no {location}"))
    }

    fn read(&self, location: &str, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        Ok(self.0[location][offset as usize..][..length].to_vec())
    }
}

const WEIGHTS: [f32; 6] = [0.5, -1.5, 2.0, 0.25, -3.0, 1.0];

/// A network of three features and two classes, whose weight is this tensor.
fn weighed(tensor: TensorProto) -> Vec<u8> {
    let mut model = model(13, "y = Gemm(x, w) transB=1", &[-1, 3]);
    model.graph.as_mut().unwrap().initializer = vec![TensorProto { name: Some("w".to_owned()), ..tensor }];
    bytes(&model)
}

fn outside(location: &str, offset: Option<u64>, length: Option<u64>) -> Vec<u8> {
    let pair = |key: &str, value: String| StringStringEntryProto { key: Some(key.to_owned()), value: Some(value) };
    let mut external_data = vec![pair("location", location.to_owned())];
    external_data.extend(offset.map(|offset| pair("offset", offset.to_string())));
    external_data.extend(length.map(|length| pair("length", length.to_string())));
    weighed(TensorProto {
        dims: vec![2, 3],
        data_type: Some(DataType::FLOAT),
        external_data,
        data_location: Some(DataLocation::EXTERNAL),
        ..TensorProto::default()
    })
}

fn given(bytes: &[u8]) -> Result<Lowered, OnnxError> {
    let data: Vec<u8> = WEIGHTS.iter().flat_map(|value| value.to_le_bytes()).collect();
    let files = HashMap::from([
        ("m.onnx.data", data.clone()),
        ("inside/m.data", [vec![9; 16], data.clone(), vec![9; 8]].concat()),
        ("short.data", data[..23].to_vec()),
    ]);
    read(bytes, &Files(files), &Options::default())
}

#[test]
fn weights_may_lie_in_other_files() {
    for (location, offset, length) in [
        ("m.onnx.data", None, None),
        ("./m.onnx.data", Some(0), Some(24)),
        ("inside/m.data", Some(16), Some(24)),
        ("inside/m.data", Some(16), None),
    ] {
        let lowered = given(&outside(location, offset, length)).unwrap();
        assert_eq!(lowered.weights, [&WEIGHTS[..], &[0.0; 2]].concat(), "{location}");
    }
}

#[test]
fn a_file_that_is_missing_or_too_short_is_named() {
    for (location, offset, expected) in [
        ("other.data", None, "tensor w: there is no other.data"),
        ("short.data", None, "tensor w: \"short.data\" is 23 bytes long, and 24 bytes from 0 on are asked for"),
        ("m.onnx.data", Some(1), "\"m.onnx.data\" is 24 bytes long, and 24 bytes from 1 on are asked for"),
        ("m.onnx.data", Some(u64::MAX), "is 24 bytes long"),
    ] {
        let error = given(&outside(location, offset, None)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn weights_of_other_types_become_floats_exactly() {
    let halves = WEIGHTS.iter().flat_map(|&value| half(value)).collect();
    let short: Vec<u8> = WEIGHTS
        .iter()
        .flat_map(|value| value.to_bits().to_be_bytes()[..2].iter().rev().copied().collect::<Vec<_>>())
        .collect();
    let doubles = WEIGHTS.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect();
    let typed = |tensor: TensorProto| TensorProto { dims: vec![2, 3], ..tensor };
    for (what, tensor) in [
        ("half floats", stored("", &[2, 3], DataType::FLOAT16, halves)),
        ("bfloat16", stored("", &[2, 3], DataType::BFLOAT16, short)),
        ("doubles", stored("", &[2, 3], DataType::DOUBLE, doubles)),
        (
            "floats in a list",
            typed(TensorProto {
                data_type: Some(DataType::FLOAT),
                float_data: WEIGHTS.to_vec(),
                ..TensorProto::default()
            }),
        ),
        (
            "doubles in a list",
            typed(TensorProto {
                data_type: Some(DataType::DOUBLE),
                double_data: WEIGHTS.map(f64::from).to_vec(),
                ..TensorProto::default()
            }),
        ),
        (
            "half floats in a list of integers",
            typed(TensorProto {
                data_type: Some(DataType::FLOAT16),
                int32_data: WEIGHTS.map(|value| i32::from(u16::from_le_bytes(half(value)))).to_vec(),
                ..TensorProto::default()
            }),
        ),
    ] {
        let lowered = given(&weighed(tensor)).unwrap();
        assert_eq!(lowered.weights, [&WEIGHTS[..], &[0.0; 2]].concat(), "{what}");
    }
}

/// A half float of a number that is one, with an exponent near 0.
fn half(value: f32) -> [u8; 2] {
    let bits = value.to_bits();
    let exponent = (bits >> 23 & 0xff) - 127 + 15;
    ((bits >> 16 & 0x8000 | exponent << 10 | bits >> 13 & 0x3ff) as u16).to_le_bytes()
}
