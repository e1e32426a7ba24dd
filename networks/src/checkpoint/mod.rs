//! What a checkpoint holds of a network: its weights with PyTorch's shapes, what one must know to use them, and named arrays that are
//! not interpreted here.
//!
//! A tensor of weights that are all f16 (see [`Parameters::with_half_matrices`]) is stored as f16, others as f32: no weight changes on its
//! way through a file. Arrays are always f32. The metadata lies as one JSON document under the single key `robust`, so that the
//! same network always gives the same bytes. Bytes with the weights but no metadata (exported from PyTorch, say) are read
//! too: classes are then named by their number. Which files there are is not known here.

mod metadata;

use std::collections::BTreeMap;

use half::f16;

pub use self::metadata::Metadata;
use crate::parameters::Parameters;
use crate::style_memory_layers::CLASSIFIER;
use crate::style_memory_spec::{MOST_CLASSES, StyleMemorySpec};
use crate::tensor_file::{self, Precision, TensorFile};

const METADATA_KEY: &str = "robust";

/// Shape and values of an array.
pub type Array = (Vec<usize>, Vec<f32>);

/// All that a checkpoint holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// The weights.
    pub parameters: Parameters,
    /// What they are.
    pub metadata: Metadata,
    /// Whatever else there is, by name.
    pub arrays: BTreeMap<String, Array>,
}

impl Contents {
    /// Reads the bytes of a checkpoint; of the arrays those whose name begins with one of `prefixes`.
    ///
    /// # Errors
    /// What is wrong with bytes that are not a complete finite network.
    pub fn from_bytes(bytes: &[u8], prefixes: &[&str]) -> Result<Self, String> {
        let file = TensorFile::parse(bytes)?;
        let metadata: Option<Metadata> = file.document(METADATA_KEY)?;
        let spec = match metadata.as_ref().and_then(|metadata| metadata.network.clone()) {
            Some(spec) => spec.fitting(bytes.len() / size_of::<f16>())?,
            None => StyleMemorySpec::paper(classes(&file)?),
        };

        let mut parameters = Parameters::zeros(spec);
        for slot in parameters.layout().tensors().to_vec() {
            let values = file.tensor_of_shape(&slot.name, &slot.shape)?;
            parameters.values_mut()[slot.range()].copy_from_slice(&values);
        }
        let is_asked_for = |name: &&str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let names = file.names().into_iter().filter(is_asked_for);
        let arrays = names.map(|name| Ok((name.to_owned(), file.tensor(name)?))).collect::<Result<_, String>>()?;

        let metadata = metadata.unwrap_or_else(|| Metadata::unknown(parameters.spec()));
        metadata.check(parameters.spec())?;
        Ok(Self { parameters, metadata, arrays })
    }

    /// The bytes of a checkpoint.
    ///
    /// # Errors
    /// If the library refuses them.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let slots = self.parameters.layout().tensors().iter().zip(self.parameters.slices());
        let weights =
            slots.map(|(slot, values)| (slot.name.clone(), slot.shape.clone(), values, Precision::of(values)));
        let arrays = self
            .arrays
            .iter()
            .map(|(name, (shape, values))| (name.clone(), shape.clone(), &values[..], Precision::Single));
        tensor_file::encode(&weights.chain(arrays).collect::<Vec<_>>(), METADATA_KEY, &self.metadata)
    }
}

/// How many labels the paper's network has, by its weights.
fn classes(file: &TensorFile) -> Result<usize, String> {
    let (name, paper) = (format!("{CLASSIFIER}.weight"), StyleMemorySpec::paper(2));
    let (shape, _) = file.tensor(&name)?;
    let [_, narrow] = paper.hidden;
    match shape[..] {
        [classes, width] if width == narrow && (2..=MOST_CLASSES).contains(&classes) => Ok(classes),
        _ => Err(format!("{name} has shape {shape:?}, not [K, {narrow}] with K from 2 to {MOST_CLASSES}")),
    }
}

#[cfg(test)]
mod tests {
    use safetensors::{Dtype, SafeTensors};

    use super::*;

    fn contents() -> Contents {
        contents_of(&StyleMemorySpec::paper(3))
    }

    fn contents_of(spec: &StyleMemorySpec) -> Contents {
        let parameters = Parameters::random(spec.clone(), 1);
        let arrays =
            [("a.one", (vec![2], vec![-2.0, 0.5])), ("b.two", (vec![1, 1], vec![0.25])), ("a.", (vec![0], vec![]))];
        let arrays = arrays.map(|(name, array)| (name.to_owned(), array)).into();
        Contents { parameters, metadata: Metadata::unknown(spec), arrays }
    }

