//! Products with weights, and of two values.

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module};

use super::shapes::of_rank;

/// The last dimension times a weight, plus a bias.
pub(super) fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let rows = Linear::new(weight.clone(), Some(bias.clone())).forward(&x.reshape(((), inputs))?)?;
    rows.reshape([&x.dims()[..x.rank() - 1], &[outputs]].concat())
}

/// Each channel, the first dimension behind the batch, times its weight, plus its bias.
pub(super) fn scale_shift(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let mut shape = vec![1; x.rank()];
    shape[1] = weight.elem_count();
    x.broadcast_mul(&weight.reshape(&shape[..])?)?.broadcast_add(&bias.reshape(&shape[..])?)
}

/// The products of matrices, the last two dimensions; those before them are repeated where they have to be.
pub(super) fn matrices(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let rank = a.rank().max(b.rank()) - 1;
    let (a, b) = (of_rank(a, rank)?, of_rank(b, rank)?);
    let ([.., rows, depth], [.., columns]) = (a.dims(), b.dims()) else { candle_core::bail!("a product of vectors") };
    let number = a.dims().iter().zip(b.dims()).take(rank - 1).map(|(&a, &b)| a.max(b)).collect::<Vec<_>>();
    // candle multiplies any number of matrices that lie one behind the other.
    let in_line = |x: &Tensor, shape: [usize; 2]| {
        x.broadcast_as([&number[..], &shape].concat())?.contiguous()?.reshape(((), shape[0], shape[1]))
    };
    let product = in_line(&a, [*rows, *depth])?.matmul(&in_line(&b, [*depth, *columns])?)?;
    product.reshape([&number[..], &[*rows, *columns]].concat())
}
