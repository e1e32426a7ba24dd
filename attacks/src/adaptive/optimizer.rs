//! How an attack that knows the detector steps in the direction that it has chosen.

use crate::norm::{Norm, sum};
use crate::{Adam, Bounds};

/// The kind of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optimizer {
    /// The steepest step of the norm, as in PGD: under l-infinity every pixel by the same amount. That is a pattern of its own, which
    /// some detectors see and further steps of the kind do not undo.
    Steepest,
    /// Adam (Kingma and Ba 2015), each direction taken at length 1, since those of loss and score may differ by orders of magnitude.
    /// After the first step every pixel moves by an amount of its own: of about the size of a step, in l2 the whole image.
    Adam,
}

/// What is remembered of one image's way.
#[derive(Debug, Clone)]
pub(super) enum OptimizerState {
    Steepest,
    Adam(Adam),
}

impl Optimizer {
    /// For an image of so many pixels, at the start of a run.
    pub(super) fn start(self, pixels: usize) -> OptimizerState {
        match self {
            Self::Steepest => OptimizerState::Steepest,
            Self::Adam => OptimizerState::Adam(Adam::new(pixels)),
        }
    }
}

impl OptimizerState {
    /// For steps that grow shorter: Adam with a shorter memory of how steep it was. Under l-infinity alone: projected onto another ball, steps
    /// that are scaled by pixels come to rest where the function still falls.
    pub(super) fn shrinking(norm: Norm, pixels: usize) -> Self {
        match norm {
            Norm::Linf => Self::Adam(Adam::new(pixels).remembering(0.99)),
            Norm::L2 | Norm::L1 | Norm::L0 => Self::Steepest,
        }
    }

    /// A step of so much in a direction; a direction of zero moves nothing by itself.
    pub(super) fn step(&mut self, x: &mut [f32], direction: &[f32], size: f64, norm: Norm, bounds: Bounds) {
        match self {
            Self::Steepest => norm.step(x, direction, size, bounds),
            Self::Adam(adam) => {
                let length = sum(direction, direction, |one, _| one * one).sqrt();
                let downhill = if length > 0.0 { -1.0 / length } else { 0.0 };
                let gradient: Vec<f32> = direction.iter().map(|&one| (downhill * f64::from(one)) as f32).collect();
                // How long a step is that moves every pixel by 1.
                let whole = norm.distance(&vec![1.0; x.len()], &vec![0.0; x.len()]);
                adam.descend(x, &gradient, size / whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Optimizer;
    use crate::{Bounds, Norm};

    const BOUNDS: Bounds = Bounds { min: 0.0, max: 1.0 };

    #[test]
    fn the_first_step_of_adam_is_that_of_the_sign_and_the_next_remember_it() {
        for (norm, size) in [(Norm::Linf, 0.1), (Norm::L2, 0.2)] {
            let (mut x, mut state) = ([0.5_f32; 4], Optimizer::Adam.start(4));
            state.step(&mut x, &[3.0, -1.0, 0.0, 0.5], size, norm, BOUNDS);
            for (x, expected) in x.iter().zip([0.6, 0.4, 0.5, 0.6]) {
                assert!((x - expected).abs() < 1e-5, "{norm:?}: {x} and not {expected}");
            }
            // The length of a direction is nothing to it: a thousand times the first, turned around, it all but stands still.
            let before = x;
            state.step(&mut x, &[-3000.0, 1000.0, 0.0, -500.0], size, norm, BOUNDS);
            for (x, before) in x.iter().zip(before) {
                assert!((x - before).abs() < 0.01, "{norm:?}: {x} and before {before}");
            }
        }
    }

    #[test]
    fn no_direction_is_no_step() {
        for optimizer in [Optimizer::Steepest, Optimizer::Adam] {
            let (mut x, mut state) = ([0.25_f32; 4], optimizer.start(4));
            state.step(&mut x, &[0.0; 4], 0.1, Norm::Linf, BOUNDS);
            assert_eq!(x, [0.25; 4], "{optimizer:?}");
        }
    }
}