    #[test]
    fn contents_survive_and_give_the_same_bytes() {
        let mut contents = contents();
        let bytes = contents.to_bytes().unwrap();
        assert_eq!(bytes, contents.to_bytes().unwrap());
        assert_eq!(Contents::from_bytes(&bytes, &["a.", "b.two"]).unwrap(), contents);
        contents.arrays.retain(|name, _| name.starts_with("a."));
        assert_eq!(Contents::from_bytes(&bytes, &["a."]).unwrap(), contents);
    }

    #[test]
    fn another_network_is_read_as_the_one_that_was_written() {
        let rule = StyleMemorySpec::new([3, 12, 20], 4);
        let chosen = StyleMemorySpec { channels: vec![5, 6, 7], hidden: [40, 9], styles: 3, ..rule.clone() };
        for spec in [&rule, &chosen] {
            let contents = contents_of(spec);
            let bytes = contents.to_bytes().unwrap();
            assert_eq!(Contents::from_bytes(&bytes, &["a.", "b."]).unwrap(), contents);
            let mut other = contents_of(spec);
            other.metadata.network = Some(StyleMemorySpec { styles: spec.styles + 1, ..spec.clone() });
            let message = Contents::from_bytes(&other.to_bytes().unwrap(), &[]).unwrap_err();
            assert!(message.contains("encoder.style.weight has shape"), "{message}");
        }
        let paper = contents().to_bytes().unwrap();
        assert!(!String::from_utf8_lossy(&paper).contains("channels"), "the paper's network needs no description");
    }

    #[test]
    fn half_matrices_take_half_the_place_and_come_back_as_they_were() {
        let single = contents();
        let half = Contents { parameters: single.parameters.clone().with_half_matrices(), ..contents() };
        let (bytes, singles) = (half.to_bytes().unwrap(), single.to_bytes().unwrap());
        // But for the header, which names places in fewer or more digits.
        assert!((singles.len() - bytes.len()).abs_diff(2 * 2 * 256 * 3136) < 1000);
        assert_eq!(Contents::from_bytes(&bytes, &["a.", "b."]).unwrap(), half);
        for (bytes, large) in [(&bytes, Dtype::F16), (&singles, Dtype::F32)] {
            let tensors = SafeTensors::deserialize(bytes).unwrap();
            for (name, view) in tensors.tensors() {
                let is_large = ["encoder.fc1.weight", "decoder.fc0.weight"].contains(&name.as_str());
                assert_eq!(view.dtype(), if is_large { large } else { Dtype::F32 }, "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_network_is_said() {
        let whole = contents().to_bytes().unwrap();
        let spec = |input, classes, channels| StyleMemorySpec {
            channels: vec![channels],
            ..StyleMemorySpec::new(input, classes)
        };
        let changed = |change: &dyn Fn(&mut Contents)| {
            let mut contents = contents();
            change(&mut contents);
            contents.to_bytes().unwrap()
        };
        for (bytes, found) in [
            (Vec::new(), "not safetensors"),
            (whole[..whole.len() - 1].to_vec(), "not safetensors"),
            ([&whole[..], b"x"].concat(), "not safetensors"),
            (changed(&|c| c.parameters.values_mut()[0] = f32::NAN), "encoder.conv1.weight holds NaN"),
            (changed(&|c| c.metadata.format_version = 9), "format version 9"),
            (changed(&|c| c.metadata.network = Some(spec([3, 8, 8], 3, 32))), "encoder.conv1.weight has shape"),
            (changed(&|c| c.metadata.network = Some(spec([1, 28, 28], 3, 200))), "weights in a file of"),
            (changed(&|c| c.metadata.network = Some(spec([1, 28, 28], 3, 16_384))), "whose sizes are absurd"),
            (changed(&|c| c.metadata.network = Some(spec([1, 28, 28], 3, 1 << 40))), "a side of 1099511627776"),
            (changed(&|c| c.metadata.network = Some(spec([1, 0, 28], 3, 32))), "a side of 0"),
            (changed(&|c| c.metadata.network = Some(spec([1, 28, 28], 1001, 32))), "1001 classes"),
            (changed(&|c| c.metadata.classes = 4), "metadata of 4 classes"),
            (changed(&|c| c.metadata.class_names = vec![String::new(); 1_000_000]), "1000000 names"),
            (changed(&|c| c.metadata.class_names[2] = "x".repeat(300)), "a name of 300 characters"),
            (changed(&|c| c.metadata.dataset = "x".repeat(1_000_000)), "a name of 1000000 characters"),
            (changed(&|c| drop(c.arrays.insert("a.b".to_owned(), (vec![1], vec![f32::NAN])))), "a.b holds NaN"),
        ] {
            let message = Contents::from_bytes(&bytes, &["a."]).unwrap_err();
            assert!(message.contains(found), "{message}");
        }
    }
}
