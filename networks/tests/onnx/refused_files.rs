//! Files as a whole that are no network, or whose weights may not be had: one line each, which says what is wrong.

use rten_onnx::onnx::{
    AttributeProto, DataLocation, DataType, GraphProto, ModelProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto,
};

use crate::model::model;
use crate::refused::{HEAD, INPUT, changed, refused, weighed};

fn outside(pairs: &[(&str, &str)]) -> ModelProto {
    let pair = |&(key, value): &(&str, &str)| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    };
    weighed(TensorProto {
        dims: vec![120, 3],
        data_type: Some(DataType::FLOAT),
        external_data: pairs.iter().map(pair).collect(),
        data_location: Some(DataLocation::EXTERNAL),
        ..TensorProto::default()
    })
}

#[test]
fn data_elsewhere_must_lie_in_the_models_folder() {
    for location in [
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../b",
        "",
        ".",
        "..",
        "a//b",
        "a/",
        "C:\\weights",
        "a\\b",
        "a\nb",
        "./../b",
    ] {
        refused(location, &outside(&[("location", location)]), "only a file in the model's own folder may be read");
    }
    refused("long", &outside(&[("location", &"a".repeat(300))]), "only a file in the model's own folder");
    refused("no location", &outside(&[("offset", "0")]), "no location is said");
    refused("offset", &outside(&[("location", "a"), ("offset", "-1")]), "offset \"-1\", which is no number");
    refused(
        "length",
        &outside(&[("location", "a"), ("length", "9")]),
        "9 bytes in \"a\", and its shape [120, 3] takes 1440",
    );
    refused("nothing beside", &outside(&[("location", "a.data")]), "\"a.data\", beside a file that is not known");
}

#[test]
fn files_that_are_none_are_refused() {
    let opset = |version: Option<i64>| {
        let opset_import = version.map(|version| OperatorSetIdProto { domain: None, version: Some(version) });
        ModelProto { opset_import: opset_import.into_iter().collect(), ..model(13, HEAD, &INPUT) }
    };
    refused("a new opset", &opset(Some(99)), "its opset is 99");
    refused("an old opset", &opset(Some(1)), "its opset is 1");
    refused("no opset", &opset(None), "does not say its opset");
    refused("no graph", &ModelProto { graph: None, ..opset(Some(13)) }, "no graph");
    refused("an empty graph", &ModelProto { graph: Some(GraphProto::default()), ..opset(Some(13)) }, "there is none");
    let foreign = changed(|graph| graph.node[0].domain = Some("com.microsoft".to_owned()));
    refused("another domain", &foreign, "com.microsoft.Flatten (1, first node0)");
    let name = "a\u{1b}[31m\n".repeat(100);
    let strange = changed(|graph| {
        graph.node[1].op_type = Some(name.clone());
        graph.node[1].name = Some(name.clone());
        graph.node[1].attribute = vec![AttributeProto::default(); 3];
    });
    refused("a strange name", &strange, "a\\u{1b}[31m\\n");
}
