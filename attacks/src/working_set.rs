//! The images of a batch that an attack still works on, side by side, so that the model is asked about no other.

use candle_core::{DType, Tensor};

use crate::logits::argmax;
use crate::{Bounds, Error, Goal, Images, input};

/// Row `i` of everything here belongs to image `positions[i]` of the batch. Who is in the set changes no row.
pub(crate) struct WorkingSet {
    /// Where each image stands in the batch.
    pub(crate) positions: Vec<usize>,
    /// The present iterates.
    pub(crate) x: Images,
    /// The original images.
    pub(crate) x0: Images,
    /// What each image remembers from step to step; zero at first.
    pub(crate) memory: Images,
    /// What is wanted of each image.
    pub(crate) goal: Goal,
    /// `(B, ...)`, the iterates that images left with, each in its place in the batch.
    results: Images,
}

impl WorkingSet {
    /// All images of a batch, each at its start.
    pub(crate) fn new(start: Images, x0: Images, goal: Goal) -> Self {
        let (memory, results) = (x0.zeros_like(), start.clone());
        Self { positions: (0..x0.count()).collect(), x: start, x0, memory, goal, results }
    }

    /// The iterates moved on by so much of what each image remembers, within the bounds.
    pub(crate) fn ahead(&self, share: f64, bounds: Bounds) -> Images {
        let mut ahead = self.x.clone();
        for (x, memory) in ahead.rows_mut().zip(self.memory.rows()) {
            x.iter_mut().zip(memory).for_each(|(x, &past)| *x += (share * f64::from(past)) as f32);
            bounds.clip(x);
        }
        ahead
    }

    /// Whether the logits of each row reach the goal; `logits` has a row of `K` for each.
    pub(crate) fn reached(&self, logits: &Tensor) -> Result<Vec<bool>, Error> {
        input::check_logits(logits, self.positions.len())?;
        let logits = logits.to_dtype(DType::F32)?.to_vec2::<f32>()?;
        let predictions: Vec<u32> = logits.iter().map(|logits| argmax(logits) as u32).collect();
        Ok(self.goal.reached(&predictions))
    }

    /// The rows whose logits do not reach the goal yet.
    pub(crate) fn unreached(&self, logits: &Tensor) -> Result<Vec<usize>, Error> {
        let reached = self.reached(logits)?;
        Ok((0..reached.len()).filter(|&row| !reached[row]).collect())
    }

    /// Keeps the images of these rows; the others leave with their present iterates.
    pub(crate) fn keep(&mut self, rows: &[usize]) {
        self.record();
        self.positions = rows.iter().map(|&row| self.positions[row]).collect();
        self.goal = self.goal.select(rows);
        for images in [&mut self.x, &mut self.x0, &mut self.memory] {
            *images = images.select(rows);
        }
    }

    /// What each image of the batch ended as.
    pub(crate) fn finish(mut self) -> Images {
        self.record();
        self.results
    }

    /// Notes where every image is now; of those that stay a later note counts.
    fn record(&mut self) {
        for (&position, x) in self.positions.iter().zip(self.x.rows()) {
            self.results.row_mut(position).copy_from_slice(x);
        }
    }
}
