//! Which change a question is about.

use rand_chacha::ChaCha8Rng;

use super::grid::Grid;
use super::{Square, l2, linf};
use crate::{Bounds, Norm};

/// How an image becomes the one that the next question is about.
pub(super) struct Changes {
    pub(super) attack: Square,
    pub(super) grid: Grid,
    pub(super) norm: Norm,
    pub(super) epsilon: f64,
    pub(super) bounds: Bounds,
}

impl Changes {
    /// Changes `x`, the best image so far. Each question has random numbers of its own, whenever it is asked.
    pub(super) fn apply(&self, x: &mut [f32], x0: &[f32], query: u64, stream: &ChaCha8Rng) {
        let Self { grid, epsilon, bounds, .. } = *self;
        let mut rng = stream.clone();
        rng.set_stream(query);
        let side = (self.attack.share_of(query) * grid.pixels() as f64).sqrt().round() as usize;
        match (self.norm, query) {
            (Norm::Linf, 0) => linf::start(x, grid, epsilon, bounds, &mut rng),
            (Norm::Linf, _) => linf::change(x, x0, grid, side, epsilon, bounds, &mut rng),
            (_, 0) => l2::start(x, grid, epsilon, bounds, &mut rng),
            _ => l2::change(x, x0, grid, side, epsilon, bounds, &mut rng),
        }
    }
}
