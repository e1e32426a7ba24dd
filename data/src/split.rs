//! A split of a dataset: images with labels, in file order.

use std::{borrow::Borrow, fmt, str::FromStr};

use candle_core::{Device, Tensor};

use crate::{Error, PIXELS, images::gather, pixel};

/// Which part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SplitName {
    /// The training file without the validation images.
    Train,
    /// Images held out of the training file, for choosing and for thresholds.
    Validation,
    /// The test file.
    Test,
}

impl fmt::Display for SplitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

impl FromStr for SplitName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "train" => Ok(Self::Train),
            "validation" => Ok(Self::Validation),
            "test" => Ok(Self::Test),
            _ => Err(Error::UnknownSplit(name.to_owned())),
        }
    }
}

/// `N` grey images of 28x28 pixels, upright, u8 as stored in the files, with labels from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    name: SplitName,
    pixels: Vec<u8>,
    labels: Vec<u8>,
    indices: Vec<u64>,
}

impl Split {
    /// As many images as labels; [`crate::Dataset`] sees to that.
    pub(crate) fn new(name: SplitName, pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        debug_assert_eq!(pixels.len(), labels.len() * PIXELS);
        let indices = (0..labels.len() as u64).collect();
        Self { name, pixels, labels, indices }
    }

    /// Which split this is, or is a part of.
    #[must_use]
    pub fn name(&self) -> SplitName {
        self.name
    }

    /// How many images, `N`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// `N` labels, from 0.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// `N` times 784 bytes, image by image, row by row; 0 is paper, 255 is ink.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The position of each image in the whole split, from 0: what a slice keeps of where it came from.
    #[must_use]
    pub fn indices(&self) -> &[u64] {
        &self.indices
    }

    /// The images at `rows` (a range, or a slice of positions) as a tensor `(B, 1, 28, 28)`, f32 in [0, 1]: the byte
    /// divided by 255 in f32.
    ///
    /// # Errors
    /// A row that is not there; whatever candle reports.
    pub fn image_tensor(
        &self,
        rows: impl IntoIterator<Item = impl Borrow<usize>>,
        device: &Device,
    ) -> Result<Tensor, Error> {
        gather(&self.pixels, rows, device, pixel)
    }

    /// Skips `offset` images and keeps at most `limit`, in file order. Indices stay those of the whole split.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn slice(mut self, offset: usize, limit: Option<usize>) -> Result<Self, Error> {
        let len = self.len();
        let end = limit.map_or(len, |limit| offset.saturating_add(limit).min(len));
        if offset >= end {
            return Err(Error::EmptySlice { split: self.name, offset, limit, len });
        }
        keep(&mut self.pixels, offset * PIXELS, end * PIXELS);
        keep(&mut self.labels, offset, end);
        keep(&mut self.indices, offset, end);
        Ok(self)
    }
}

/// Reduces `values` to `start..end`, in place.
fn keep<T>(values: &mut Vec<T>, start: usize, end: usize) {
    values.truncate(end);
    values.drain(..start);
    values.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(len: u8) -> Split {
        let pixels = (0..len).flat_map(|image| [image; PIXELS]).collect();
        Split::new(SplitName::Test, pixels, (0..len).collect())
    }

    #[test]
    fn a_slice_keeps_images_labels_and_indices_together() {
        for (offset, limit, expected) in
            [(0, None, 0..10), (3, None, 3..10), (0, Some(4), 0..4), (8, Some(usize::MAX), 8..10), (9, Some(1), 9..10)]
        {
            let slice = numbered(10).slice(offset, limit).unwrap();
            assert_eq!(slice.labels(), expected.clone().collect::<Vec<u8>>());
            assert_eq!(slice.indices(), expected.clone().map(u64::from).collect::<Vec<_>>());
            assert_eq!(slice.pixels(), expected.flat_map(|image| [image; PIXELS]).collect::<Vec<_>>());
        }
        for (offset, limit) in [(10, None), (usize::MAX, Some(2)), (0, Some(0))] {
            let error = numbered(10).slice(offset, limit).unwrap_err();
            assert!(error.to_string().contains("none of the 10 images of split test"), "{error}");
        }
    }

    #[test]
    fn tensors_hold_the_byte_over_255_for_ranges_and_for_positions() {
        let split = Split::new(SplitName::Test, (0..PIXELS * 2).map(|i| (i % 256) as u8).collect(), vec![0, 1]);
        let tensor = split.image_tensor(0..2, &Device::Cpu).unwrap();
        assert_eq!(tensor.dims(), [2, 1, 28, 28]);
        let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(values.iter().zip(split.pixels()).all(|(&value, &byte)| value == f32::from(byte) / 255.0));
        let picked = split.image_tensor([1, 0, 1].as_slice(), &Device::Cpu).unwrap();
        assert_eq!(picked.dims(), [3, 1, 28, 28]);
        assert_eq!(picked.get(0).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap(), values[PIXELS..]);
        assert!(matches!(split.image_tensor(1..3, &Device::Cpu), Err(Error::Row { row: 2, len: 2 })));
    }

    #[test]
    fn split_names_round_trip() {
        for name in [SplitName::Train, SplitName::Validation, SplitName::Test] {
            assert_eq!(name.to_string().parse::<SplitName>().unwrap(), name);
        }
        assert!("Test".parse::<SplitName>().is_err());
    }
}
