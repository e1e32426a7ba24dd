//! Reading and writing a network: safetensors with PyTorch's shapes, one JSON document of metadata, and the
//! calibration of each detector: `calibration.<id>`, its sorted validation scores, and `fit.<id>.<name>`, what it learned.
//!
//! A tensor of weights that are all f16 (see [`Parameters::with_half_matrices`]) is stored as f16, others as f32: no weight changes on its
//! way through a file. Calibration is always f32.
//!
//! The metadata lies under the single key `robust`, so that the same network always gives the same bytes. A file that
//! has the 22 tensors but no metadata (exported from PyTorch, say) loads too: classes are then named by their number
//! and there is no calibration.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use robust_data::read_file;
use robust_detectors::Array;

use crate::evaluation::Calibration;
use robust_networks::tensor_file::{self, Precision, TensorFile};
use robust_networks::{Parameters, STYLES};

/// Version of the metadata that this build writes and reads.
const FORMAT_VERSION: u32 = 1;
const METADATA_KEY: &str = "robust";
const SCORES_PREFIX: &str = "calibration.";
const FIT_PREFIX: &str = "fit.";
/// A network of 1,000 classes is under 9 MiB; a file this large is something else.
const LARGEST_FILE: u64 = 64 << 20;
/// Characters of a name that is to be printed.
const LONGEST_NAME: usize = 255;
/// Characters of a reason, which may quote the file, at its beginning and at its end.
const LONGEST_REASON: usize = 120;

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
}

impl Metadata {
    /// What is known of bare weights with `classes` labels.
    #[must_use]
    pub fn unknown(classes: usize) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            dataset: "unknown".into(),
            class_names: (0..classes).map(|k| k.to_string()).collect(),
            classes,
            styles: STYLES,
            training: serde_json::Value::Null,
            seed: 0,
            data_hashes: BTreeMap::new(),
            test_accuracy: None,
            test_reconstruction: None,
        }
    }
}

/// A network and everything stored with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The weights.
    pub parameters: Parameters,
    /// What they are.
    pub metadata: Metadata,
    /// What the detectors learned from clean validation images; empty if they have not seen any.
    pub calibration: Calibration,
}

/// Why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be opened or read.
    #[error(transparent)]
    File(#[from] robust_data::Error),
    /// The file could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a style-memory network.
    #[error(
        "{name}: {}; expected a style-memory network in safetensors, as `robust train` writes it",
        shortened(reason)
    )]
    Format {
        /// The file or embedded network.
        name: String,
        /// What was found.
        reason: String,
    },
    /// The file is not the state of a training run.
    #[error(
        "{name}: {}; expected the state of a training run, as `robust train` leaves it: remove the file to train anew",
        shortened(reason)
    )]
    State {
        /// The file.
        name: String,
        /// What was found.
        reason: String,
    },
}

/// A reason without the middle of a long quotation.
fn shortened(reason: &str) -> String {
    let start = reason.char_indices().nth(LONGEST_REASON);
    let end = reason.char_indices().rev().nth(LONGEST_REASON);
    match (start, end) {
        (Some((start, _)), Some((end, _))) if start < end => format!("{}...{}", &reason[..start], &reason[end..]),
        _ => reason.to_owned(),
    }
}

