//! How a run was made, as its summary tells it: every plain entry, in its order, whatever a later version adds.

use std::path::Path;

use anyhow::Result;
use robust_data::read_file;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::unexpected;
use crate::report::MAX_SUMMARY_BYTES;

/// A JSON file that holds an object; none if there is no such file.
pub(super) fn document(path: &Path) -> Result<Option<Map<String, Value>>> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read_file(path, MAX_SUMMARY_BYTES)?;
    let document = serde_json::from_slice(&bytes);
    document.map(Some).map_err(|error| unexpected(path, error, "a JSON object"))
}

/// One line of "how it was run".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    /// The entry's name, with spaces.
    pub(crate) name: String,
    /// Its value as text.
    pub(crate) value: String,
}

/// Entries that say how a run was made; what came of it is told elsewhere.
const NAMES: [&str; 21] = [
    "version",
    "model",
    "model_sha256",
    "model_settings",
    "input",
    "key",
    "prepare",
    "resize",
    "crop",
    "dataset",
    "split",
    "data_sha256",
    "offset",
    "images",
    "batch_size",
    "threads",
    "seed",
    "device",
    "detector",
    "threshold_fpr",
    "seconds",
];

/// The names of the classes, where a summary has a list of them; else none.
pub(super) fn class_names(document: &Map<String, Value>) -> Vec<String> {
    let names = document.get("classes").and_then(Value::as_array);
    let names: Option<Vec<String>> =
        names.and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    names.unwrap_or_default()
}

/// The facts of a summary.
pub(super) fn facts(document: &Map<String, Value>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for name in NAMES {
        let spaced = name.replace('_', " ");
        match document.get(name) {
            None | Some(Value::Null | Value::Array(_)) => {}
            Some(Value::Object(entries)) => facts.extend(
                entries.iter().map(|(key, value)| Fact { name: format!("{spaced} {key}"), value: plain(value) }),
            ),
            Some(value) => facts.push(Fact { name: spaced, value: plain(value) }),
        }
    }
    facts
}

/// Four significant digits.
fn short(number: &Number) -> String {
    let value = number.as_f64().unwrap_or(f64::NAN);
    let digits = 3 - value.abs().log10().floor().clamp(-12.0, 3.0) as i32;
    let rounded = format!("{value:.*}", digits.max(0) as usize);
    match rounded.split_once('.') {
        Some(_) => rounded.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => rounded,
    }
}

/// A value without quotation marks; an object as `key value, key value`, without what is off.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(entries) => {
            let set = entries.iter().filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
            let set = set.map(|(key, value)| match value {
                Value::Bool(true) => key.replace(['_', '-'], " "),
                Value::Number(number) if number.is_f64() => format!("{} {}", key.replace('_', " "), short(number)),
                value => format!("{} {}", key.replace('_', " "), plain(value)),
            });
            set.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_entries_are_told_in_order_and_results_are_not() {
        let Value::Object(document) = json!({
            "seed": 3, "model": "<b>mnist", "data_sha256": { "t10k": "ab" }, "succeeded": 9, "detector": null,
        }) else {
            panic!("an object")
        };
        let facts: Vec<_> = facts(&document).into_iter().map(|fact| (fact.name, fact.value)).collect();
        let expected = [("model", "<b>mnist"), ("data sha256 t10k", "ab"), ("seed", "3")];
        assert_eq!(facts, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let settings =
            json!({ "decay": null, "early_stop": false, "random_start": true, "step_size": 0.1 / 30.0, "steps": 40 });
        let text = plain(&settings);
        let mut parts: Vec<&str> = text.split(", ").collect();
        parts.sort_unstable();
        assert_eq!(parts, ["random start", "step size 0.003333", "steps 40"]);
        for (number, text) in [(0.3, "0.3"), (0.0, "0"), (2.0, "2"), (12345.678, "12346"), (0.001, "0.001")] {
            assert_eq!(plain(&json!({ "epsilon": number })), format!("epsilon {text}"));
        }
    }

    #[test]
    fn classes_have_names_where_a_summary_lists_them() {
        for (document, names) in [
            (json!({ "classes": ["cat", "dog"] }), &["cat", "dog"][..]),
            (json!({ "classes": ["cat", 3] }), &[]),
            (json!({ "classes": 10 }), &[]),
            (json!({}), &[]),
        ] {
            assert_eq!(class_names(document.as_object().unwrap()), names, "{document}");
        }
    }
}
