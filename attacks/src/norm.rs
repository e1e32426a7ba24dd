//! The norm that a threat model measures perturbations by: L-infinity (the largest change of a pixel) or L2 (the Euclidean
//! length of the change). Each contributes a distance, the step that climbs fastest, the projection onto the ball around
//! the original image, and two random draws. All of it on one image at a time, as slices of its `n` pixels.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use rand_distr::StandardNormal;

use crate::Error;

/// A norm on perturbations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Norm {
    /// The largest absolute change of a pixel.
    Linf,
    /// The Euclidean length of the change.
    L2,
}

impl Norm {
    /// `||x - x0||`, in f64.
    #[must_use]
    pub fn distance(self, x: &[f32], x0: &[f32]) -> f64 {
        match self {
            Self::Linf => {
                let differences = x.iter().zip(x0).map(|(&x, &x0)| f64::from(x) - f64::from(x0));
                differences.fold(0.0, |largest, difference| difference.abs().max(largest))
            }
            Self::L2 => sum(x, x0, |x, x0| (x - x0) * (x - x0)).sqrt(),
        }
    }

    /// Moves `x` by `size` in the direction that a linear function with this gradient grows fastest in: the sign of the
    /// gradient for L-infinity, the gradient over its length for L2. A gradient of zero moves nothing.
    pub fn step(self, x: &mut [f32], gradient: &[f32], size: f64) {
        match self {
            Self::Linf => {
                let size = size as f32;
                for (x, &slope) in x.iter_mut().zip(gradient) {
                    *x += size * sign(slope);
                }
            }
            Self::L2 => {
                // In f64 the squares of tiny gradients do not vanish, so that none needs rescuing by a constant.
                let length = sum(gradient, gradient, |slope, _| slope * slope).sqrt();
                let scale = if length > 0.0 { size / length } else { 0.0 };
                for (x, &slope) in x.iter_mut().zip(gradient) {
                    *x += (scale * f64::from(slope)) as f32;
                }
            }
        }
    }

    /// Moves `x` to the nearest point of the ball of radius `epsilon` around `x0`, up to the rounding of f32.
    pub fn project(self, x: &mut [f32], x0: &[f32], epsilon: f64) {
        match self {
            Self::Linf => {
                let epsilon = epsilon as f32;
                for (x, &x0) in x.iter_mut().zip(x0) {
                    *x = x.max(x0 - epsilon).min(x0 + epsilon);
                }
            }
            Self::L2 => {
                let distance = self.distance(x, x0);
                if distance > epsilon {
                    let scale = (epsilon / distance) as f32;
                    for (x, &x0) in x.iter_mut().zip(x0) {
                        *x = x0 + scale * (*x - x0);
                    }
                }
            }
        }
    }

    /// Moves `x` by a random perturbation, uniform in the ball of radius `epsilon`.
    pub fn random_start(self, x: &mut [f32], epsilon: f64, rng: &mut impl Rng) {
        match self {
            Self::Linf => {
                let epsilon = epsilon as f32;
                for x in x {
                    *x += epsilon * (2.0 * rng.random::<f32>() - 1.0);
                }
            }
            Self::L2 => {
                // The volume within radius r grows as r^n, hence the n-th root.
                let radius = epsilon * rng.random::<f64>().powf(1.0 / x.len() as f64);
                self.random_step(x, radius, rng);
            }
        }
    }

    /// Moves `x` by a random perturbation of norm `size` exactly: random signs for L-infinity (a corner of the ball, where
    /// FGSM ends too), a uniformly random direction for L2.
    pub fn random_step(self, x: &mut [f32], size: f64, rng: &mut impl Rng) {
        let direction: Vec<f32> = match self {
            Self::Linf => x.iter().map(|_| if rng.random() { 1.0 } else { -1.0 }).collect(),
            Self::L2 => x.iter().map(|_| rng.sample(StandardNormal)).collect(),
        };
        self.step(x, &direction, size);
    }
}

/// 1, 0 or -1; 0 for NaN.
fn sign(value: f32) -> f32 {
    f32::from(u8::from(value > 0.0)) - f32::from(u8::from(value < 0.0))
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
        })
    }
}

impl FromStr for Norm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "linf" => Ok(Self::Linf),
            "l2" => Ok(Self::L2),
            _ => Err(Error::UnknownNorm(name.to_owned())),
        }
    }
}
