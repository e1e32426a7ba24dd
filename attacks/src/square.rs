//! The Square attack (Andriushchenko et al. 2020, arXiv:1912.00049, algorithms 1 to 3): random search without a gradient.
//!
//! From a patterned start at the border of the budget, change a square window at a random place, keep the change if it raises
//! the loss, and stop at the first image that reaches the goal. Windows shrink as the questions run out. What a change is, the
//! norm decides: [`linf`] and [`l2`]. The loss is the margin by which the label loses or, with a target, minus its
//! cross-entropy, as in AutoAttack (Croce and Hein 2020).

mod grid;
mod l2;
mod linf;

use candle_core::Tensor;
use rand_chacha::ChaCha8Rng;

use self::grid::Grid;
use crate::logits::{cross_entropy, margin};
use crate::oracle::{AT_ONCE, Oracle};
use crate::{Attack, Bounds, Budget, Configuration, Error, Goal, Images, Model, Norm, Proposal, Randomness, Trace};

/// Out of 10,000 questions those after which the share of changed pixels is halved: the paper's schedule.
const HALVINGS: [usize; 9] = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/// Random search in square windows, for L-infinity and L2. The last two dimensions of the images are rows and columns, those
/// before channels; `(B, n)` is one row of `n` columns.
///
/// An image asks one question after the other. Where few images are left, several are asked at once, as if each change before
/// had been turned down; the answers to those that come after a change was kept are not looked at, and not counted.
#[derive(Debug, Clone, Copy)]
pub struct Square {
    /// How many questions to ask about an image at most.
    pub queries: usize,
    /// The share of the pixels that the first windows cover, in (0, 1]; `p` in the paper.
    pub share: f64,
}

impl Default for Square {
    /// As in AutoAttack.
    fn default() -> Self {
        Self { queries: 5000, share: 0.8 }
    }
}

impl Square {
    /// The share of the pixels that the window of a question covers; question 0 is the start.
    fn share_of(&self, query: usize) -> f64 {
        let moment = query.saturating_sub(1) * 10_000 / self.queries;
        let halvings = HALVINGS.iter().filter(|&&halving| moment > halving).count();
        self.share * 0.5_f64.powi(halvings as i32)
    }
}

/// What every question about an image needs to know.
struct Sampler<'a> {
    attack: &'a Square,
    grid: Grid,
    norm: Norm,
    epsilon: f64,
    bounds: Bounds,
}

impl Sampler<'_> {
    /// Makes of the best image so far, `x`, the one that question `query` is about.
    fn change(&self, x: &mut [f32], x0: &[f32], query: usize, rng: &mut ChaCha8Rng) {
        let Self { grid, epsilon, bounds, .. } = *self;
        let side = (self.attack.share_of(query) * grid.pixels() as f64).sqrt().round() as usize;
        match (self.norm, query) {
            (Norm::Linf, 0) => linf::start(x, grid, epsilon, bounds, rng),
            (Norm::Linf, _) => linf::change(x, x0, grid, side, epsilon, bounds, rng),
            (_, 0) => l2::start(x, grid, epsilon, bounds, rng),
            _ => l2::change(x, x0, grid, side, epsilon, bounds, rng),
        }
    }
}

