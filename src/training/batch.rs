//! The batches of an epoch: shuffled, moved, noisy, reproducible.
//!
//! The order is drawn from the stream ("shuffle", epoch); how an image moves from ("augment", epoch, turn), whether it is mirrored from
//! ("mirror", epoch, turn), its wrong label from ("swap", epoch, turn), its noise and whether its decoder sees the true label from ("noise", epoch, turn). So
//! neither depends on the batch size, and a resumed run draws what an uninterrupted one would have drawn.
//!
//! A turn is an image's number, plus the number of images each time that it comes again in the epoch. It does only in an
//! epoch that is balanced (class-balanced sampling, Kang et al. 2020, arXiv:1910.09217, section 3).

use rand::Rng;
use rand::seq::SliceRandom;
use rand_distr::StandardNormal;
use rayon::prelude::*;
use robust_attacks::random::stream;
use robust_data::{Split, pixel};

use super::Configuration;
use super::augment::{augment, mirror};

/// One optimiser step's worth of images, flat.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// `(B, values of an image)`, what the encoder sees.
    pub noisy: Vec<f32>,
    /// `(B, values of an image)`, what the decoder should draw.
    pub clean: Vec<f32>,
    /// `(B)`, 0-based.
    pub labels: Vec<u32>,
    /// `(B)`, for each image any label but its own.
    pub wrong: Vec<u32>,
    /// `(B)`, whether the decoder is fed the one-hot label rather than the softmax.
    pub one_hot: Vec<bool>,
}

impl Batch {
    /// Number of images, `B`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// The batches of one epoch, in order.
pub struct Batches<'a> {
    configuration: &'a Configuration,
    split: &'a Split,
    classes: usize,
    epoch: u64,
    /// The turns.
    order: Vec<usize>,
}

impl<'a> Batches<'a> {
    /// The batches of `epoch`, counted from 0, of images with `classes` labels (at least 2).
    #[must_use]
    pub fn new(configuration: &'a Configuration, split: &'a Split, classes: usize, epoch: usize) -> Self {
        let epoch = epoch as u64;
        let mut rng = stream(configuration.seed, "shuffle", &[epoch]);
        let mut order =
            if configuration.balance { balanced(split, classes, &mut rng) } else { (0..split.len()).collect() };
        order.shuffle(&mut rng);
        Self { configuration, split, classes, epoch, order }
    }

    /// Number of batches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(self.configuration.batch_size)
    }

    /// Whether there is no image to train on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The batches one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Batch> {
        self.order.chunks(self.configuration.batch_size).map(|images| self.batch(images))
    }

    fn batch(&self, turns: &[usize]) -> Batch {
        let Configuration { seed, sigma, augment: amount, mirror: mirrors, one_hot_share, .. } = *self.configuration;
        let draw = |purpose, turn: usize| stream(seed, purpose, &[self.epoch, turn as u64]);
        let image = |turn: usize| turn % self.split.len();
        let shape = self.split.shape();
        let values = shape.values();
        let mut clean = vec![0.0; turns.len() * values];
        let mut noisy = clean.clone();
        let rows = turns.par_iter().zip(clean.par_chunks_exact_mut(values)).zip(noisy.par_chunks_exact_mut(values));
        let one_hot = rows
            .map(|((&turn, clean), noisy)| {
                let bytes = &self.split.pixels()[image(turn) * values..][..values];
                clean.iter_mut().zip(bytes).for_each(|(clean, byte)| *clean = pixel(*byte));
                if mirrors {
                    mirror(shape, clean, &mut draw("mirror", turn));
                }
                augment(amount, shape, clean, &mut draw("augment", turn));
                let mut rng = draw("noise", turn);
                let one_hot = rng.random_bool(one_hot_share);
                let sigma = sigma.draw(&mut rng);
                for (clean, noisy) in clean.iter().zip(noisy) {
                    let noise: f32 = rng.sample(StandardNormal);
                    *noisy = *clean + sigma * noise;
                }
                one_hot
            })
            .collect();
        let labels: Vec<u32> = turns.iter().map(|&turn| self.split.labels()[image(turn)]).collect();
        let wrong = turns.iter().zip(&labels).map(|(&turn, &label)| {
            let other = draw("swap", turn).random_range(0..self.classes as u32 - 1);
            other + u32::from(other >= label)
        });
        let wrong = wrong.collect();
        Batch { noisy, clean, labels, wrong, one_hot }
    }
}

/// As many turns of every class that has images, drawn anew: of a frequent one some images, of a rare one all, again and again.
fn balanced(split: &Split, classes: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut by_class = vec![Vec::new(); classes];
    for (image, &label) in split.labels().iter().enumerate() {
        by_class[label as usize].push(image);
    }
    by_class.retain(|images| !images.is_empty());
    let each = split.len() / by_class.len().max(1);
    let turns = by_class.iter_mut().flat_map(|images| {
        images.shuffle(rng);
        (0..each).map(|turn| images[turn % images.len()] + turn / images.len() * split.len())
    });
    turns.collect()
}
