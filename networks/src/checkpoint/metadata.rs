//! [`Metadata`]: what one must know to use the weights of a checkpoint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::style_memory_spec::StyleMemorySpec;

/// Version of the metadata that this build writes and reads.
const FORMAT_VERSION: u32 = 1;
/// Characters of a name that is to be printed.
const LONGEST_NAME: usize = 255;

/// What one must know to use the weights alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Version of this document.
    pub format_version: u32,
    /// Dataset trained on.
    pub dataset: String,
    /// Name of each label, `K` of them.
    pub class_names: Vec<String>,
    /// Number of labels, `K`.
    pub classes: usize,
    /// Number of style neurons, `S`.
    pub styles: usize,
    /// The training configuration, as `robust train` ran it; null if unknown.
    pub training: serde_json::Value,
    /// Seed of the training run.
    pub seed: u64,
    /// SHA-256 of every data file that was read, by file name.
    pub data_hashes: BTreeMap<String, String>,
    /// Share of test images that are classified correctly.
    pub test_accuracy: Option<f64>,
    /// Mean over test images of `||x̂ - x||²`, decoded from the softmax.
    pub test_reconstruction: Option<f64>,
    /// The seed that divided the dataset into images to train on, for validation and for the test; absent where its files do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divided_by: Option<u64>,
    /// What network it is; absent of the paper's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<StyleMemorySpec>,
}

impl Metadata {
    /// The dataset of a network of which nobody knows what it was trained on.
    pub const UNKNOWN: &str = "unknown";

    /// What is known of bare weights of such a network.
    #[must_use]
    pub fn unknown(spec: &StyleMemorySpec) -> Self {
        let classes = spec.classes;
        Self {
            format_version: FORMAT_VERSION,
            dataset: Self::UNKNOWN.into(),
            class_names: (0..classes).map(|k| k.to_string()).collect(),
            classes,
            styles: spec.styles,
            training: serde_json::Value::Null,
            seed: 0,
            data_hashes: BTreeMap::new(),
            test_accuracy: None,
            test_reconstruction: None,
            divided_by: None,
            network: (*spec != StyleMemorySpec::paper(classes)).then(|| spec.clone()),
        }
    }

    /// Checks that it belongs to the weights.
    pub(super) fn check(&self, spec: &StyleMemorySpec) -> Result<(), String> {
        let Self { format_version, classes, styles, ref class_names, .. } = *self;
        if format_version != FORMAT_VERSION {
            return Err(format!("format version {format_version}, and this build reads {FORMAT_VERSION}"));
        }
        if (classes, class_names.len(), styles) != (spec.classes, spec.classes, spec.styles) {
            return Err(format!(
                "metadata of {classes} classes, {} names and {styles} styles beside weights of {} and {}",
                class_names.len(),
                spec.classes,
                spec.styles
            ));
        }
        let is_long = |name: &&String| name.chars().nth(LONGEST_NAME).is_some();
        match [&self.dataset].into_iter().chain(class_names).find(is_long) {
            Some(name) => {
                let characters = name.chars().count();
                Err(format!("a name of {characters} characters in its metadata, more than {LONGEST_NAME}"))
            }
            None => Ok(()),
        }
    }
}
