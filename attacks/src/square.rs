//! The Square attack (Andriushchenko et al. 2020, arXiv:1912.00049, algorithms 1 to 3): random search without a gradient.
//!
//! From a patterned start at the border of the budget, change a square window at a random place, keep the change if it raises
//! the loss, and stop at the first image that reaches the goal. Windows shrink as the questions run out. What a change is, the
//! norm decides: [`linf`] and [`l2`]. The loss is the margin by which the label loses or, with a target, minus its
//! cross-entropy, as in AutoAttack (Croce and Hein 2020).

mod changes;
mod grid;
mod l2;
mod linf;
mod search;

use rand_chacha::ChaCha8Rng;

use self::changes::Changes;
use self::grid::Grid;
use self::search::{Answer, Search};
use crate::logits::{cross_entropy, margin};
use crate::oracle::{AT_ONCE, Oracle};
use crate::{Attack, Budget, Configuration, Error, Goal, Images, Proposal, Task, Trace};

/// Out of 10,000 questions those after which the share of changed pixels is halved: the paper's schedule.
const HALVINGS: [u64; 9] = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

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
    fn share_of(&self, query: u64) -> f64 {
        let moment = query.saturating_sub(1) * 10_000 / self.queries as u64;
        let halvings = HALVINGS.iter().filter(|&&halving| moment > halving).count();
        self.share * 0.5_f64.powi(halvings as i32)
    }
}

impl Attack for Square {
    fn name(&self) -> &str {
        "square"
    }

    /// # Errors
    /// [`Error::NormOfAttack`] for other norms than L-infinity and L2; whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, randomness } = *task;
        let norm = budget.linf_or_l2("square")?;
        let originals = Images::from_tensor(x0)?;
        let (bounds, grid) = (model.signature().bounds, Grid::of(originals.shape()));
        // No image is further away than that, and infinity would not survive the arithmetic.
        let farthest = f64::from(bounds.max - bounds.min) * (originals.row(0).len() as f64).sqrt();
        let changes = Changes { attack: *self, grid, norm, epsilon: budget.epsilon().min(farthest), bounds };
        let oracle = Oracle { model, device: x0.device(), goal };

        let streams: Vec<ChaCha8Rng> = randomness.streams().collect();
        let (mut best, mut searches) = (originals.clone(), vec![Search::new(); originals.count()]);
        loop {
            let is_open = |search: &Search| !search.is_fooled && search.trace.queries < self.queries as u64;
            let open: Vec<usize> = (0..searches.len()).filter(|&image| is_open(&searches[image])).collect();
            if open.is_empty() {
                break;
            }
            let room = (AT_ONCE / open.len()).max(1) as u64;
            let questions = open.into_iter().flat_map(|image| {
                let Search { turned_down, trace: Trace { queries, .. }, .. } = searches[image];
                // After many changes that were turned down another is likely to be.
                let ahead = room.min(1 + turned_down).min(self.queries as u64 - queries);
                (queries..queries + ahead).map(move |query| (image, query))
            });
            let (images, queries): (Vec<usize>, Vec<u64>) = questions.unzip();
            let mut asked = best.select(&images);
            for (x, (&image, query)) in asked.rows_mut().zip(images.iter().zip(queries)) {
                changes.apply(x, originals.row(image), query, &streams[image]);
            }

            let logits = oracle.logits(&asked)?;
            let reached = oracle.reached(&images, &logits);
            let answers = images.iter().zip(asked.rows()).zip(logits.iter().zip(reached));
            let answers = answers.map(|((&image, x), (logits, is_reached))| Answer {
                image,
                x,
                loss: loss(goal, image, logits),
                is_reached,
            });
            for answers in answers.collect::<Vec<_>>().chunk_by(|a, b| a.image == b.image) {
                let image = answers[0].image;
                if let Some(answer) = answers.iter().find(|answer| searches[image].keeps(answer)) {
                    best.row_mut(image).copy_from_slice(answer.x);
                }
            }
        }
        Ok(Proposal { images: best, traces: searches.into_iter().map(|search| search.trace).collect() })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        Configuration::default().with("queries", self.queries).with("share", self.share)
    }
}

/// What is to be raised for an image of the batch.
fn loss(goal: &Goal, image: usize, logits: &[f32]) -> f64 {
    let class = goal.classes()[image] as usize;
    if goal.sign() > 0.0 { margin(logits, class) } else { -cross_entropy(logits, class) }
}

#[cfg(test)]
mod tests {
    use super::Square;

    // from pyautoattack.square import SquareAttack
    // a = SquareAttack(None, norm="L2", eps=1.0, n_queries=5000)
    // for i in (0, 5, 6, 25, 26, 100, 101, 501, 2999, 3000, 3001, 4001, 4999): print(i, 0.8 / a.p_selection(i))
    #[test]
    fn the_share_shrinks_as_in_autoattack_which_counts_from_the_first_change() {
        let shrinkage = |queries: usize, change: u64| {
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
