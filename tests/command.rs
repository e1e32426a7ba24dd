//! The built binary, run in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run left behind.
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `robust` in `folder` with words separated by spaces; what stands between single quotes is one word.
pub(crate) fn robust(folder: &Path, arguments: &str) -> Finished {
    let output = Command::new(env!("CARGO_BIN_EXE_robust"))
        .args(words(arguments))
        .current_dir(folder)
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    Finished {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts.flat_map(|(i, part)| if i % 2 == 1 { vec![part] } else { part.split_whitespace().collect() }).collect()
}

/// Runs `robust` and expects it to succeed.
pub(crate) fn succeed(folder: &Path, arguments: &str) -> Finished {
    let finished = robust(folder, arguments);
    assert_eq!(finished.code, 0, "robust {arguments}: {}", finished.stderr);
    finished
}

/// A fresh folder.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A CSV file as rows of named fields.
pub(crate) fn csv(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(&path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// A JSON file.
pub(crate) fn json(path: PathBuf) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