impl Checkpoint {
    /// Reads a checkpoint file.
    ///
    /// # Errors
    /// [`CheckpointError::File`] or, for anything that is not a complete finite network, [`CheckpointError::Format`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        Self::from_bytes(&path.display().to_string(), &Self::read_bytes(path)?)
    }

    /// The bytes of a file that may be a checkpoint, for [`from_bytes`](Self::from_bytes).
    ///
    /// # Errors
    /// [`CheckpointError::File`], also if the file is far too large.
    pub fn read_bytes(path: &Path) -> Result<Vec<u8>, CheckpointError> {
        Ok(read_file(path, LARGEST_FILE)?)
    }

    /// Reads a checkpoint from memory; `name` stands for it in errors.
    ///
    /// # Errors
    /// [`CheckpointError::Format`] for anything that is not a complete finite network.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, CheckpointError> {
        parse(bytes).map_err(|reason| CheckpointError::Format { name: name.into(), reason })
    }

    /// Writes a checkpoint so that the file is either the old one or the whole new one.
    ///
    /// # Errors
    /// [`CheckpointError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let name = path.display().to_string();
        let bytes = self.to_bytes().map_err(|reason| CheckpointError::Format { name, reason })?;
        crate::files::write_whole(path, |file| file.write_all(&bytes))
            .map_err(|source| CheckpointError::Io { path: path.into(), source })?;
        Ok(())
    }

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let specs = self.parameters.layout().tensors().iter();
        let weights = specs
            .zip(self.parameters.slices())
            .map(|(spec, values)| (spec.name.clone(), spec.shape.clone(), values, Precision::of(values)));
        let single = Precision::Single;
        let scores = self.calibration.scores.iter();
        let scores =
            scores.map(|(id, scores)| (format!("{SCORES_PREFIX}{id}"), vec![scores.len()], &scores[..], single));
        let fits = self.calibration.fits.iter().flat_map(|(id, fit)| {
            let name = move |name: &str| format!("{FIT_PREFIX}{id}.{name}");
            fit.arrays().map(move |(array, Array { shape, values })| (name(array), shape.clone(), &values[..], single))
        });
        let tensors: Vec<_> = weights.chain(scores).chain(fits).collect();
        tensor_file::encode(&tensors, METADATA_KEY, &self.metadata)
    }
}

fn parse(bytes: &[u8]) -> Result<Checkpoint, String> {
    let file = TensorFile::parse(bytes)?;
    let (shape, _) = file.tensor("encoder.classifier.weight")?;
    let classes = match shape[..] {
        [classes @ 2..=1000, 128] => classes,
        _ => return Err(format!("encoder.classifier.weight has shape {shape:?}, not [K, 128] with K from 2 to 1000")),
    };

    let mut parameters = Parameters::zeros(classes);
    for spec in parameters.layout().tensors().to_vec() {
        let values = file.tensor_of_shape(&spec.name, &spec.shape)?;
        parameters.values_mut()[spec.offset..spec.offset + spec.len()].copy_from_slice(&values);
    }

    let mut calibration = Calibration::default();
    for name in file.names() {
        if let Some(id) = name.strip_prefix(SCORES_PREFIX) {
            let (_, scores) = file.tensor(name)?;
            if !scores.is_sorted() || scores.is_empty() {
                return Err(format!("{name} is not a sorted list of scores"));
            }
            calibration.scores.insert(id.to_owned(), scores);
        }
        if let Some((id, array)) = name.strip_prefix(FIT_PREFIX).and_then(|name| name.split_once('.')) {
            let (shape, values) = file.tensor(name)?;
            let fit = calibration.fits.remove(id).unwrap_or_default();
            calibration.fits.insert(id.to_owned(), fit.with(array, shape, values));
        }
    }

    let metadata = file.document(METADATA_KEY)?.unwrap_or_else(|| Metadata::unknown(classes));
    let Metadata { format_version, classes: named, styles, ref class_names, .. } = metadata;
    if format_version != FORMAT_VERSION {
        return Err(format!("format version {format_version}, and this build reads {FORMAT_VERSION}"));
    }
    if (named, class_names.len(), styles) != (classes, classes, STYLES) {
        return Err(format!(
            "metadata of {named} classes, {} names and {styles} styles beside weights of {classes} and {STYLES}",
            class_names.len()
        ));
    }
    if let Some(name) = [&metadata.dataset].into_iter().chain(class_names).find(|name| is_long(name)) {
        return Err(format!("a name of {} characters in its metadata, more than {LONGEST_NAME}", name.chars().count()));
    }
    Ok(Checkpoint { parameters, metadata, calibration })
}

fn is_long(name: &str) -> bool {
    name.chars().nth(LONGEST_NAME).is_some()
}

#[cfg(test)]
mod tests {
    use robust_detectors::Fit;

    use super::*;

    fn checkpoint() -> Checkpoint {
        let calibration = Calibration {
            scores: BTreeMap::from([("msp".to_owned(), vec![-2.0, 0.5]), ("cycle".to_owned(), vec![0.0])]),
            fits: BTreeMap::from([
                (
                    "a-b".to_owned(),
                    Fit::default().with("mean", vec![1, 2], vec![1.0, 2.0]).with("c.d", vec![1], vec![3.0]),
                ),
                ("a".to_owned(), Fit::default().with("mean", vec![0], vec![])),
            ]),
        };
        Checkpoint { parameters: Parameters::random(3, 1), metadata: Metadata::unknown(3), calibration }
    }

