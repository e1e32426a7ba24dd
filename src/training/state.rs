//! What a training run must remember to go on after an interruption as if nothing had happened.
//!
//! Written after every epoch beside the checkpoint. Within an epoch nothing needs storing: shuffling, noise and label
//! feeding are functions of the seed, the epoch and the image.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use robust_data::read_file;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::difference::{Difference, differences};
use super::{Adam, Configuration, EpochRecord};
use crate::checkpoint::{CheckpointError, LARGEST_STATE};
use robust_networks::tensor_file::{self, Precision, TensorFile};
use robust_networks::{Parameters, StyleMemorySpec};

/// What a run is made from besides its configuration. It decides the weights too, so a resumed run must have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the dataset.
    pub dataset: String,
    /// The network that is trained.
    pub network: StyleMemorySpec,
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
    /// A run that has not started.
    #[must_use]
    pub fn fresh(configuration: Configuration, provenance: Provenance) -> Self {
        let parameters = Parameters::random(provenance.network.clone(), configuration.seed);
        let adam = Adam::new(parameters.values().len());
        Self { configuration, provenance, parameters, adam, history: Vec::new() }
    }

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
        crate::files::write_whole(path, |target| target.write_all(&file))
            .map_err(|source| CheckpointError::Io { path: path.into(), source })?;
        Ok(())
    }

    /// Reads a state that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// [`CheckpointError::Io`] or, for anything that is no such state, [`CheckpointError::State`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = read_file(path, LARGEST_STATE)?;
        parse(&bytes).map_err(|reason| CheckpointError::State { name: path.display().to_string(), reason })
    }

    /// In which settings this run differs from one that is asked for; none if it is the same.
    #[must_use]
    pub fn differences(&self, configuration: &Configuration, provenance: &Provenance) -> Vec<Difference> {
        let mut found = differences(&json!(self.configuration), &json!(configuration));
        found.extend(differences(&json!(self.provenance), &json!(provenance)));
        found
    }
}

fn parse(bytes: &[u8]) -> Result<TrainingState, String> {
    let file = TensorFile::parse(bytes)?;
    let document: Document = file.document(KEY)?.ok_or("it has no metadata")?;
    let Document { configuration, provenance, adam_steps, history } = document;
    let network = provenance.network.clone().fitting(bytes.len() / (TENSORS.len() * size_of::<f32>()))?;
    if history.len() > configuration.epochs {
        return Err(format!("{} epochs are done of {} that were asked for", history.len(), configuration.epochs));
    }
    let mut parameters = Parameters::zeros(network);
    let mut adam = Adam::new(parameters.values().len());
    adam.steps = adam_steps;
    for (name, target) in TENSORS.iter().zip([parameters.values_mut(), &mut adam.first, &mut adam.second]) {
        target.copy_from_slice(&file.tensor_of_shape(name, &[target.len()])?);
    }
    if let Some(moment) = adam.second.iter().find(|moment| **moment < 0.0) {
        return Err(format!("adam.second_moment holds {moment}"));
    }
    Ok(TrainingState { configuration, provenance, parameters, adam, history })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::training::Preset;

    #[test]
    fn a_broken_state_is_named_with_what_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let network = StyleMemorySpec::paper(2);
        let provenance =
            Provenance { dataset: "set".into(), network, images: 9, data_hashes: BTreeMap::new(), threads: 1 };
        let fresh = || TrainingState::fresh(Configuration::new(Preset::Default, 1), provenance.clone());
        let changed = |change: &dyn Fn(&mut TrainingState)| {
            let mut state = fresh();
            change(&mut state);
            state.write(&path).unwrap();
            std::fs::read(&path).unwrap()
        };
        let record = |epoch| EpochRecord {
            epoch,
            learning_rate: 1e-3,
            loss: 1.0,
            cross_entropy: 1.0,
            reconstruction: 1.0,
            validation_accuracy: 1.0,
            validation_reconstruction: 1.0,
            swap: 0.0,
            style_consistency: 0.0,
            contrast: 0.0,
        };
        let whole = changed(&|_| ());
        assert_eq!(TrainingState::read(&path).unwrap(), fresh());
        let network = Checkpoint {
            parameters: Parameters::zeros(StyleMemorySpec::paper(2)),
            metadata: crate::checkpoint::Metadata::unknown(&StyleMemorySpec::paper(2)),
            calibration: Default::default(),
        };
        for (bytes, found) in [
            (whole[..whole.len() / 2].to_vec(), "not safetensors"),
            (Vec::new(), "not safetensors"),
            (network_bytes(&network, &path), "it has no metadata"),
            (changed(&|state| state.parameters.values_mut()[3] = f32::NAN), "parameters holds NaN"),
            (changed(&|state| state.adam.first[3] = f32::INFINITY), "adam.first_moment holds inf"),
            (changed(&|state| state.adam.second[3] = f32::NAN), "adam.second_moment holds NaN"),
            (changed(&|state| state.adam.second[3] = -1.0), "adam.second_moment holds -1"),
            (changed(&|state| state.provenance.network.styles = 15), "parameters has shape"),
            (changed(&|state| state.provenance.network.classes = 1), "1 classes"),
            (changed(&|state| state.provenance.network.hidden = [1999; 2]), "weights in a file of"),
            (changed(&|state| state.history = (1..=31).map(record).collect()), "31 epochs are done of 30"),
            (changed(&|state| state.history = vec![EpochRecord { loss: f64::NAN, ..record(1) }]), "expected f64"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let message = TrainingState::read(&path).unwrap_err().to_string();
            assert!(message.starts_with(&path.display().to_string()) && message.contains(found), "{message}");
            assert!(message.contains("expected the state of a training run") && message.len() < 600, "{message}");
        }
    }

    fn network_bytes(network: &Checkpoint, path: &Path) -> Vec<u8> {
        network.write(path).unwrap();
        std::fs::read(path).unwrap()
    }
}
