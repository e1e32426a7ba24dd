//! How an attack that knows the detector steps in the direction that it has chosen.

use crate::norm::{Norm, sum};
use crate::{Adam, Bounds};

/// The kind of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// The steepest step of the norm, as in PGD: under l-infinity every pixel by the same amount. A detector of such grain sees it, and
    /// no descent on that detector's score removes it.
    Steepest,
    /// Adam (Kingma and Ba 2015), each direction taken at length 1, since those of loss and score may differ by orders of magnitude. A
    /// step moves every pixel by about its size, in l2 the whole image.
    Adam,
}

/// One image on its way.
#[derive(Debug, Clone)]
pub(super) enum Walker {
    Steepest,
    Adam(Option<Adam>),
}

impl Walk {
    /// At the start of a run.
    pub(super) fn start(self) -> Walker {
        match self {
            Self::Steepest => Walker::Steepest,
            Self::Adam => Walker::Adam(None),
        }
    }
}

impl Walker {
    /// A step of so much in a direction.
    pub(super) fn go(&mut self, x: &mut [f32], direction: &[f32], size: f64, norm: Norm, bounds: Bounds) {
        match self {
            Self::Steepest => norm.step(x, direction, size, bounds),
            Self::Adam(adam) => {
                let length = sum(direction, direction, |one, _| one * one).sqrt();
                let downhill: Vec<f32> = direction.iter().map(|&one| (-f64::from(one) / length) as f32).collect();
                let whole = norm.distance(&vec![1.0; x.len()], &vec![0.0; x.len()]);
                adam.get_or_insert_with(|| Adam::new(x.len())).descend(x, &downhill, size / whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Walk;
    use crate::{Bounds, Norm};

    const BOUNDS: Bounds = Bounds { min: 0.0, max: 1.0 };

    #[test]
    fn the_first_step_of_adam_is_that_of_the_sign_and_the_next_remember_it() {
        for (norm, size) in [(Norm::Linf, 0.1), (Norm::L2, 0.2)] {
            let (mut x, mut walker) = ([0.5_f32; 4], Walk::Adam.start());
            walker.go(&mut x, &[3.0, -1.0, 0.0, 0.5], size, norm, BOUNDS);
            for (x, expected) in x.iter().zip([0.6, 0.4, 0.5, 0.6]) {
                assert!((x - expected).abs() < 1e-5, "{norm:?}: {x} and not {expected}");
            }
            // The length of a direction is nothing to it: a thousand times the first, turned around, it all but stands still.
            let before = x;
            walker.go(&mut x, &[-3000.0, 1000.0, 0.0, -500.0], size, norm, BOUNDS);
            for (x, before) in x.iter().zip(before) {
                assert!((x - before).abs() < 0.01, "{norm:?}: {x} and before {before}");
            }
        }
    }
}
