//! Labels as distributions, and what a model returns as checked rows.

use candle_core::{DType, Device, Tensor};

use crate::Error;

/// Labels, each below `classes`, as distributions `(B, K)`.
pub(crate) fn one_hot(labels: &[u32], classes: usize, device: &Device) -> candle_core::Result<Tensor> {
    Tensor::eye(classes, DType::F32, device)?.index_select(&Tensor::new(labels, device)?, 0)
}

/// What `changed` is, with the gradient that `x` itself has: the gradient of the change is taken for that of the identity (BPDA, Athalye, Carlini and
/// Wagner 2018, section 4.1). To the last bit, since nothing is added but 0.
pub(crate) fn as_identity(x: &Tensor, changed: &Tensor) -> candle_core::Result<Tensor> {
    changed.detach() + (x - x.detach())?
}

/// The rows of a `(B, K)` tensor, all finite: `what` the model gave of the images, or `of` what was made of them.
pub(crate) fn rows(
    what: &'static str,
    of: &'static str,
    tensor: &Tensor,
    expected: [usize; 2],
) -> Result<Vec<Vec<f32>>, Error> {
    if tensor.dims() != expected {
        return Err(Error::Shape { what, found: tensor.dims().to_vec(), expected });
    }
    let rows = tensor.to_vec2::<f32>().map_err(Error::model("return f32 numbers"))?;
    for (image, row) in rows.iter().enumerate() {
        if let Some(&value) = row.iter().find(|value| !value.is_finite()) {
            return Err(Error::Value { what, of, image, value, expected: "finite numbers" });
        }
    }
    Ok(rows)
}
