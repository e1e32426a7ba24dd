//! What benches share that run the built binary and look at what it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

/// Entries of a summary that are another in every run.
const TIMES: [&str; 2] = ["seconds", "images_per_second"];

#[expect(clippy::print_stdout, reason = "this is what these benches are for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Every file in a folder and those inside it; summaries without the times, and with their keys in order.
pub(crate) fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            contents.extend(self::contents(&entry.path())?.into_iter().map(|(inner, bytes)| (name.join(inner), bytes)));
            continue;
        }
        let mut bytes = fs::read(entry.path())?;
        if name.extension().is_some_and(|extension| extension == "json") {
            let mut summary: Value = serde_json::from_slice(&bytes)?;
            strip(&mut summary);
            bytes = serde_json::to_vec(&summary)?;
        }
        contents.insert(name, bytes);
    }
    Ok(contents)
}

/// Takes out what is another in every run.
fn strip(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|key, _| !TIMES.contains(&key.as_str()));
            entries.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}
