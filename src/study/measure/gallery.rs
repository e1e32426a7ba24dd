//! [`Gallery`]: the images of a split with all that the network makes of them.

use anyhow::Result;
use robust_attacks::ImageShape;
use robust_data::{Split, pixel};

use super::{Artist, Codes, squared_distance};

/// `N` images, read and drawn again by the network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gallery {
    /// The shape of every image; `P` is the number of its pixels, over all channels.
    pub(crate) shape: ImageShape,
    /// `K` names.
    pub(crate) class_names: Vec<String>,
    /// `(N, P)` in [0, 1].
    pub(crate) images: Vec<f32>,
    /// `(N)`, the true classes.
    pub(crate) labels: Vec<u32>,
    /// `(N)`, positions in the split.
    pub(crate) indices: Vec<u64>,
    /// `(N)`, the written characters where they are known with their case; empty where they are not known at all.
    pub(crate) characters: Vec<Option<char>>,
    /// Predictions, label distributions and styles.
    pub(crate) codes: Codes,
    /// `(N, P)`, drawn from the label distribution and the style, as in the paper.
    pub(crate) reconstructions: Vec<f32>,
    /// `(N)`: `||x̂ - x||²` over the pixels.
    pub(crate) errors: Vec<f64>,
}

impl Gallery {
    /// Reads and redraws all of `split`, whose images are of the network's shape. `characters` are those of its images, or none.
    pub(crate) fn new(
        artist: Artist,
        split: &Split,
        class_names: &[String],
        characters: Vec<Option<char>>,
    ) -> Result<Self> {
        let images = split.pixels().iter().copied().map(pixel).collect();
        let gallery = Self::of(artist, images, split.labels().to_vec(), class_names.to_vec())?;
        Ok(Self { indices: split.indices().to_vec(), characters, ..gallery })
    }

    /// Reads and redraws `images`; their indices are their positions.
    pub(crate) fn of(artist: Artist, images: Vec<f32>, labels: Vec<u32>, class_names: Vec<String>) -> Result<Self> {
        let codes = artist.read(&images)?;
        let reconstructions = artist.draw(&codes.distributions, &codes.styles)?;
        let shape = artist.shape();
        let pairs = reconstructions.chunks(shape.pixels()).zip(images.chunks(shape.pixels()));
        Ok(Self {
            shape,
            class_names,
            errors: pairs.map(|(drawn, image)| squared_distance(drawn, image)).collect(),
            indices: (0..labels.len() as u64).collect(),
            labels,
            characters: Vec::new(),
            images,
            codes,
            reconstructions,
        })
    }

    /// How many images, `N`.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Pixels of an image, `P`.
    pub(crate) fn pixels(&self) -> usize {
        self.shape.pixels()
    }

    /// Style neurons, `S`.
    pub(crate) fn styles(&self) -> usize {
        self.codes.styles.len() / self.len().max(1)
    }

    /// How many classes, `K`.
    pub(crate) fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// The pixels of image `i`.
    pub(crate) fn image(&self, i: usize) -> &[f32] {
        row(&self.images, self.pixels(), i)
    }

    /// The style of image `i`.
    pub(crate) fn style(&self, i: usize) -> &[f32] {
        row(&self.codes.styles, self.styles(), i)
    }

    /// What the network draws of image `i`.
    pub(crate) fn reconstruction(&self, i: usize) -> &[f32] {
        row(&self.reconstructions, self.pixels(), i)
    }

    /// The predicted class of image `i`.
    pub(crate) fn prediction(&self, i: usize) -> u32 {
        self.codes.predictions[i].0
    }

    /// Whether image `i` is classified correctly.
    pub(crate) fn is_correct(&self, i: usize) -> bool {
        self.prediction(i) == self.labels[i]
    }

    /// The name of a class.
    pub(crate) fn name(&self, label: u32) -> &str {
        &self.class_names[label as usize]
    }

    /// The images of a class, in order.
    pub(crate) fn of_class(&self, label: u32) -> Vec<usize> {
        (0..self.len()).filter(|&i| self.labels[i] == label).collect()
    }

    /// At most `count` images, evenly spread over the gallery, whose file may be sorted by class.
    pub(crate) fn spread(&self, count: usize) -> Vec<usize> {
        let count = count.min(self.len());
        (0..count).map(|i| i * self.len() / count).collect()
    }

    /// The styles of some images, one after the other.
    pub(crate) fn styles_of(&self, images: &[usize]) -> Vec<f32> {
        images.iter().flat_map(|&i| self.style(i)).copied().collect()
    }

    /// Share of images classified correctly.
    pub(crate) fn accuracy(&self) -> f64 {
        (0..self.len()).filter(|&i| self.is_correct(i)).count() as f64 / self.len() as f64
    }

    pub(crate) fn mean_error(&self) -> f64 {
        self.errors.iter().sum::<f64>() / self.len() as f64
    }
}

fn row(values: &[f32], width: usize, i: usize) -> &[f32] {
    &values[i * width..(i + 1) * width]
}
