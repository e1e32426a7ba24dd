//! Reading and writing a network's file: its weights and metadata ([`Contents`]) together with the calibration of each detector. A file
//! without is a network that is not calibrated.

use std::io::Write;
use std::path::{Path, PathBuf};

use robust_data::read_file;
use robust_networks::checkpoint::Contents;
use robust_networks::{MOST_WEIGHTS, Parameters};

use crate::calibration_arrays::{PREFIXES, arrays, calibration};
use crate::evaluation::Calibration;

pub use robust_networks::checkpoint::Metadata;

/// Bytes beside the weights: metadata, and what detectors learned.
const BESIDE: u64 = 64 << 20;
/// A file larger than the largest network is something else.
const LARGEST_FILE: u64 = BESIDE + 4 * MOST_WEIGHTS as u64;
/// The same of a state of a training, which holds Adam's two moments besides.
pub(crate) const LARGEST_STATE: u64 = BESIDE + 12 * MOST_WEIGHTS as u64;
/// Characters of a reason, which may quote the file, at its beginning and at its end.
const LONGEST_REASON: usize = 120;

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
        let wrong = |reason| CheckpointError::Format { name: name.into(), reason };
        let contents = Contents::from_bytes(bytes, &PREFIXES).map_err(wrong)?;
        let Contents { parameters, metadata, arrays } = contents;
        Ok(Self { parameters, metadata, calibration: calibration(arrays).map_err(wrong)? })
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
        let Self { parameters, metadata, calibration } = self.clone();
        Contents { parameters, metadata, arrays: arrays(calibration) }.to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use robust_detectors::Fit;
    use robust_networks::StyleMemorySpec;

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
        let parameters = Parameters::random(StyleMemorySpec::paper(3), 1);
        Checkpoint { parameters, metadata: Metadata::unknown(&StyleMemorySpec::paper(3)), calibration }
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
    fn broken_files_are_named_with_what_was_found() {
        let changed = |change: &dyn Fn(&mut Checkpoint)| {
            let mut checkpoint = checkpoint();
            change(&mut checkpoint);
            checkpoint.to_bytes().unwrap()
        };
        for (bytes, found) in [
            (Vec::new(), "not safetensors"),
            (changed(&|c| c.parameters.values_mut()[0] = f32::NAN), "encoder.conv1.weight holds NaN"),
            (changed(&|c| c.calibration.scores.get_mut("msp").unwrap().reverse()), "calibration.msp is not a sorted"),
            (changed(&|c| spoil(&mut c.calibration.fits)), "fit.a.mean holds NaN"),
            (
                changed(&|c| c.calibration.scores.get_mut("msp").unwrap()[1] = f32::INFINITY),
                "calibration.msp holds inf",
            ),
            (changed(&|c| c.calibration.scores.get_mut("msp").unwrap().clear()), "calibration.msp is not a sorted"),
            (changed(&|c| c.metadata.dataset = "x".repeat(1_000_000)), "a name of 1000000 characters"),
            (changed(&|c| spoil_long(&mut c.calibration.scores)), "calibration.xxx"),
        ] {
            let message = Checkpoint::from_bytes("a.safetensors", &bytes).unwrap_err().to_string();
            assert!(message.starts_with("a.safetensors: ") && message.contains(found), "{message}");
            assert!(message.len() < 500, "{} bytes", message.len());
        }
    }
}
