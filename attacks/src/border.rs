//! The border between the regions of two classes: where their logits are equal.

use candle_core::{DType, Tensor};

use crate::{Error, Goal, LossGradient, Margin, Model, Objective};

/// `z_ahead - z_behind` of each image, 0 on the border from `behind` to `ahead`, and its gradient. A class per image each.
pub(crate) fn border(model: &dyn Model, x: &Tensor, behind: &[u32], ahead: &[u32]) -> Result<LossGradient, Error> {
    let column = |classes: &[u32]| Tensor::new(classes, x.device())?.unsqueeze(1);
    let (behind, ahead) = (column(behind)?, column(ahead)?);
    Ok(model.loss_gradient(x, &|logits| {
        let logits = logits.to_dtype(DType::F32)?;
        logits.gather(&ahead, 1)?.squeeze(1)? - logits.gather(&behind, 1)?.squeeze(1)?
    })?)
}

/// The one border that a goal is about: from the label to the class that an image is driven to; from the likeliest other class
/// to a target; from the label to the likeliest other class.
pub(crate) fn border_of(model: &dyn Model, x: &Tensor, goal: &Goal) -> Result<LossGradient, Error> {
    match goal {
        Goal::Toward { labels, classes } => border(model, x, labels, classes),
        Goal::Untargeted { .. } | Goal::Targeted { .. } => Margin.evaluate(model, x, goal),
    }
}
