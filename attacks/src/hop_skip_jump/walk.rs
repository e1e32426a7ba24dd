//! Where the images of a batch are on their way along the border, and what they may still ask. Each image has questions of its
//! own and stops when they run out; the model is asked about all of them together.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::oracle::Oracle;
use crate::{Bounds, Error, Images, Norm, Proposal, Randomness, Trace};

/// How many random images are tried for a start.
pub(super) const STARTS: u64 = 100;

/// The images, each at a point that is known to reach its goal, once it has started. Row `i` of everything is image `i` of the
/// batch.
pub(super) struct Walk<'a> {
    oracle: Oracle<'a>,
    pub(super) norm: Norm,
    pub(super) bounds: Bounds,
    /// Questions per image.
    limit: u64,
    pub(super) x0: Images,
    pub(super) x: Images,
    /// How far from its original each image was before it last went to the border.
    pub(super) strayed: Vec<f64>,
    /// The closest border point of each image, and how close it is.
    closest: Images,
    distances: Vec<f64>,
    pub(super) streams: Vec<ChaCha8Rng>,
    traces: Vec<Trace>,
}

impl<'a> Walk<'a> {
    /// Not started yet; a number of questions per image.
    pub(super) fn new(oracle: Oracle<'a>, x0: Images, norm: Norm, limit: u64, randomness: &Randomness) -> Self {
        let (bounds, count) = (oracle.model.signature().bounds, x0.count());
        Self {
            oracle,
            norm,
            bounds,
            limit,
            x: x0.clone(),
            strayed: vec![0.0; count],
            closest: x0.clone(),
            distances: vec![f64::INFINITY; count],
            streams: randomness.streams().collect(),
            traces: vec![Trace::default(); count],
            x0,
        }
    }

    /// Moves the images to the first of their random images that reaches the goal; returns those that have one.
    pub(super) fn start(&mut self) -> Result<Vec<usize>, Error> {
        let Bounds { min, max } = self.bounds;
        let mut open: Vec<usize> = (0..self.x0.count()).collect();
        for _ in 0..STARTS.min(self.limit) {
            let mut random = self.x0.select(&open);
            for (x, &image) in random.rows_mut().zip(&open) {
                x.iter_mut().for_each(|x| *x = self.streams[image].random_range(min..=max));
            }
            let moved = self.move_if_reached(&open, &random)?;
            open.retain(|image| !moved.contains(image));
            if open.is_empty() {
                break;
            }
        }
        Ok((0..self.x0.count()).filter(|image| !open.contains(image)).collect())
    }

    /// Whether an image can afford another step.
    pub(super) fn can_go_on(&self, image: usize) -> bool {
        self.left(image) > self.reserve()
    }

    /// What became of all images.
    pub(super) fn finish(self) -> Proposal {
        Proposal { images: self.closest, traces: self.traces }
    }

    /// Asks about one version of each of the images, and moves those to it that reach the goal there; returns them.
    pub(super) fn move_if_reached(&mut self, images: &[usize], asked: &Images) -> Result<Vec<usize>, Error> {
        let reached = self.ask(images, asked)?;
        let mut moved = Vec::new();
        for ((&image, x), reached) in images.iter().zip(asked.rows()).zip(reached) {
            if reached {
                self.x.row_mut(image).copy_from_slice(x);
                moved.push(image);
            }
        }
        Ok(moved)
    }

    /// Asks about versions of these images, and counts.
    pub(super) fn ask(&mut self, images: &[usize], asked: &Images) -> Result<Vec<bool>, Error> {
        images.iter().for_each(|&image| self.traces[image].queries += 1);
        self.oracle.decisions(images, asked)
    }

    /// Keeps the present point of an image if it is the closest yet.
    pub(super) fn remember(&mut self, image: usize) {
        let distance = self.distance(image);
        if distance < self.distances[image] {
            self.distances[image] = distance;
            self.closest.row_mut(image).copy_from_slice(self.x.row(image));
        }
    }

    /// How far an image is from its original.
    pub(super) fn distance(&self, image: usize) -> f64 {
        self.norm.distance(self.x.row(image), self.x0.row(image))
    }

    /// Pixels of an image.
    pub(super) fn pixels(&self) -> usize {
        self.x0.row(0).len()
    }

    /// How many questions an image has left.
    pub(super) fn left(&self, image: usize) -> u64 {
        self.limit - self.traces[image].queries
    }

    /// What an estimate leaves: the questions for the way back to the border, and as many to find how far to step before.
    pub(super) fn reserve(&self) -> u64 {
        2 * self.halvings()
    }

    /// How often a way is halved: down to `n^(-3/2)` of its length, or `n^-2` for L-infinity, and at least to a thousandth.
    pub(super) fn halvings(&self) -> u64 {
        let exponent = if self.norm == Norm::Linf { 2.0 } else { 1.5 };
        (exponent * (self.pixels() as f64).log2()).ceil().max(10.0) as u64
    }
}
