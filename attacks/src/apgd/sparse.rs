//! The pace under L1: steps on few pixels, ever fewer (Croce and Hein 2021, "Mind the box", arXiv:2103.01208, section 4).

use crate::norm::{l1_box, steepest};
use crate::{Bounds, Configuration};

/// The first step is so many epsilon long.
const FIRST_STEP: f64 = 1.0;

/// The share of the pixels that the first steps move.
const FIRST_SHARE: f64 = 0.2;

/// By how much fewer pixels than the best iterate changes a step moves, and by how much shorter it becomes.
const REDUCTION: f64 = 1.5;

/// No step is shorter than the first over this.
const SHORTEST: f64 = 10.0;

/// A best iterate with less than this share of the changes at the last checkpoint has become sparser.
const SPARSER: f64 = 0.95;

/// The state of one image.
pub(super) struct Sparse {
    first_step: f64,
    step: f64,
    pixels: f64,
    /// The share of the pixels that a step moves.
    share: f64,
    /// How many pixels the best iterate changed at the last checkpoint.
    checked_changes: f64,
}

impl Sparse {
    pub(super) fn new(pixels: usize, epsilon: f64) -> Self {
        let (first_step, pixels) = (FIRST_STEP * epsilon, pixels as f64);
        Self { first_step, step: first_step, pixels, share: FIRST_SHARE, checked_changes: pixels }
    }

    /// Moves the pixels of the steepest slopes, all equally far, `step` in sum.
    pub(super) fn advance(&self, x: &mut [f32], x0: &[f32], gradient: &[f32], epsilon: f64, bounds: Bounds) {
        let still = ((1.0 - self.share) * self.pixels) as usize;
        let count = (x.len() - still.min(x.len())).max(1);
        let sloping = (0..x.len()).filter(|&pixel| gradient[pixel] != 0.0);
        let steepest = steepest(sloping, gradient, count);
        for &pixel in &steepest {
            x[pixel] += (self.step / steepest.len() as f64).copysign(f64::from(gradient[pixel])) as f32;
        }
        l1_box::project(x, x0, epsilon, bounds);
    }

    /// Takes on the sparsity of the best iterate. If that has become sparser, the step has its first length again and the image
    /// goes back; else the step gets shorter.
    pub(super) fn check(&mut self, changes: f64) -> bool {
        let is_sparser = changes < SPARSER * self.checked_changes;
        self.share = changes / self.pixels / REDUCTION;
        self.step = if is_sparser { self.first_step } else { (self.step / REDUCTION).max(self.first_step / SHORTEST) };
        self.checked_changes = changes;
        is_sparser
    }
}

/// What decides the pace.
pub(super) fn configuration(configuration: Configuration, epsilon: f64) -> Configuration {
    configuration
        .with("first_step_size", FIRST_STEP * epsilon)
        .with("last_step_size", FIRST_STEP * epsilon / SHORTEST)
        .with("first_share", FIRST_SHARE)
        .with("reduction", REDUCTION)
        .with("sparser", SPARSER)
}
