//! What an attack checks before it starts, so that a mistake is named and not discovered as a strange result.

use candle_core::Tensor;

use crate::{Error, Goal, Images, Model, Signature, Task};

/// Checks images, classes and indices against each other and against the model; returns the images.
pub(crate) fn check(task: &Task) -> Result<Images, Error> {
    let Task { model, x0, goal, randomness } = *task;
    let (images, signature) = (Images::from_tensor(x0)?, model.signature());
    check_pixels(&images, signature)?;
    let parts: Vec<(&str, &[u32])> = match goal {
        Goal::Untargeted { labels } => vec![("labels", labels)],
        Goal::Targeted { classes } => vec![("target classes", classes)],
        Goal::Toward { labels, classes } => vec![("labels", labels), ("target classes", classes)],
    };
    let counts = parts.iter().map(|(what, classes)| (*what, classes.len()));
    for (what, found) in counts.chain([("dataset indices", randomness.indices.len())]) {
        if found != images.count() {
            return Err(Error::Count { what, found, images: images.count() });
        }
    }
    let classes = signature.classes;
    let mut named = parts.iter().flat_map(|(_, classes)| classes.iter().enumerate());
    match named.find(|&(_, &class)| class as usize >= classes) {
        Some((image, &class)) => Err(Error::Class { image, class, classes }),
        None => Ok(images),
    }
}

/// The model's logits `(B, K)`, checked for shape.
pub(crate) fn logits(model: &dyn Model, x: &Tensor) -> Result<Tensor, Error> {
    let logits = model.logits(x)?;
    check_logits(&logits, x.dim(0)?)?;
    let (found, classes) = (logits.dim(1)?, model.signature().classes);
    if found == classes { Ok(logits) } else { Err(Error::OtherClasses { found, classes }) }
}

/// The images `(B, ...)` at these positions.
pub(crate) fn select(x: &Tensor, positions: &[usize]) -> Result<Tensor, Error> {
    let positions: Vec<u32> = positions.iter().map(|&image| image as u32).collect();
    Ok(x.index_select(&Tensor::new(positions, x.device())?, 0)?)
}

/// A row of at least two logits for each of so many images.
pub(crate) fn check_logits(logits: &Tensor, images: usize) -> Result<(), Error> {
    match logits.dims() {
        &[rows, classes] if rows == images && classes >= 2 => Ok(()),
        _ => Err(Error::Logits { found: logits.shape().clone(), images }),
    }
}

fn check_pixels(images: &Images, Signature { shape, bounds, .. }: Signature) -> Result<(), Error> {
    let (min, max) = (bounds.min, bounds.max);
    if !(min.is_finite() && max.is_finite() && min < max) {
        return Err(Error::Bounds { min, max });
    }
    if images.row(0).len() != shape.pixels() {
        return Err(Error::OtherShape { found: images.shape().clone(), expected: shape });
    }
    for (image, row) in images.rows().enumerate() {
        // NaN is in no interval.
        if let Some(&value) = row.iter().find(|&pixel| !(min..=max).contains(pixel)) {
            return Err(Error::Pixel { image, value, min, max });
        }
    }
    Ok(())
}
