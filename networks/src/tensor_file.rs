//! safetensors files of f32 tensors with one JSON document of metadata, in memory. Tensors may be stored as f16; they are f32
//! again on reading.
//!
//! One document rather than many metadata entries: the library keeps entries in a hash map, whose order would change the
//! bytes from run to run.

use std::collections::HashMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How the values of a tensor are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As f32.
    Single,
    /// As the nearest f16.
    Half,
}

impl Precision {
    /// Half if that loses nothing.
    pub fn of(values: &[f32]) -> Self {
        if values.iter().all(|&value| f16::from_f32(value).to_f32() == value) { Self::Half } else { Self::Single }
    }
}

/// Name, shape, values and precision of a tensor to write.
pub type Entry<'a> = (String, Vec<usize>, &'a [f32], Precision);

/// The bytes of a file with `tensors` and `document` under `key`.
pub fn encode(tensors: &[Entry], key: &str, document: &impl Serialize) -> Result<Vec<u8>, String> {
    let document = serde_json::to_string(document).map_err(|error| error.to_string())?;
    let stored = |(_, _, values, precision): &Entry| -> (Dtype, Vec<u8>) {
        match precision {
            Precision::Single => (Dtype::F32, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            Precision::Half => {
                (Dtype::F16, values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect())
            }
        }
    };
    let buffers: Vec<(Dtype, Vec<u8>)> = tensors.iter().map(stored).collect();
    let views = tensors
        .iter()
        .zip(&buffers)
        .map(|((name, shape, ..), (dtype, bytes))| Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| error.to_string())?;
    safetensors::serialize(views, Some(HashMap::from([(key.to_owned(), document)]))).map_err(|error| error.to_string())
}

/// A parsed file.
pub struct TensorFile<'a> {
    tensors: SafeTensors<'a>,
    metadata: Option<HashMap<String, String>>,
}

impl<'a> TensorFile<'a> {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// What is wrong with them; so do the others.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let not_safetensors = |error| format!("not safetensors ({error})");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(not_safetensors)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
        Ok(Self { tensors, metadata: header.metadata().clone() })
    }

    /// Names of all tensors.
    pub fn names(&self) -> Vec<&str> {
        self.tensors.names()
    }

    /// The document under `key`, if there is one.
    pub fn document<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, String> {
        let text = self.metadata.as_ref().and_then(|map| map.get(key));
        let document = text.map(|text| serde_json::from_str(text)).transpose();
        document.map_err(|error| format!("its metadata cannot be read ({error})"))
    }

    /// Shape and values of a tensor that must be there, be f32 or f16 and be finite.
    pub fn tensor(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), String> {
        let view = self.tensors.tensor(name).map_err(|_| format!("no tensor named {name}"))?;
        let values: Vec<f32> = match view.dtype() {
            Dtype::F32 => view.data().as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect(),
            Dtype::F16 => view.data().as_chunks().0.iter().map(|word| f16::from_le_bytes(*word).to_f32()).collect(),
            other => return Err(format!("{name} is {other:?}, neither F32 nor F16")),
        };
        match values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(format!("{name} holds {value}")),
            None => Ok((view.shape().to_vec(), values)),
        }
    }

    /// The values of a tensor that must have `shape`.
    pub fn tensor_of_shape(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let (found, values) = self.tensor(name)?;
        if found != shape {
            return Err(format!("{name} has shape {found:?}, not {shape:?}"));
        }
        Ok(values)
    }
}
