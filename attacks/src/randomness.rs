//! The randomness of an attack, keyed by seed, dataset index and restart, so that neither the composition nor the order of
//! batches changes what an image draws.

use rand::RngCore;
use rand_chacha::ChaCha8Rng;

use crate::random;

/// One seed, and the identity of each image of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Randomness {
    /// The user's seed.
    pub seed: u64,
    /// The index of each image in its dataset, `(B)`.
    pub indices: Vec<u64>,
}

impl Randomness {
    /// The generator of each image, in order.
    pub fn streams(&self) -> impl Iterator<Item = ChaCha8Rng> {
        self.indices.iter().map(|&index| random::stream(self.seed, "attack", &[index]))
    }

    /// The same images with fresh randomness for a restart; restart 0 is this one.
    #[must_use]
    pub fn restart(&self, restart: u64) -> Self {
        let seed = match restart {
            0 => self.seed,
            _ => random::stream(self.seed, "restart", &[restart]).next_u64(),
        };
        Self { seed, indices: self.indices.clone() }
    }

    /// The randomness of some images of the batch, by position.
    #[must_use]
    pub(crate) fn select(&self, images: &[usize]) -> Self {
        Self { seed: self.seed, indices: images.iter().map(|&image| self.indices[image]).collect() }
    }
}
