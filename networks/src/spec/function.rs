//! [`Function`], [`Pairwise`] and [`Reduction`]: arithmetic on elements, without parameters that a network learns.

use serde::{Deserialize, Serialize};

/// A function of each element `x`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `scale x + shift`.
    Affine {
        /// Factor.
        scale: f32,
        /// Summand.
        shift: f32,
    },
    /// The nearest of the values from `low` to `high`; the slope outside of them is 0, as at them.
    Clip {
        /// Least value, or -infinity.
        low: f32,
        /// Largest value, or infinity.
        high: f32,
    },
    /// `x`, or `slope x` where that is negative.
    LeakyRelu {
        /// Factor of negative elements.
        slope: f32,
    },
    /// `x`, or `alpha (exp(x) - 1)` where that is negative.
    Elu {
        /// The limit of very negative elements, negated.
        alpha: f32,
    },
    /// `x` times `x / 6 + 1 / 2`, which is clipped to 0 and 1.
    HardSwish,
    /// `x` times the logistic function of `x`.
    Silu,
    /// `x` times the normal distribution function of `x`.
    Gelu,
    /// The same with `tanh` in place of the error function.
    GeluTanh,
    /// The hyperbolic tangent.
    Tanh,
    /// `log(1 + exp(x))`.
    Softplus,
    /// The error function.
    Erf,
    /// `exp(x)`.
    Exponential,
    /// The natural logarithm.
    Logarithm,
    /// The square root; its slope at 0 counts as 0.
    SquareRoot,
    /// `1 / x`.
    Reciprocal,
    /// `|x|`, with the slope 0 at 0.
    Absolute,
    /// `x` to this power.
    Power {
        /// The exponent.
        exponent: f32,
    },
}

/// A function of two elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairwise {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a b`.
    Multiply,
    /// `a / b`.
    Divide,
    /// The larger of both; equal ones share the slope.
    Larger,
    /// The smaller of both; equal ones share the slope.
    Smaller,
}

/// What becomes of all elements along some axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest; the first of equal ones has the slope.
    Largest,
}