impl Attack for Square {
    fn name(&self) -> &str {
        "square"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2; whatever the model reports.
    fn perturb(
        &self,
        model: &dyn Model,
        x0: &Tensor,
        goal: &Goal,
        budget: &Budget,
        randomness: &Randomness,
    ) -> Result<Proposal, Error> {
        let norm = budget.linf_or_l2("square")?;
        let originals = Images::from_tensor(x0)?;
        let (bounds, grid) = (model.bounds(), Grid::of(originals.shape()));
        // No image is further away than that, and infinity would not survive the arithmetic.
        let farthest = f64::from(bounds.max - bounds.min) * (originals.row(0).len() as f64).sqrt();
        let sampler = Sampler { attack: self, grid, norm, epsilon: budget.epsilon().min(farthest), bounds };
        let oracle = Oracle { model, device: x0.device(), goal };
        let loss = |image: usize, logits: &[f32]| {
            let class = goal.classes()[image] as usize;
            if goal.sign() > 0.0 { margin(logits, class) } else { -cross_entropy(logits, class) }
        };

        let count = originals.count();
        let streams: Vec<ChaCha8Rng> = randomness.streams().collect();
        let (mut best, mut traces) = (originals.clone(), vec![Trace::default(); count]);
        let (mut best_loss, mut is_fooled, mut turned_down) =
            (vec![f64::NEG_INFINITY; count], vec![false; count], vec![0; count]);
        let mut open: Vec<usize> = (0..count).filter(|_| self.queries > 0).collect();
        while !open.is_empty() {
            let room = (AT_ONCE / open.len()).max(1);
            let questions = open.iter().flat_map(|&image| {
                let next = traces[image].queries as usize;
                // After many changes that were turned down another is likely to be.
                let ahead = room.min(1 + turned_down[image]).min(self.queries - next);
                (next..next + ahead).map(move |query| (image, query))
            });
            let (images, queries): (Vec<usize>, Vec<usize>) = questions.unzip();
            let mut asked = best.select(&images);
            for (x, (&image, &query)) in asked.rows_mut().zip(images.iter().zip(&queries)) {
                // Each question has numbers of its own, so that it does not matter how many are asked at once.
                let mut rng = streams[image].clone();
                rng.set_stream(query as u64);
                sampler.change(x, originals.row(image), query, &mut rng);
            }
            let logits = oracle.logits(&asked)?;
            let reached = oracle.reached(&images, &logits);

            let mut rows = 0..images.len();
            for questions in images.chunk_by(|a, b| a == b) {
                let image = questions[0];
                for row in rows.by_ref().take(questions.len()).collect::<Vec<_>>() {
                    traces[image].queries += 1;
                    let found = loss(image, &logits[row]);
                    if reached[row] || found.is_finite() && found > best_loss[image] {
                        best.row_mut(image).copy_from_slice(asked.row(row));
                        (best_loss[image], is_fooled[image], turned_down[image]) = (found, reached[row], 0);
                        break;
                    }
                    turned_down[image] += 1;
                }
            }
            open.retain(|&image| !is_fooled[image] && (traces[image].queries as usize) < self.queries);
        }
        Ok(Proposal { images: best, traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        Configuration::default().with("queries", self.queries).with("share", self.share)
    }
}

#[cfg(test)]
mod tests {
    use super::Square;

    // from pyautoattack.square import SquareAttack
    // a = SquareAttack(None, norm="L2", eps=1.0, n_queries=5000)
    // for i in (0, 5, 6, 25, 26, 100, 101, 501, 2999, 3000, 3001, 4001, 4999): print(i, 0.8 / a.p_selection(i))
    #[test]
    fn the_share_shrinks_as_in_autoattack_which_counts_from_the_first_change() {
        let shrinkage = |queries: usize, change: usize| {
            let square = Square { queries, ..Square::default() };
            square.share / square.share_of(change + 1)
        };
        for (change, expected) in [
            (0, 1.0),
            (5, 1.0),
            (6, 2.0),
            (25, 2.0),
            (26, 4.0),
            (100, 4.0),
            (101, 8.0),
            (501, 32.0),
            (2999, 128.0),
            (3000, 128.0),
            (3001, 256.0),
            (4001, 512.0),
            (4999, 512.0),
        ] {
            assert_eq!(shrinkage(5000, change), expected, "{change}");
        }
        for (change, expected) in [(0, 1.0), (5, 2.0), (6, 4.0), (25, 8.0), (101, 32.0), (501, 128.0)] {
            assert_eq!(shrinkage(1000, change), expected, "{change}");
        }
    }
}
