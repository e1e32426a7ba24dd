//! Dependencies run one way (ARCHITECTURE.md): between the crates of this workspace, and between the files of each.

mod circles;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use circles::circles;
use serde_json::Value;
use source::Source;

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
        ("robust-detectors", vec!["robust-attacks", "robust-networks"]),
        ("robust-networks", vec!["robust-attacks"]),
    ]);
    assert_eq!(found, expected);
}

/// The modules of `src/`, and which others each names: `files <- {training, evaluation} <- {report, study, explore} <- cli`.
const MODULES: [(&str, &[&str]); 22] = [
    ("calibration_arrays", &["evaluation"]),
    ("checkpoint", &["calibration_arrays", "evaluation", "files"]),
    ("classes", &["checkpoint"]),
    (
        "cli",
        &[
            "checkpoint",
            "classes",
            "evaluation",
            "explore",
            "files",
            "finish",
            "kept_calibration",
            "network",
            "onnx_file",
            "probe",
            "remarks",
            "report",
            "settings",
            "signals",
            "study",
            "training",
            "vnnlib",
            "words",
        ],
    ),
    ("draw", &[]),
    ("evaluation", &["settings", "words"]),
    ("explore", &["draw", "evaluation", "network", "packed", "signals", "study"]),
    ("files", &[]),
    ("finish", &["checkpoint", "evaluation"]),
    ("kept_calibration", &["calibration_arrays", "evaluation", "files", "settings"]),
    ("network", &[]),
    ("onnx_file", &["settings"]),
    ("packed", &[]),
    ("probe", &["remarks", "settings"]),
    ("remarks", &["evaluation", "words"]),
    ("report", &["draw", "evaluation", "files", "packed", "remarks", "words"]),
    ("settings", &[]),
    ("signals", &[]),
    ("vnnlib", &[]),
    ("words", &[]),
    ("study", &["draw", "files", "remarks", "words"]),
    ("training", &["checkpoint", "evaluation", "files"]),
];

#[test]
fn modules_name_those_below_them_only() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let source = Source::read(&folder);
    let module = |file: &Path| {
        let name = file.strip_prefix(&folder).unwrap().iter().next().unwrap().to_str().unwrap();
        name.trim_end_matches(".rs").to_owned()
    };
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, others) in source.edges() {
        let others = others.into_iter().map(module).filter(|other| *other != module(file));
        found.entry(module(file)).or_default().extend(others);
    }
    found.remove("lib");
    let expected =
        MODULES.map(|(name, others)| (name.to_owned(), others.iter().map(|&other| other.to_owned()).collect()));
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = String::new();
    for krate in ["attacks", "data", "detectors", "networks", "."] {
        let folder = root.join(krate).join("src");
        let source = Source::read(&folder);
        let edges = source.edges();
        for circle in circles(&edges) {
            found += &format!("{krate}: {} files\n", circle.len());
            for file in &circle {
                let name = |file: &Path| file.strip_prefix(&folder).unwrap().display().to_string();
                let inside = edges[file].iter().filter(|other| circle.contains(other)).map(|other| name(other));
                found += &format!("    {} -> {}\n", name(file), inside.collect::<Vec<_>>().join(", "));
            }
        }
    }
    assert!(found.is_empty(), "circles of files:\n{found}");
}
