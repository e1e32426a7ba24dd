//! What a training run must remember to go on after an interruption as if nothing had happened.
//!
//! Written after every epoch beside the checkpoint. Within an epoch nothing needs storing: shuffling, noise and label
//! feeding are functions of the seed, the epoch and the image.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Adam, Configuration, EpochRecord};
use crate::network::tensor_file::{self, Precision, TensorFile};
use crate::network::{Checkpoint, CheckpointError, Parameters};

/// What a run is made from besides its configuration. It decides the weights too, so a resumed run must have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the dataset.
    pub dataset: String,
    /// Number of labels, `K`.
    pub classes: usize,
    /// Number of training images, the first of the split.
    pub images: usize,
    /// SHA-256 of the data files, by name.
    pub data_hashes: BTreeMap<String, String>,
    /// Threads, which decide the order in which gradients are summed.
    pub threads: usize,
}

/// Weights, optimiser, configuration and history after some number of epochs.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingState {
    /// How the run was started; a resumed run must have the same.
    pub configuration: Configuration,
    /// What it is made from.
    pub provenance: Provenance,
    /// The weights.
    pub parameters: Parameters,
    /// The optimiser.
    pub adam: Adam,
    /// A record per finished epoch.
    pub history: Vec<EpochRecord>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    configuration: Configuration,
    provenance: Provenance,
    adam_steps: u64,
    history: Vec<EpochRecord>,
}

const KEY: &str = "robust-training-state";
const TENSORS: [&str; 3] = ["parameters", "adam.first_moment", "adam.second_moment"];

impl TrainingState {
    /// Finished epochs.
    #[must_use]
    pub fn epochs_done(&self) -> usize {
        self.history.len()
    }

    /// Writes the state so that the file is either the old one or the whole new one.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let format = |reason: String| CheckpointError::Format { name: path.display().to_string(), reason };
        let document = Document {
            configuration: self.configuration.clone(),
            provenance: self.provenance.clone(),
            adam_steps: self.adam.steps,
            history: self.history.clone(),
        };
        let buffers = [self.parameters.values(), &self.adam.first, &self.adam.second];
        let tensors: Vec<_> = TENSORS
            .iter()
            .zip(buffers)
            .map(|(name, values)| (name.to_string(), vec![values.len()], values, Precision::Single))
            .collect();
        let file = tensor_file::encode(&tensors, KEY, &document).map_err(format)?;
        crate::report::write_atomically(path, |target| target.write_all(&file))
            .map_err(|source| CheckpointError::Io { path: path.into(), source })
    }

    /// Reads a state that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        parse(&Checkpoint::read_bytes(path)?).map_err(|reason| CheckpointError::Format {
            name: path.display().to_string(),
            reason: format!("not the state of a training run ({reason})"),
        })
    }
}

fn parse(bytes: &[u8]) -> Result<TrainingState, String> {
    let file = TensorFile::parse(bytes)?;
    let document: Document = file.document(KEY)?.ok_or("it has no metadata")?;
    let Document { configuration, provenance, adam_steps, history } = document;
    if !(2..=1000).contains(&provenance.classes) {
        return Err(format!("{} classes", provenance.classes));
    }
    let mut parameters = Parameters::zeros(provenance.classes);
    let mut adam = Adam::new(parameters.values().len());
    adam.steps = adam_steps;
    for (name, target) in TENSORS.iter().zip([parameters.values_mut(), &mut adam.first, &mut adam.second]) {
        target.copy_from_slice(&file.tensor_of_shape(name, &[target.len()])?);
    }
    Ok(TrainingState { configuration, provenance, parameters, adam, history })
}
