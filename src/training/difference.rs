//! [`Difference`]: one setting in which a training run is not the one that is asked for.

use std::fmt;

use serde_json::{Map, Value};

/// Characters of a value that is printed.
const LONGEST_VALUE: usize = 40;

/// A setting that has another value than was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What it is called in the configuration; inside another setting, after the name of that and a dot.
    pub setting: String,
    /// Its value in the stored run; null if it has none.
    pub stored: Value,
    /// The value asked for; null if there is none.
    pub asked: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { setting, stored, asked } = self;
        write!(formatter, "{} {}, asked for {}", setting.replace('_', " "), short(stored), short(asked))
    }
}

fn short(value: &Value) -> String {
    let text = if value.is_null() { "none".to_owned() } else { value.to_string() };
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// The entries in which two documents differ, those of the stored one first.
pub(super) fn differences(stored: &Value, asked: &Value) -> Vec<Difference> {
    let (Value::Object(here), Value::Object(there)) = (stored, asked) else {
        let (stored, asked) = (stored.clone(), asked.clone());
        return if stored == asked { Vec::new() } else { vec![Difference { setting: String::new(), stored, asked }] };
    };
    let names = here.keys().chain(there.keys().filter(|name| !here.contains_key(*name)));
    let value = |document: &Map<String, Value>, name: &str| document.get(name).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for name in names {
        for inner in differences(&value(here, name), &value(there, name)) {
            let setting = if inner.setting.is_empty() { name.clone() } else { format!("{name}.{}", inner.setting) };
            found.push(Difference { setting, ..inner });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    #[test]
    fn each_setting_is_named_with_both_values() {
        let stored =
            json!({ "seed": 4, "sigma": [0.0, 0.3], "data_hashes": { "a": "1", "b": "2" }, "name": "x".repeat(90) });
        let asked =
            json!({ "seed": 4, "sigma": 0.1, "data_hashes": { "a": "1", "c": "3" }, "batch_size": 7, "name": "y" });
        let found: Vec<String> = differences(&stored, &asked).iter().map(ToString::to_string).collect();
        let long = format!("name \"{}..., asked for \"y\"", "x".repeat(39));
        for expected in [
            "sigma [0.0,0.3], asked for 0.1",
            "data hashes.b \"2\", asked for none",
            "data hashes.c none, asked for \"3\"",
            "batch size none, asked for 7",
            &long,
        ] {
            assert!(found.iter().any(|one| one == expected), "{expected}: {found:?}");
        }
        assert_eq!(found.len(), 5);
        assert!(differences(&stored, &stored.clone()).is_empty());
    }
}
