//! The border's normal at a point of it, estimated from the decisions about its neighbours.

use rand::Rng;

use crate::{Bounds, Norm};

/// A random neighbour of `x` at an L2 distance of `radius`, in a direction that suits the norm, clipped to the bounds.
pub(super) fn neighbour(x: &mut [f32], norm: Norm, radius: f64, bounds: Bounds, rng: &mut impl Rng) {
    match norm {
        Norm::Linf => {
            let direction: Vec<f32> = x.iter().map(|_| 2.0 * rng.random::<f32>() - 1.0).collect();
            Norm::L2.step(x, &direction, radius, bounds);
        }
        _ => Norm::L2.random_step(x, radius, rng),
    }
    bounds.clip(x);
}

/// Sums over the neighbours of one point.
pub(super) struct Estimate {
    /// Of the ways to the neighbours, those counted negative that do not reach the goal.
    signed: Vec<f64>,
    /// Of all the ways.
    all: Vec<f64>,
    /// Of the decisions, as 1 and -1.
    decisions: f64,
    count: f64,
}

impl Estimate {
    /// Of a point among images of so many pixels.
    pub(super) fn new(pixels: usize) -> Self {
        Self { signed: vec![0.0; pixels], all: vec![0.0; pixels], decisions: 0.0, count: 0.0 }
    }

    /// Adds a neighbour of the point.
    pub(super) fn add(&mut self, neighbour: &[f32], point: &[f32], is_reached: bool) {
        let decision = if is_reached { 1.0 } else { -1.0 };
        self.decisions += decision;
        self.count += 1.0;
        let ways = neighbour.iter().zip(point).map(|(&to, &from)| f64::from(to) - f64::from(from));
        for ((signed, all), way) in self.signed.iter_mut().zip(&mut self.all).zip(ways) {
            *signed += decision * way;
            *all += way;
        }
    }

    /// The normal into the side of the goal, of no particular length: the decisions less their mean, which lowers the variance,
    /// unless they all agree.
    pub(super) fn write(&self, normal: &mut [f32]) {
        let mean = self.decisions / self.count;
        let baseline = if mean.abs() < 1.0 { mean } else { 0.0 };
        for (normal, (signed, all)) in normal.iter_mut().zip(self.signed.iter().zip(&self.all)) {
            *normal = (signed - baseline * all) as f32;
        }
    }
}