    fn spoil(fits: &mut BTreeMap<String, Fit>) {
        fits.insert("a".to_owned(), Fit::default().with("mean", vec![1], vec![f32::NAN]));
    }

    fn spoil_long(scores: &mut BTreeMap<String, Vec<f32>>) {
        scores.insert("x".repeat(100_000), vec![f32::NAN]);
    }

    #[test]
    fn a_checkpoint_survives_its_file_and_gives_the_same_bytes() {
        let checkpoint = checkpoint();
        let bytes = checkpoint.to_bytes().unwrap();
        assert_eq!(bytes, checkpoint.to_bytes().unwrap());
        assert_eq!(Checkpoint::from_bytes("memory", &bytes).unwrap(), checkpoint);
    }

    #[test]
    fn half_matrices_take_half_the_place_and_come_back_as_they_were() {
        use safetensors::{Dtype, SafeTensors};

        let single = checkpoint();
        let half = Checkpoint { parameters: single.parameters.clone().with_half_matrices(), ..checkpoint() };
        let (bytes, singles) = (half.to_bytes().unwrap(), single.to_bytes().unwrap());
        // But for the header, which names places in fewer or more digits.
        assert!((singles.len() - bytes.len()).abs_diff(2 * 2 * 256 * 3136) < 1000);
        assert_eq!(Checkpoint::from_bytes("memory", &bytes).unwrap(), half);
        for (bytes, large) in [(&bytes, Dtype::F16), (&singles, Dtype::F32)] {
            let tensors = SafeTensors::deserialize(bytes).unwrap();
            for (name, view) in tensors.tensors() {
                let is_large = ["encoder.fc1.weight", "decoder.fc0.weight"].contains(&name.as_str());
                assert_eq!(view.dtype(), if is_large { large } else { Dtype::F32 }, "{name}");
            }
        }
    }

    #[test]
    fn broken_files_are_named_with_what_was_found() {
        let whole = checkpoint().to_bytes().unwrap();
        let changed = |change: &dyn Fn(&mut Checkpoint)| {
            let mut checkpoint = checkpoint();
            change(&mut checkpoint);
            checkpoint.to_bytes().unwrap()
        };
        for (bytes, found) in [
            (Vec::new(), "not safetensors"),
            (whole[..whole.len() - 1].to_vec(), "not safetensors"),
            ([&whole[..], b"x"].concat(), "not safetensors"),
            (changed(&|c| c.parameters.values_mut()[0] = f32::NAN), "encoder.conv1.weight holds NaN"),
            (changed(&|c| c.metadata.format_version = 9), "format version 9"),
            (changed(&|c| c.metadata.classes = 4), "metadata of 4 classes"),
            (changed(&|c| c.calibration.scores.get_mut("msp").unwrap().reverse()), "calibration.msp is not a sorted"),
            (changed(&|c| spoil(&mut c.calibration.fits)), "fit.a.mean holds NaN"),
            (
                changed(&|c| c.calibration.scores.get_mut("msp").unwrap()[1] = f32::INFINITY),
                "calibration.msp holds inf",
            ),
            (changed(&|c| c.calibration.scores.get_mut("msp").unwrap().clear()), "calibration.msp is not a sorted"),
            (changed(&|c| c.metadata.class_names = vec![String::new(); 1_000_000]), "1000000 names"),
            (changed(&|c| c.metadata.class_names[2] = "x".repeat(300)), "a name of 300 characters"),
            (changed(&|c| c.metadata.dataset = "x".repeat(1_000_000)), "a name of 1000000 characters"),
            (changed(&|c| spoil_long(&mut c.calibration.scores)), "calibration.xxx"),
        ] {
            let message = Checkpoint::from_bytes("a.safetensors", &bytes).unwrap_err().to_string();
            assert!(message.starts_with("a.safetensors: ") && message.contains(found), "{message}");
            assert!(message.len() < 500, "{} bytes", message.len());
        }
    }
}
