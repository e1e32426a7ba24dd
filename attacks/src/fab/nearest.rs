//! The nearest image that fools, of each image of a batch: what a walk looks for, starts from again, and improves at the end.

use super::{ETA, margins};
use crate::{Bounds, Budget, Error, Images, Randomness, Task, Trace};

/// How many steps the search at the end has.
const SECANTS: usize = 3;

/// What has been found so far.
pub(super) struct Nearest {
    /// The nearest that fool; the originals where none does yet.
    pub(super) images: Images,
    /// Their distances; infinite where none does.
    distances: Vec<f64>,
    /// Their margins; those of the originals where none does.
    margins: Vec<f64>,
    /// The margins of the originals.
    originals: Vec<f64>,
    /// What happened to each image on the way.
    pub(super) traces: Vec<Trace>,
}

impl Nearest {
    /// Knows the originals, which may fool already, and their margins.
    pub(super) fn new(images: Images, originals: Vec<f64>) -> Self {
        let distances = originals.iter().map(|&margin| if margin > 0.0 { 0.0 } else { f64::INFINITY }).collect();
        // The margins of the originals were a question.
        let traces = vec![Trace { queries: 1, ..Trace::default() }; originals.len()];
        Self { images, distances, margins: originals.clone(), originals, traces }
    }

    /// An image that fools.
    pub(super) fn offer(&mut self, image: usize, x: &[f32], distance: f64, margin: f64) {
        if distance < self.distances[image] {
            self.images.row_mut(image).copy_from_slice(x);
            self.distances[image] = distance;
            self.margins[image] = margin;
        }
    }

    /// Whether nothing nearer is wanted: it is the original, or lies within the budget.
    pub(super) fn is_enough(&self, image: usize, budget: &Budget) -> bool {
        let distance = self.distances[image];
        distance == 0.0 || budget.is_bounded() && budget.admits(distance)
    }

    /// Where walk number `restart` starts, and who walks: all who need to and, after the first walk, know how far to start.
    pub(super) fn start(
        &self,
        restart: u64,
        originals: &Images,
        budget: &Budget,
        randomness: &Randomness,
        bounds: Bounds,
    ) -> (Images, Vec<usize>) {
        let mut start = originals.clone();
        let radius = |image: usize| self.distances[image].min(budget.epsilon()) / 2.0;
        if restart > 0 {
            let streams = randomness.restart(restart);
            for (image, (x, mut rng)) in start.rows_mut().zip(streams.streams()).enumerate() {
                if radius(image).is_finite() {
                    budget.norm().random_start(x, radius(image), &mut rng);
                    bounds.clip(x);
                }
            }
        }
        let walks = |&image: &usize| !self.is_enough(image, budget) && (restart == 0 || radius(image).is_finite());
        (start, (0..originals.count()).filter(walks).collect())
    }

    /// Looks for nearer ones on the way from the originals. The margin being taken for linear between an image that fools and one
    /// that does not, a point a little beyond where it would be 0, as far as a step goes beyond the border, takes the place of
    /// one of them. The paper goes to that point itself, which rounding can put on either side.
    pub(super) fn search(&mut self, task: &Task, originals: &Images, budget: &Budget) -> Result<(), Error> {
        let is_open = |&image: &usize| self.distances[image].is_finite() && !self.is_enough(image, budget);
        let images: Vec<usize> = (0..originals.count()).filter(is_open).collect();
        if images.is_empty() {
            return Ok(());
        }
        let goal = task.goal.select(&images);
        let mut inner = originals.select(&images);
        let mut inner_margins: Vec<f64> = images.iter().map(|&image| self.originals[image]).collect();
        for _ in 0..SECANTS {
            let mut between = inner.clone();
            for (row, x) in between.rows_mut().enumerate() {
                let (inside, outside) = (inner_margins[row], self.margins[images[row]]);
                let share = (1.0 - (2.0 - ETA) * outside / (outside - inside)) as f32;
                x.iter_mut().zip(self.images.row(images[row])).for_each(|(x, outer)| *x += share * (outer - *x));
            }
            let margins = margins(task.model, &between.to_tensor(task.x0.device())?, &goal)?;
            for (row, (x, margin)) in between.rows().zip(margins).enumerate() {
                let image = images[row];
                self.traces[image].queries += 1;
                if margin > 0.0 {
                    self.offer(image, x, budget.norm().distance(x, originals.row(image)), margin);
                } else {
                    inner.row_mut(row).copy_from_slice(x);
                    inner_margins[row] = margin;
                }
            }
        }
        Ok(())
    }
}
