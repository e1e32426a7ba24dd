//! [`Population`]: the clean images that detectors are fitted on, in batches of [`Clean`], and what several of them learn alike.

use std::sync::OnceLock;

use crate::magnet::Magnet;
use crate::{Error, Perception};

/// What a model makes of a batch of clean images, beside what they are.
#[derive(Clone, Copy)]
pub struct Clean<'a> {
    /// `B` images, right and wrong predictions alike.
    pub seen: &'a Perception<'a>,
    /// Their true labels, `B`, each below `K`.
    pub labels: &'a [u32],
}

/// Batches of clean images.
pub struct Population<'a> {
    batches: Vec<Clean<'a>>,
    magnet: OnceLock<Magnet>,
}

impl<'a> Population<'a> {
    /// Of these batches.
    #[must_use]
    pub fn new(batches: Vec<Clean<'a>>) -> Self {
        Self { batches, magnet: OnceLock::new() }
    }

    /// The batches, in order.
    #[must_use]
    pub fn batches(&self) -> &[Clean<'a>] {
        &self.batches
    }

    /// The batches that are `kept`, by number. The autoencoders and the quantiles of their errors stay those of all batches, if they have
    /// been learned by then: a few hundred numbers know no image again, and learning them takes long.
    #[must_use]
    pub fn part(&self, kept: impl Fn(usize) -> bool) -> Self {
        let batches = self.batches.iter().enumerate().filter(|(batch, _)| kept(*batch)).map(|(_, clean)| *clean);
        Self { batches: batches.collect(), magnet: self.magnet.clone() }
    }

    /// All images as (batch, position in it, label), if there are at least `least` and every label is a label.
    ///
    /// # Errors
    /// [`Error::TooFewImages`], [`Error::LabelCount`] or [`Error::Label`].
    pub(crate) fn images(&self, least: usize) -> Result<Vec<(&'a Perception<'a>, usize, u32)>, Error> {
        let mut images = Vec::new();
        for batch in &self.batches {
            let (found, classes) = (batch.seen.predictions().len(), batch.seen.model().signature().classes);
            if batch.labels.len() != found {
                return Err(Error::LabelCount { images: found, labels: batch.labels.len() });
            }
            if let Some(&label) = batch.labels.iter().find(|&&label| label as usize >= classes) {
                return Err(Error::Label { found: label, classes });
            }
            images.extend(batch.labels.iter().enumerate().map(|(image, &label)| (batch.seen, image, label)));
        }
        if images.len() < least { Err(Error::TooFewImages { found: images.len(), least }) } else { Ok(images) }
    }

    /// The autoencoders and how clean images fare with them; learned on first use.
    ///
    /// # Errors
    /// Too few images, or whatever the model reports.
    pub(crate) fn magnet(&self) -> Result<&Magnet, Error> {
        if let Some(magnet) = self.magnet.get() {
            return Ok(magnet);
        }
        let learned = Magnet::learn(self)?;
        Ok(self.magnet.get_or_init(|| learned))
    }
}
