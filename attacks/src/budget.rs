//! How far an attacker may go: a norm and a radius. The norm belongs to the threat model, not to the attack.

use crate::{Bounds, Error, Norm};

/// The ball of perturbations with `||x - x0|| <= epsilon`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    norm: Norm,
    epsilon: f64,
}

impl Budget {
    /// A ball of radius `epsilon`, in units of pixel values; 0 allows no change at all.
    ///
    /// # Errors
    /// [`Error::Epsilon`] unless `epsilon` is finite and at least 0.
    pub fn new(norm: Norm, epsilon: f64) -> Result<Self, Error> {
        if epsilon.is_finite() && epsilon >= 0.0 { Ok(Self { norm, epsilon }) } else { Err(Error::Epsilon(epsilon)) }
    }

    /// No limit: for attacks that look for the smallest change themselves, measured by `norm`.
    #[must_use]
    pub fn unbounded(norm: Norm) -> Self {
        Self { norm, epsilon: f64::INFINITY }
    }

    /// Whether there is a limit.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.epsilon.is_finite()
    }

    /// The norm.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The norm, for an attack that works in L-infinity and L2 only.
    pub(crate) fn linf_or_l2(&self, attack: &'static str) -> Result<Norm, Error> {
        match self.norm {
            norm @ (Norm::Linf | Norm::L2) => Ok(norm),
            norm => Err(Error::NormOfAttack { attack, norm, expected: "linf or l2" }),
        }
    }

    /// The radius; infinite without a limit.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// Whether a distance lies within the budget, up to the rounding of f32: `epsilon * (1 + 1e-6) + 1e-6`.
    #[must_use]
    pub fn admits(&self, distance: f64) -> bool {
        distance <= self.epsilon * (1.0 + 1e-6) + 1e-6
    }

    /// Projects the image `x` onto the ball around `x0`, then clips it to the bounds, in that order: clipping towards
    /// bounds that `x0` keeps shortens every perturbation, while projecting after it could leave them.
    pub fn constrain(&self, x: &mut [f32], x0: &[f32], bounds: Bounds) {
        self.norm.project(x, x0, self.epsilon);
        bounds.clip(x);
    }

    /// As [`constrain`](Self::constrain), and then shrinks the perturbation until the budget [`admits`](Self::admits) its
    /// distance in f64. Only pixels far larger than 1 need that: there `x0 + epsilon` rounds to a coarser grid.
    pub(crate) fn enforce(&self, x: &mut [f32], x0: &[f32], bounds: Bounds) {
        self.constrain(x, x0, bounds);
        // Doubling reaches 1, and with it x0 itself, after 24 rounds at the latest.
        let mut shrinkage = 1e-7_f64;
        while !self.admits(self.norm.distance(x, x0)) {
            let keep = (1.0 - shrinkage).max(0.0);
            for (x, &x0) in x.iter_mut().zip(x0) {
                *x = (f64::from(x0) + keep * (f64::from(*x) - f64::from(x0))) as f32;
            }
            bounds.clip(x);
            shrinkage *= 2.0;
        }
    }
}
