//! The norm that a threat model measures perturbations by. Each, in a file of its own, contributes a distance, the step that
//! climbs fastest, the projection onto the ball around the original image, and two random draws. All of it on one image at a
//! time, as slices of its `n` pixels.

mod l0;
mod l1;
pub(crate) mod l1_box;
mod l2;
mod linf;

pub(crate) use self::l1::steepest;

use std::fmt;
use std::str::FromStr;

use rand::Rng;

use crate::Bounds;

/// A norm on perturbations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Norm {
    /// The largest absolute change of a pixel.
    Linf,
    /// The Euclidean length of the change.
    L2,
    /// The sum of the absolute changes.
    L1,
    /// The number of pixels changed. Not a norm by the book, and called one everywhere.
    L0,
}

impl Norm {
    /// Every norm.
    pub const ALL: [Self; 4] = [Self::Linf, Self::L2, Self::L1, Self::L0];

    /// `||x - x0||`, in f64.
    #[must_use]
    pub fn distance(self, x: &[f32], x0: &[f32]) -> f64 {
        match self {
            Self::Linf => linf::distance(x, x0),
            Self::L2 => l2::distance(x, x0),
            Self::L1 => l1::distance(x, x0),
            Self::L0 => l0::distance(x, x0),
        }
    }

    /// The largest distance between two images of `pixels` pixels in [0, 1]: no epsilon need be larger.
    #[must_use]
    pub fn farthest(self, pixels: usize) -> f64 {
        match self {
            Self::Linf => 1.0,
            Self::L2 => (pixels as f64).sqrt(),
            Self::L1 | Self::L0 => pixels as f64,
        }
    }

    /// Moves `x` by `size` in the direction that a function with this gradient grows fastest in: the sign of the gradient for
    /// L-infinity, the gradient over its length for L2, the few pixels of the steepest slope that the bounds leave free for
    /// L1 and, all the way to their bounds, for L0. A gradient of zero moves nothing.
    pub fn step(self, x: &mut [f32], gradient: &[f32], size: f64, bounds: Bounds) {
        match self {
            Self::Linf => linf::step(x, gradient, size),
            Self::L2 => l2::step(x, gradient, size),
            Self::L1 => l1::step(x, gradient, size, bounds),
            Self::L0 => l0::step(x, gradient, size, bounds),
        }
    }

    /// Moves `x` to the nearest point of the ball of radius `epsilon` around `x0`, up to the rounding of f32.
    pub fn project(self, x: &mut [f32], x0: &[f32], epsilon: f64) {
        match self {
            Self::Linf => linf::project(x, x0, epsilon),
            Self::L2 => l2::project(x, x0, epsilon),
            Self::L1 => l1::project(x, x0, epsilon),
            Self::L0 => l0::project(x, x0, epsilon),
        }
    }

    /// Moves `x` by a random perturbation within the ball of radius `epsilon`: uniform, but for L2, where direction and length
    /// are uniform, so that not all starts are as far away as they may be.
    pub fn random_start(self, x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
        match self {
            Self::Linf => linf::random_start(x, epsilon, rng),
            Self::L2 => l2::random_start(x, epsilon, rng),
            Self::L1 => l1::random_start(x, epsilon, rng),
            Self::L0 => l0::random_start(x, epsilon, rng),
        }
    }

    /// Moves `x` by a random perturbation of norm `size` exactly: random signs for L-infinity (a corner of the ball, where
    /// FGSM ends too), a uniformly random direction for L2, a uniformly random point of the border for L1, and for L0 random
    /// pixels, up or down by more than any bounds.
    pub fn random_step(self, x: &mut [f32], size: f64, rng: &mut impl Rng) {
        match self {
            Self::Linf => linf::random_step(x, size, rng),
            Self::L2 => l2::random_step(x, size, rng),
            Self::L1 => l1::random_step(x, size, rng),
            Self::L0 => l0::random_step(x, size, rng),
        }
    }
}

/// The sum of `term` over the pixels of two images of equal size, in f64. Eight partial sums, so that the compiler can keep
/// them in vector registers: one running sum would be the slowest part of an L2 step.
pub(crate) fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut partial = [0.0; 8];
    let mut add = |lane: usize, a: f32, b: f32| partial[lane] += term(f64::from(a), f64::from(b));
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            add(lane, a[lane], b[lane]);
        }
    }
    for (lane, (&a, &b)) in a_rest.iter().zip(b_rest).enumerate() {
        add(lane, a, b);
    }
    partial.iter().sum()
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Linf => "linf",
            Self::L2 => "l2",
            Self::L1 => "l1",
            Self::L0 => "l0",
        })
    }
}

impl FromStr for Norm {
    type Err = UnknownNorm;

    fn from_str(name: &str) -> Result<Self, UnknownNorm> {
        let found = Self::ALL.into_iter().find(|norm| norm.to_string() == name);
        found.ok_or_else(|| UnknownNorm(name.to_owned()))
    }
}

/// No such norm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown norm `{0}`, expected `linf`, `l2`, `l1` or `l0`")]
pub struct UnknownNorm(pub String);
