//! [`Clean`]: a batch of clean images that a detector is fitted on.

use crate::{Error, Perception};

/// What a model makes of clean images, beside what they are.
#[derive(Clone, Copy)]
pub struct Clean<'a> {
    /// `B` images, right and wrong predictions alike.
    pub seen: &'a Perception<'a>,
    /// Their true labels, `B`, each below `K`.
    pub labels: &'a [u32],
}

impl<'a> Clean<'a> {
    /// All images of the batches as (batch, position in it, label), if there are at least `least` and every label is a label.
    ///
    /// # Errors
    /// [`Error::TooFewImages`] or [`Error::Label`].
    pub(crate) fn images(batches: &'a [Self], least: usize) -> Result<Vec<(&'a Perception<'a>, usize, u32)>, Error> {
        let mut images = Vec::new();
        for batch in batches {
            let (found, classes) = (batch.seen.predictions().len(), batch.seen.model().classes());
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
}
