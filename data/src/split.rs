//! A split of a dataset: images with labels, in file order.

use std::borrow::Borrow;

use candle_core::{Device, Tensor};

use crate::{DatasetError, Error, ImageShape, SplitName, images::gather, labelled::Labelled, pixel};

/// `N` images of one shape, upright, u8 as stored in the files, with labels from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    name: SplitName,
    shape: ImageShape,
    pixels: Vec<u8>,
    labels: Vec<u32>,
    indices: Vec<u64>,
}

impl Split {
    /// As many images as labels; [`crate::Dataset`] sees to that.
    pub(crate) fn new(name: SplitName, labelled: Labelled) -> Self {
        let Labelled { shape, pixels, labels } = labelled;
        debug_assert_eq!(pixels.len(), labels.len() * shape.values());
        let indices = (0..labels.len() as u64).collect();
        Self { name, shape, pixels, labels, indices }
    }

    /// Which split this is, or is a part of.
    #[must_use]
    pub fn name(&self) -> SplitName {
        self.name
    }

    /// The shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
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
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// `N` times [`ImageShape::values`] bytes, image by image, channel by channel.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The position of each image in the whole split, from 0: what a slice keeps of where it came from.
    #[must_use]
    pub fn indices(&self) -> &[u64] {
        &self.indices
    }

    /// The images at `rows` (a range, or a slice of positions) as a tensor `(B, C, H, W)`, f32 in [0, 1]: the byte
    /// divided by 255 in f32.
    ///
    /// # Errors
    /// A row that is not there; whatever candle reports.
    pub fn image_tensor(
        &self,
        rows: impl IntoIterator<Item = impl Borrow<usize>>,
        device: &Device,
    ) -> Result<Tensor, Error> {
        gather(self.shape, &self.pixels, rows, device, pixel)
    }

    /// At most so many of the images, spread over all of them, in their order.
    #[must_use]
    pub fn sample(&self, most: usize) -> Self {
        let count = most.min(self.len());
        self.at((0..count).map(|row| row * self.len() / count))
    }

    /// Every `count`-th of the images, in their order, the first of which is at `first`; none where there are fewer. Indices stay those
    /// of the whole split.
    #[must_use]
    pub fn every(&self, count: usize, first: usize) -> Self {
        self.at((first..self.len()).step_by(count))
    }

    /// The images at these rows.
    fn at(&self, rows: impl Iterator<Item = usize> + Clone) -> Self {
        let size = self.shape.values();
        let pixels = rows.clone().flat_map(|row| &self.pixels[row * size..][..size]).copied().collect();
        let labels = rows.clone().map(|row| self.labels[row]).collect();
        let indices = rows.map(|row| self.indices[row]).collect();
        Self { pixels, labels, indices, ..*self }
    }

    /// With other labels: label `k` becomes `classes[k]`.
    ///
    /// # Errors
    /// There is none for a label.
    pub fn relabelled(mut self, classes: &[u32]) -> Result<Self, Error> {
        for label in &mut self.labels {
            let row = *label as usize;
            *label = *classes.get(row).ok_or(Error::Row { row, len: classes.len() })?;
        }
        Ok(self)
    }

    /// Skips `offset` images and keeps at most `limit`, in file order. Indices stay those of the whole split.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn slice(mut self, offset: usize, limit: Option<usize>) -> Result<Self, Error> {
        let len = self.len();
        let end = limit.map_or(len, |limit| offset.saturating_add(limit).min(len));
        if offset >= end {
            return Err(DatasetError::EmptySlice { split: self.name, offset, limit, len }.into());
        }
        let size = self.shape.values();
        keep(&mut self.pixels, offset * size, end * size);
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
    use crate::PIXELS;

    fn numbered(len: u8) -> Split {
        let pixels = (0..len).flat_map(|image| [image; PIXELS]).collect();
        let labels = (0..u32::from(len)).collect();
        Split::new(SplitName::Test, Labelled { shape: ImageShape::GREY, pixels, labels })
    }

    #[test]
    fn a_slice_keeps_images_labels_and_indices_together() {
        for (offset, limit, expected) in [
            (0, None, 0_u8..10),
            (3, None, 3..10),
            (0, Some(4), 0..4),
            (8, Some(usize::MAX), 8..10),
            (9, Some(1), 9..10),
        ] {
            let slice = numbered(10).slice(offset, limit).unwrap();
            assert_eq!(slice.labels(), expected.clone().map(u32::from).collect::<Vec<_>>());
            assert_eq!(slice.indices(), expected.clone().map(u64::from).collect::<Vec<_>>());
            assert_eq!(slice.pixels(), expected.flat_map(|image| [image; PIXELS]).collect::<Vec<_>>());
        }
        for (offset, limit) in [(10, None), (usize::MAX, Some(2)), (0, Some(0))] {
            let error = numbered(10).slice(offset, limit).unwrap_err();
            assert!(error.to_string().contains("none of the 10 images of split test"), "{error}");
        }
    }

    #[test]
    fn parts_are_of_whole_images_and_labels_can_be_others() {
        for (most, expected) in
            [(10, vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (5, vec![0, 2, 4, 6, 8]), (4, vec![0, 2, 5, 7]), (1, vec![0])]
        {
            let sample = numbered(10).sample(most);
            assert_eq!((sample.labels(), sample.len()), (&expected[..], expected.len()));
            assert_eq!(sample.pixels().len(), expected.len() * PIXELS);
            assert!(sample.pixels().chunks(PIXELS).zip(&expected).all(|(image, &label)| image[0] == label as u8));
        }
        for (count, first, expected) in
            [(1, 0, (0..10).collect::<Vec<u64>>()), (3, 1, vec![1, 4, 7]), (64, 9, vec![9]), (64, 10, vec![])]
        {
            let dealt = numbered(10).every(count, first);
            assert_eq!((dealt.indices(), dealt.len()), (&expected[..], expected.len()));
            assert!(dealt.pixels().chunks(PIXELS).zip(&expected).all(|(image, &index)| u64::from(image[0]) == index));
        }
        let others = numbered(3).relabelled(&[2, 0, 7]).unwrap();
        assert_eq!((others.labels(), others.indices()), (&[2, 0, 7][..], &[0, 1, 2][..]));
        assert!(numbered(3).relabelled(&[2, 0]).is_err());
    }

    #[test]
    fn tensors_hold_the_byte_over_255_for_ranges_and_for_positions() {
        let pixels = (0..PIXELS * 2).map(|i| (i % 256) as u8).collect();
        let labelled = Labelled { shape: ImageShape::GREY, pixels, labels: vec![0, 1] };
        let split = Split::new(SplitName::Test, labelled);
        let tensor = split.image_tensor(0..2, &Device::Cpu).unwrap();
        assert_eq!(tensor.dims(), [2, 1, 28, 28]);
        let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(values.iter().zip(split.pixels()).all(|(&value, &byte)| value == f32::from(byte) / 255.0));
        let picked = split.image_tensor([1, 0, 1].as_slice(), &Device::Cpu).unwrap();
        assert_eq!(picked.dims(), [3, 1, 28, 28]);
        assert_eq!(picked.get(0).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap(), values[PIXELS..]);
        assert!(matches!(split.image_tensor(1..3, &Device::Cpu), Err(Error::Row { row: 2, len: 2 })));
    }
}
