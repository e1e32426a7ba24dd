//! [`Runs`]: images on their way toward labels, side by side.

use std::cmp::Ordering;

use super::super::optimizer::OptimizerState;
use crate::{Images, Norm};

/// An image on its way toward a label.
pub(super) struct Run {
    /// Which image of the batch.
    pub(super) image: usize,
    /// The label.
    pub(super) label: u32,
    /// How it steps.
    pub(super) optimizer: OptimizerState,
    /// The best merit that it has had; the lower the better.
    pub(super) best: [f64; 2],
}

/// Row `i` of the images belongs to run `i`. The runs of an image lie side by side.
pub(super) struct Runs {
    pub(super) each: Vec<Run>,
    pub(super) x: Images,
}

impl Run {
    /// Notes a merit.
    pub(super) fn note(&mut self, merit: [f64; 2]) {
        if order(merit, self.best).is_lt() {
            self.best = merit;
        }
    }
}

impl Runs {
    /// Of some of the images, each toward labels of its own.
    pub(super) fn new<'a>(norm: Norm, start: &Images, wanted: impl Iterator<Item = (usize, &'a [u32])>) -> Self {
        let pixels = start.row(0).len();
        let run = |image| {
            move |&label: &u32| Run {
                image,
                label,
                optimizer: OptimizerState::shrinking(norm, pixels),
                best: [f64::INFINITY; 2],
            }
        };
        let each: Vec<Run> = wanted.flat_map(|(image, labels)| labels.iter().map(run(image))).collect();
        let x = start.select(&each.iter().map(|run| run.image).collect::<Vec<_>>());
        Self { each, x }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The image of each run.
    pub(super) fn images(&self) -> Vec<usize> {
        self.each.iter().map(|run| run.image).collect()
    }

    /// The label of each run.
    pub(super) fn labels(&self) -> Vec<u32> {
        self.each.iter().map(|run| run.label).collect()
    }

    /// Keeps the runs of these images, which ascend.
    pub(super) fn keep_images(&mut self, images: &[usize]) {
        self.keep(|_, run| images.binary_search(&run.image).is_ok());
    }

    /// Keeps so many runs of each image: those of the best merit, of equals the first.
    pub(super) fn keep_best(&mut self, most: usize) {
        let better = |a: (usize, &Run), b: (usize, &Run)| order(a.1.best, b.1.best).then(a.0.cmp(&b.0)).is_lt();
        let is_kept: Vec<bool> = (0..self.each.len())
            .map(|row| {
                let run = (row, &self.each[row]);
                let rivals = self.each.iter().enumerate().filter(|other| other.1.image == run.1.image);
                rivals.filter(|&other| better(other, run)).count() < most
            })
            .collect();
        self.keep(|row, _| is_kept[row]);
    }

    /// Writes down the labels that the images which are still here go toward.
    pub(super) fn labels_into(&self, labels: &mut [Vec<u32>]) {
        self.each.iter().for_each(|run| labels[run.image].clear());
        self.each.iter().for_each(|run| labels[run.image].push(run.label));
    }

    fn keep(&mut self, is_kept: impl Fn(usize, &Run) -> bool) {
        let rows: Vec<usize> = (0..self.each.len()).filter(|&row| is_kept(row, &self.each[row])).collect();
        if rows.len() == self.each.len() {
            return;
        }
        self.x = self.x.select(&rows);
        let mut row = 0..;
        self.each.retain(|_| row.next().is_some_and(|row| rows.binary_search(&row).is_ok()));
    }
}

/// From left to right.
fn order(a: [f64; 2], b: [f64; 2]) -> Ordering {
    a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
}
