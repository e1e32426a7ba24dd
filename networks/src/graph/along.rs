//! What is done along axes: sums, means, largest elements, normalization.

use candle_core::{Result, Tensor};

use super::shapes::filled;
use crate::spec::Reduction;

/// What becomes of all elements along some axes of each image's value.
pub(super) fn reduced(x: &Tensor, by: Reduction, axes: &[usize]) -> Result<Tensor> {
    let (of, kept): (Vec<usize>, Vec<usize>) = (1..x.rank()).partition(|axis| axes.contains(&(axis - 1)));
    let first = kept.len() + 1;
    let last = x.permute([&[0], &kept[..], &of[..]].concat())?.contiguous()?.flatten_from(first)?;
    let result = match by {
        Reduction::Mean => last.mean(first)?,
        Reduction::Sum => last.sum(first)?,
        // The gradient of candle's own maximum goes to each of equal ones in full.
        Reduction::Largest => last.gather(&last.argmax_keepdim(first)?, first)?.squeeze(first)?,
    };
    // Of all axes one element remains.
    if kept.is_empty() { result.unsqueeze(1) } else { Ok(result) }
}

/// All elements from an axis of the tensor on, less their mean, over the root of their variance plus epsilon.
pub(super) fn normalized(x: &Tensor, axis: usize, epsilon: f64) -> Result<Tensor> {
    let flat = x.flatten_from(axis)?;
    let centred = flat.broadcast_sub(&flat.mean_keepdim(axis)?)?;
    let deviation = (centred.sqr()?.mean_keepdim(axis)? + epsilon)?.sqrt()?;
    centred.broadcast_div(&deviation)?.reshape(x.shape())
}

/// Each channel over a power of the squares of those around it; of an even number one more behind it than before.
pub(super) fn local_response(x: &Tensor, size: usize, [alpha, beta, bias]: [f64; 3]) -> Result<Tensor> {
    let squares = filled(&x.sqr()?, 1, [(size - 1) / 2, size / 2], 0.0)?;
    let mut sum = squares.narrow(1, 0, x.dim(1)?)?;
    for first in 1..size {
        sum = (sum + squares.narrow(1, first, x.dim(1)?)?)?;
    }
    x * sum.affine(alpha / size as f64, bias)?.powf(-beta)?
}
