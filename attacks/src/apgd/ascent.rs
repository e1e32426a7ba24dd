//! The way of one image: where it was best, and which slope it follows at what pace.

use super::halving::Halving;
use super::sparse::Sparse;
use crate::{Bounds, Budget, Norm};

/// What is known of an iterate besides its pixels.
#[derive(Clone)]
struct Slope {
    gradient: Vec<f32>,
    /// Whether it is free of NaN and infinity; an image with one that is not stays where it is.
    can_be_followed: bool,
}

/// How an image steps, and what it does at a checkpoint.
enum Pace {
    Halving(Halving),
    Sparse(Sparse),
}

/// An image on its way up.
pub(super) struct Ascent {
    pace: Pace,
    /// The slope that the next step follows.
    slope: Slope,
    /// The value at the last iterate.
    loss: f32,
    /// The iterate of the highest value.
    best: Vec<f32>,
    best_slope: Slope,
    best_loss: f32,
    /// The iterate of the highest value among those that reached the goal, and that value.
    reached: Option<(Vec<f32>, f32)>,
}

impl Ascent {
    /// An image about to be looked at for the first time.
    pub(super) fn new(start: &[f32], budget: &Budget) -> Self {
        let slope = Slope { gradient: vec![0.0; start.len()], can_be_followed: false };
        Self {
            pace: match budget.norm() {
                Norm::L1 => Pace::Sparse(Sparse::new(start.len(), budget.epsilon())),
                _ => Pace::Halving(Halving::new(budget.epsilon())),
            },
            slope: slope.clone(),
            loss: f32::INFINITY,
            best: start.to_vec(),
            best_slope: slope,
            best_loss: f32::NEG_INFINITY,
            reached: None,
        }
    }

    /// Moves the present iterate `x` on by a step.
    pub(super) fn advance(&mut self, x: &mut [f32], x0: &[f32], budget: &Budget, bounds: Bounds) {
        if !self.slope.can_be_followed {
            return;
        }
        match &mut self.pace {
            Pace::Halving(pace) => pace.advance(x, x0, &self.slope.gradient, budget, bounds),
            Pace::Sparse(pace) => pace.advance(x, x0, &self.slope.gradient, budget.epsilon(), bounds),
        }
    }

    /// Notes what the model says of the iterate `x`: gradient and value of the objective, and whether it reaches the goal.
    pub(super) fn arrive(&mut self, x: &[f32], gradient: &[f32], loss: f32, reached: bool, can_be_followed: bool) {
        if let Pace::Halving(pace) = &mut self.pace {
            pace.arrive(loss > self.loss);
        }
        self.loss = loss;
        self.slope = Slope { gradient: gradient.to_vec(), can_be_followed };
        if loss > self.best_loss {
            self.best.copy_from_slice(x);
            self.best_slope = self.slope.clone();
            self.best_loss = loss;
        }
        if reached && self.reached.as_ref().is_none_or(|(_, highest)| loss > *highest) {
            self.reached = Some((x.to_vec(), loss));
        }
    }

    /// At a checkpoint, `steps` after the last: changes pace if there is reason, and then may go on from the best iterate.
    pub(super) fn check(&mut self, x: &mut [f32], x0: &[f32], steps: usize) {
        let goes_back = match &mut self.pace {
            Pace::Halving(pace) => pace.check(self.best_loss, steps),
            Pace::Sparse(pace) => pace.check(Norm::L0.distance(&self.best, x0)),
        };
        if goes_back {
            x.copy_from_slice(&self.best);
            self.slope = self.best_slope.clone();
        }
    }

    /// What came of it: the best iterate that reached the goal, or the best of all.
    pub(super) fn result(&self) -> &[f32] {
        self.reached.as_ref().map_or(&self.best, |(x, _)| x)
    }
}
