//! Bytes that are no ONNX file, or one written in ways that the crate behind the other tests does not write.

use robust_networks::onnx::{Options, read};

use crate::model::{bytes, lowered, model};

const NODES: &str =
    "a = Conv(x, w:6x4x3x3, b:6) strides=2,2 pads=1,1,1,1; b = Relu(a); f = Flatten(b); y = Gemm(f, v:54x3)";

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A field of bytes.
fn field(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// A field of an integer.
fn integer(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn error(bytes: &[u8]) -> String {
    read(bytes, &(), &Options::default()).unwrap_err().to_string()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = bytes(&model(13, NODES, &[-1, 4, 6, 5]));
    assert!(read(&whole, &(), &Options::default()).is_ok());
    for end in 0..whole.len() {
        let error = error(&whole[..end]);
        assert!(!error.contains('\n'), "{end}: {error}");
    }
}

#[test]
fn a_file_with_any_byte_changed_gives_one_line_or_a_network() {
    let whole = bytes(&model(13, NODES, &[-1, 4, 6, 5]));
    let mut read_all_the_same = 0;
    for at in 0..whole.len() {
        for bit in [1, 8, 128] {
            let mut changed = whole.clone();
            changed[at] ^= bit;
            match read(&changed, &(), &Options::default()) {
                Ok(_) => read_all_the_same += 1,
                Err(error) => assert!(!error.to_string().contains('\n'), "{at}: {error}"),
            }
        }
    }
    // Those in the weights.
    assert!(read_all_the_same > whole.len());
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    for (bytes, expected) in [
        (Vec::new(), "holds no graph"),
        (b"PK\x03\x04 an archive".to_vec(), "not an ONNX file"),
        (b"<html></html>".to_vec(), "not an ONNX file"),
        (vec![0xff; 64], "an integer of more than ten bytes"),
        (vec![0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "ends in the middle of a field"),
        (field(2, &[0xc3, 0x28]), "not UTF-8"),
        (integer(7, 5), "its graph is a number"),
        (vec![0x3b], "wire type 3"),
    ] {
        let error = error(&bytes);
        assert!(error.contains(expected), "{error}");
    }
}

/// A model with these graphs' fields.
fn with_graph(graph: &[u8]) -> Vec<u8> {
    [field(7, graph), field(8, &integer(2, 13))].concat()
}

#[test]
fn graphs_within_graphs_as_deep_as_they_go_are_refused() {
    let mut node = field(4, b"Relu");
    for _ in 0..20_000 {
        let graph = field(1, &node);
        node = [field(4, b"If"), field(2, b"y"), field(5, &field(6, &graph))].concat();
    }
    let error = error(&with_graph(&[field(1, &node), field(12, &field(1, b"y"))].concat()));
    assert!(error.contains("more than 8 graphs within each other"), "{error}");
}

#[test]
fn a_file_of_many_small_things_is_refused() {
    let nodes = field(1, &[]).repeat(1 << 20);
    assert!(error(&with_graph(&nodes)).contains("more than 131072 nodes"), "{}", error(&with_graph(&nodes)));
    let ints = field(8, &[1; 1 << 20]);
    let graph = field(1, &field(5, &ints));
    assert!(error(&with_graph(&graph)).contains("numbers in attributes"), "{}", error(&with_graph(&graph)));
}

#[test]
fn packed_lists_are_read_as_others_are() {
    let text = "a = MaxPool(x) kernel_shape=3,2; f = Flatten(a); y = Gemm(f, v:64x3)";
    let plain = bytes(&model(13, text, &[-1, 4, 6, 5]));
    // Attribute 8, `ints`, once as two fields and once as a packed one.
    let apart = [integer(8, 3), integer(8, 2)].concat();
    let at = plain.windows(apart.len()).position(|window| window == apart).unwrap();
    let mut packed = plain.clone();
    packed.splice(at..at + apart.len(), field(8, &[3, 2]));
    let [a, b] = [&plain, &packed].map(|bytes| read(bytes, &(), &Options::default()).unwrap());
    assert_eq!((a.spec, a.weights), (b.spec, b.weights));
    assert!(lowered(&model(13, text, &[-1, 4, 6, 5])).is_ok());
}
