//! The model as a gradient-free attack sees it: questions about images, and their answers.

use candle_core::{DType, Device};

use crate::logits::argmax;
use crate::{Error, Goal, Images, Model, input};

/// How many images to ask about at once, where an attack has the choice: enough for a model to work well, few enough to be
/// held at the same time.
pub(crate) const AT_ONCE: usize = 64;

/// Answers questions about versions of the images of a batch; the attack counts them.
pub(crate) struct Oracle<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) device: &'a Device,
    /// The goals of the batch.
    pub(crate) goal: &'a Goal,
}

impl Oracle<'_> {
    /// The logits of each of the images.
    pub(crate) fn logits(&self, asked: &Images) -> Result<Vec<Vec<f32>>, Error> {
        let logits = input::logits(self.model, &asked.to_tensor(self.device)?)?;
        Ok(logits.to_dtype(DType::F32)?.to_vec2()?)
    }

    /// Whether these logits, each of a version of one image of the batch, are what is wanted of that image. Logits that are
    /// NaN or infinite are what nobody wants.
    pub(crate) fn reached(&self, images: &[usize], logits: &[Vec<f32>]) -> Vec<bool> {
        let predictions: Vec<u32> = logits.iter().map(|logits| argmax(logits) as u32).collect();
        let reached = self.goal.select(images).reached(&predictions);
        reached.into_iter().zip(logits).map(|(reached, row)| reached && row.iter().all(|z| z.is_finite())).collect()
    }

    /// The decision alone: whether each of the images reaches the goal of the image of the batch that it is a version of.
    pub(crate) fn decisions(&self, images: &[usize], asked: &Images) -> Result<Vec<bool>, Error> {
        Ok(self.reached(images, &self.logits(asked)?))
    }
}
