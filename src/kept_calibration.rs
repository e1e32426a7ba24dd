//! The calibration of somebody's own classifier, kept beside its file so that it is made once: `FILE.calibration.safetensors`.
//!
//! It is of one network, taken in one way, and of one set of images ([`Identity`]); that of another is not taken for it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result};
use robust_data::read_file;
use robust_networks::checkpoint::Array;
use robust_networks::tensor_file::{Entry, Precision, TensorFile, encode};
use serde::{Deserialize, Serialize};

use crate::calibration_arrays::{arrays, calibration};
use crate::evaluation::Calibration;
use crate::files::write_whole;
use crate::settings::Settings;

/// What is added to a model's name.
const SUFFIX: &str = ".calibration.safetensors";
/// Where the file says what it is of.
const KEY: &str = "robust.calibration";
/// Far above the fits of all detectors.
const LARGEST: u64 = 256 << 20;

/// What a calibration is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Version of `robust`.
    pub(crate) version: String,
    /// SHA-256 of the network.
    pub(crate) model_sha256: String,
    /// How it was taken.
    pub(crate) settings: Settings,
    /// SHA-256 of the images' pixels and labels; none in what is looked for means whatever images.
    pub(crate) images_sha256: Option<String>,
}

/// The file beside a model that holds its calibration.
pub(crate) fn path(model: &Path) -> PathBuf {
    let mut name: OsString = model.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// What the file holds, if it is of this; none also where there is no file.
///
/// # Errors
/// It is damaged.
pub(crate) fn read(path: &Path, of: &Identity) -> Result<Option<Calibration>> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read_file(path, LARGEST)?;
    let wrong = |reason: String| Error::msg(format!("{}: {reason}; remove the file", path.display()));
    let file = TensorFile::parse(&bytes).map_err(wrong)?;
    let found = file.document::<Identity>(KEY).map_err(wrong)?;
    let like = |found: Identity| match of.images_sha256 {
        Some(_) => found,
        None => Identity { images_sha256: None, ..found },
    };
    if found.map(like).as_ref() != Some(of) {
        return Ok(None);
    }
    let array = |name: &&str| Ok(((*name).to_owned(), file.tensor(name)?));
    let arrays: Result<BTreeMap<String, Array>, String> = file.names().iter().map(array).collect();
    arrays.and_then(calibration).map(Some).map_err(wrong)
}

/// Writes it.
///
/// # Errors
/// Whatever the disk reports.
pub(crate) fn write(path: &Path, of: &Identity, calibration: &Calibration) -> Result<()> {
    let arrays = arrays(calibration.clone());
    let entry = |(name, (shape, values)): (&String, &(Vec<usize>, Vec<f32>))| -> (String, Vec<usize>, Vec<f32>) {
        (name.clone(), shape.clone(), values.clone())
    };
    let stored: Vec<_> = arrays.iter().map(entry).collect();
    let entries: Vec<Entry> = stored
        .iter()
        .map(|(name, shape, values)| (name.clone(), shape.clone(), &values[..], Precision::Single))
        .collect();
    let bytes = encode(&entries, KEY, of).map_err(Error::msg)?;
    write_whole(path, |file| file.write_all(&bytes)).with_context(|| path.display().to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use robust_detectors::Fit;

    use super::*;

    #[test]
    fn a_calibration_is_taken_for_that_of_the_same_network_and_images_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(&dir.path().join("a.onnx"));
        let identity = Identity {
            version: "1".to_owned(),
            model_sha256: "ab".to_owned(),
            settings: Settings::default(),
            images_sha256: Some("cd".to_owned()),
        };
        let calibration = Calibration {
            scores: BTreeMap::from([("msp".to_owned(), vec![-2.0, 0.5])]),
            fits: BTreeMap::from([("a".to_owned(), Fit::default().with("mean", vec![1, 2], vec![1.0, 2.0]))]),
        };
        assert_eq!(read(&path, &identity).unwrap(), None);
        write(&path, &identity, &calibration).unwrap();
        assert_eq!(read(&path, &identity).unwrap(), Some(calibration.clone()));
        assert_eq!(read(&path, &Identity { images_sha256: None, ..identity.clone() }).unwrap(), Some(calibration));
        for other in [
            Identity { model_sha256: "ac".to_owned(), ..identity.clone() },
            Identity { images_sha256: Some("ce".to_owned()), ..identity.clone() },
            Identity { version: "2".to_owned(), ..identity.clone() },
        ] {
            assert_eq!(read(&path, &other).unwrap(), None, "{other:?}");
        }
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let error = read(&path, &identity).unwrap_err().to_string();
        assert!(error.starts_with(&*path.display().to_string()) && error.ends_with("remove the file"), "{error}");
    }
}
