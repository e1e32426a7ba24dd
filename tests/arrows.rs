//! Dependencies between the crates of this workspace run one way (ARCHITECTURE.md).

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

#[test]
fn dependencies_run_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let inside = dependencies.filter(|dependency| !dependency["path"].is_null());
        let mut names: Vec<&str> = inside.map(|dependency| dependency["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        found.insert(package["name"].as_str().unwrap(), names);
    }
    let expected = BTreeMap::from([
        ("robust", vec!["robust-attacks", "robust-data", "robust-detectors", "robust-networks"]),
        ("robust-attacks", vec![]),
        ("robust-data", vec![]),
        ("robust-detectors", vec!["robust-attacks"]),
        ("robust-networks", vec!["robust-attacks"]),
    ]);
    assert_eq!(found, expected);
}
