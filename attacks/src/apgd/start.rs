//! Where Auto-PGD starts at random.

use rand::Rng;

use crate::norm::l1_box;
use crate::{Bounds, Budget, Norm};

/// Moves the original image `x` to a random point of the budget within the bounds, as AutoAttack does: for L-infinity and L2 a
/// uniform draw from the ball stretched to its border, for L1 the projection of a random direction as long as Gaussian noise
/// of standard deviation 1, which changes a few pixels by much and leaves the others alone.
pub(super) fn random(x: &mut [f32], budget: &Budget, bounds: Bounds, rng: &mut impl Rng) {
    let (x0, norm, epsilon) = (x.to_vec(), budget.norm(), budget.epsilon());
    if norm == Norm::L1 {
        Norm::L2.random_step(x, (x.len() as f64).sqrt(), rng);
        return l1_box::project(x, &x0, epsilon, bounds);
    }
    norm.random_start(x, epsilon, rng);
    let distance = norm.distance(x, &x0);
    if distance > 0.0 {
        let stretch = epsilon / distance;
        for (x, &x0) in x.iter_mut().zip(&x0) {
            *x = (f64::from(x0) + stretch * (f64::from(*x) - f64::from(x0))) as f32;
        }
    }
    budget.constrain(x, &x0, bounds);
}
