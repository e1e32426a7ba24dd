//! What is done element by element.
//!
//! Where both sides of a condition are computed, the side that is not taken stays finite, because its slope is multiplied by 0.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use candle_core::{Result, Tensor};
use candle_nn::ops;

use super::shapes::of_rank;
use crate::spec::{Function, Pairwise};

/// The larger of each element and 0; its slope at 0 is 0, where that of candle's is 1.
pub(super) fn positive(x: &Tensor) -> Result<Tensor> {
    x.le(0.0)?.where_cond(&x.zeros_like()?.detach(), x)
}

/// A function of each element.
pub(super) fn function(x: &Tensor, function: Function) -> Result<Tensor> {
    match function {
        Function::Affine { scale, shift } => x.affine(scale.into(), shift.into()),
        Function::Clip { low, high } => clipped(x, low.into(), high.into()),
        Function::LeakyRelu { slope } => x.gt(0.0)?.where_cond(x, &(x * f64::from(slope))?),
        Function::Elu { alpha } => x.elu(alpha.into()),
        Function::HardSwish => x * clipped(&x.affine(1.0 / 6.0, 0.5)?, 0.0, 1.0)?,
        Function::Silu => x * ops::sigmoid(x)?,
        // candle's own gradients of both have rounded constants.
        Function::Gelu => (x * 0.5)? * ((x * FRAC_1_SQRT_2)?.erf()? + 1.0)?,
        Function::GeluTanh => {
            let within = (x * x.sqr()?.affine(0.044_715, 1.0)?)?;
            (x * 0.5)? * ((within * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2))?.tanh()? + 1.0)?
        }
        Function::Tanh => x.tanh(),
        // Both of candle's slopes at 0 are those from above, and their sum is right there.
        Function::Softplus => x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?,
        Function::Erf => x.erf(),
        Function::Exponential => x.exp(),
        Function::Logarithm => x.log(),
        Function::SquareRoot => {
            let is_zero = x.eq(0.0)?;
            let elsewhere = is_zero.where_cond(&x.ones_like()?.detach(), x)?;
            is_zero.where_cond(&x.zeros_like()?.detach(), &elsewhere.sqrt()?)
        }
        Function::Reciprocal => x.recip(),
        Function::Absolute => x * x.sign()?.detach(),
        Function::Power { exponent } => power(x, exponent.into()),
    }
}

/// The nearest of the values from `low` to `high`.
fn clipped(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let bound = |bound: f64| Tensor::full(bound, x.shape(), x.device())?.to_dtype(x.dtype());
    let above = x.le(low)?.where_cond(&bound(low)?, x)?;
    above.ge(high)?.where_cond(&bound(high)?, &above)
}

/// The slope of a power 0 or 1 is 0 or 1 at 0 too, where `exponent * x^(exponent - 1)` is none.
fn power(x: &Tensor, exponent: f64) -> Result<Tensor> {
    match exponent {
        0.0 => x.ones_like(),
        1.0 => Ok(x.clone()),
        2.0 => x.sqr(),
        _ => x.powf(exponent),
    }
}

/// A function of the elements of two values, which are repeated where they have to be.
pub(super) fn pairwise(a: &Tensor, b: &Tensor, pairwise: Pairwise) -> Result<Tensor> {
    let rank = a.rank().max(b.rank()) - 1;
    let (a, b) = (of_rank(a, rank)?, of_rank(b, rank)?);
    match pairwise {
        Pairwise::Add => a.broadcast_add(&b),
        Pairwise::Subtract => a.broadcast_sub(&b),
        Pairwise::Multiply => a.broadcast_mul(&b),
        Pairwise::Divide => a.broadcast_div(&b),
        Pairwise::Larger => a.broadcast_maximum(&b),
        Pairwise::Smaller => a.broadcast_minimum(&b),
    }
}
