//! [`Settings`]: how somebody's classifier is to be taken, which its ONNX file does not say. Flags say it, or a file beside the model,
//! `FILE.robust.json`, as `robust inspect --save` writes it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use robust_data::read_file;
use robust_networks::Preprocessing;
use serde::{Deserialize, Serialize};

/// What is added to a model's name.
const SUFFIX: &str = ".robust.json";
/// Bytes of such a file at most: the names of 65,536 classes have room.
const LARGEST: u64 = 4 << 20;

/// How a classifier is to be taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What it expects of pixels; as they come where nobody says.
    #[serde(default)]
    pub preprocessing: Preprocessing,
    /// How its input lies; found out where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// The output that holds the logits, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The names of its classes in the order of its logits, where that is not the dataset's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
}

/// The order of the dimensions of a network's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Batch, channels, rows, columns.
    Nchw,
    /// Batch, rows, columns, channels.
    Nhwc,
}

impl Layout {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Nchw => Self::Nhwc,
            Self::Nhwc => Self::Nchw,
        }
    }

    /// As `--layout` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nchw => "nchw",
            Self::Nhwc => "nhwc",
        }
    }
}

impl Settings {
    /// The file beside a model that holds them.
    #[must_use]
    pub fn path(model: &Path) -> PathBuf {
        let mut name: OsString = model.as_os_str().to_owned();
        name.push(SUFFIX);
        name.into()
    }

    /// Those beside a model, if there are any.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn beside(model: &Path) -> Result<Option<Self>> {
        let path = Self::path(model);
        if !path.exists() {
            return Ok(None);
        }
        let settings = serde_json::from_slice(&read_file(&path, LARGEST)?);
        let expected = "expected what `robust inspect --save` writes; correct it or remove it";
        settings.map(Some).with_context(|| format!("{}: {expected}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn settings_lie_beside_the_model_and_nothing_else_is_taken_for_them() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("a.onnx");
        assert_eq!(Settings::beside(&model).unwrap(), None);
        let settings = Settings {
            preprocessing: Preprocessing { scale: 255.0, mean: vec![103.5, 116.25, 123.0], ..Preprocessing::default() },
            layout: Some(Layout::Nhwc),
            output: Some("logits".to_owned()),
            classes: vec!["cat".to_owned(), "dog".to_owned()],
        };
        let path = dir.path().join("a.onnx.robust.json");
        fs::write(&path, serde_json::to_vec(&settings).unwrap()).unwrap();
        assert_eq!(Settings::beside(&model).unwrap(), Some(settings));
        for text in ["", "3", r#"{"preprocessing":{"scale":"x"}}"#, r#"{"means":[0.5]}"#, r#"{"layout":"chw"}"#] {
            fs::write(&path, text).unwrap();
            let error = Settings::beside(&model).unwrap_err().to_string();
            assert!(error.starts_with(&*path.display().to_string()) && error.contains("inspect --save"), "{error}");
        }
        fs::write(&path, "{}").unwrap();
        assert_eq!(Settings::beside(&model).unwrap(), Some(Settings::default()));
    }
}
