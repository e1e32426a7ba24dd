//! One image's search: a binary search over the constant, with a descent for each value.

use super::CarliniWagner;
use crate::Bounds;
use crate::adam::Adam;
use crate::norm::sum;
use crate::tanh_space::TanhSpace;

/// While no constant fools, the next is ten times as large, up to this.
const LARGEST_CONSTANT: f64 = 1e10;

/// A descent is looked at after each tenth of its steps, and goes on if its lowest loss is below this share of what it was.
const PROGRESS: f64 = 0.9999;

/// The search of one image.
pub(super) struct Search {
    settings: CarliniWagner,
    bounds: Bounds,
    /// The nearest image that fools by the margin, and its squared distance; the original, infinitely far, at first.
    nearest: Vec<f32>,
    nearest_squared: f64,
    /// The constant in use, the largest that did not fool, the smallest that did, and how many have been tried.
    constant: f64,
    too_small: f64,
    large_enough: f64,
    tried: usize,
    descent: Descent,
}

/// The descent for one constant.
struct Descent {
    space: TanhSpace,
    adam: Adam,
    /// How many answers of the model it has had.
    steps: usize,
    /// The lowest loss so far, and what that was when progress was last looked at.
    lowest: f64,
    lowest_before: f64,
    has_fooled: bool,
}

impl Descent {
    fn new(x0: &[f32], bounds: Bounds) -> Self {
        let (space, adam) = (TanhSpace::new(x0, bounds), Adam::new(x0.len()));
        Self { space, adam, steps: 0, lowest: f64::INFINITY, lowest_before: f64::INFINITY, has_fooled: false }
    }

    /// Takes note of a loss; whether to go on, of at most `limit` steps.
    fn goes_on(&mut self, loss: f64, limit: usize) -> bool {
        self.lowest = self.lowest.min(loss);
        let is_due = self.steps.is_multiple_of(limit.div_ceil(10));
        let has_stalled = is_due && self.lowest >= PROGRESS * self.lowest_before;
        if is_due {
            self.lowest_before = self.lowest;
        }
        self.steps += 1;
        self.steps < limit && !has_stalled
    }
}

impl Search {
    /// Before the first question about the original image `x0`.
    pub(super) fn new(settings: CarliniWagner, x0: &[f32], bounds: Bounds) -> Self {
        Self {
            settings,
            bounds,
            nearest: x0.to_vec(),
            nearest_squared: f64::INFINITY,
            constant: settings.initial_constant,
            too_small: 0.0,
            large_enough: f64::INFINITY,
            tried: 0,
            descent: Descent::new(x0, bounds),
        }
    }

    /// Whether all constants have been tried.
    pub(super) fn is_over(&self) -> bool {
        self.settings.steps == 0 || self.tried >= self.settings.searches
    }

    /// The image that the model is to be asked about.
    pub(super) fn image(&mut self, x: &mut [f32]) {
        self.descent.space.image(x);
    }

    /// The result.
    pub(super) fn nearest(&self) -> &[f32] {
        &self.nearest
    }

    /// Goes one step on from the image `x`, knowing its margin and the gradient of that, if it can be followed; the gradient is
    /// written over.
    pub(super) fn advance(&mut self, x: &[f32], x0: &[f32], margin: f64, gradient: Option<&mut [f32]>) {
        let CarliniWagner { steps, confidence, learning_rate, .. } = self.settings;
        let squared = sum(x, x0, |x, x0| (x - x0) * (x - x0));
        if margin > 0.0 && margin >= confidence {
            self.descent.has_fooled = true;
            if squared < self.nearest_squared {
                self.nearest_squared = squared;
                self.nearest.copy_from_slice(x);
            }
        }
        let shortfall = (confidence - margin).max(0.0);
        match gradient {
            Some(gradient) if self.descent.goes_on(squared + self.constant * shortfall, steps) => {
                let push = if shortfall > 0.0 { self.constant as f32 } else { 0.0 };
                for (slope, (x, x0)) in gradient.iter_mut().zip(x.iter().zip(x0)) {
                    *slope = 2.0 * (x - x0) - push * *slope;
                }
                let Descent { space, adam, .. } = &mut self.descent;
                space.pull_back(gradient);
                adam.descend(&mut space.variables, gradient, learning_rate);
            }
            _ => self.next_constant(x0),
        }
    }

    fn next_constant(&mut self, x0: &[f32]) {
        let bracket = if self.descent.has_fooled { &mut self.large_enough } else { &mut self.too_small };
        *bracket = self.constant;
        self.constant = if self.large_enough.is_finite() {
            (self.too_small + self.large_enough) / 2.0
        } else {
            (10.0 * self.constant).min(LARGEST_CONSTANT)
        };
        self.tried += 1;
        self.descent = Descent::new(x0, self.bounds);
    }
}
