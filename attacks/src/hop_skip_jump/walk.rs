//! Where the images of a batch are on their way along the border, and how they move. Each asks for itself and stops when it has
//! no questions left; the model is asked about all of them together.

use std::iter::repeat_n;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::estimate::{Estimate, neighbour};
use crate::oracle::{AT_ONCE, Oracle};
use crate::{Bounds, Error, Images, Norm, Proposal, Randomness, Trace};

/// How many neighbours the first estimate asks about; estimate `t` asks about `sqrt(t)` times as many.
pub(super) const NEIGHBOURS: f64 = 100.0;

/// How many random images are tried for a start.
pub(super) const STARTS: u64 = 100;

/// The images, each at a point that is known to reach its goal, once it has started.
pub(super) struct Walk<'a> {
    oracle: Oracle<'a>,
    norm: Norm,
    bounds: Bounds,
    /// Questions per image.
    limit: u64,
    x0: Images,
    x: Images,
    /// How far from its original each image was before it last went to the border.
    strayed: Vec<f64>,
    /// The closest border point of each image, and how close it is.
    closest: Images,
    distances: Vec<f64>,
    streams: Vec<ChaCha8Rng>,
    traces: Vec<Trace>,
}

impl<'a> Walk<'a> {
    /// Not started yet; a number of questions per image.
    pub(super) fn new(oracle: Oracle<'a>, x0: Images, norm: Norm, limit: u64, randomness: &Randomness) -> Self {
        let (bounds, count) = (oracle.model.bounds(), x0.count());
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

    /// Moves the images to the first of their random images that reaches the goal, and from there to the border; returns those
    /// that can go on.
    pub(super) fn start(&mut self) -> Result<Vec<usize>, Error> {
        let Bounds { min, max } = self.bounds;
        let mut open: Vec<usize> = (0..self.x0.count()).collect();
        let mut started = Vec::new();
        for _ in 0..STARTS.min(self.limit) {
            if open.is_empty() {
                break;
            }
            let mut random = self.x0.select(&open);
            for (x, &image) in random.rows_mut().zip(&open) {
                x.iter_mut().for_each(|x| *x = self.streams[image].random_range(min..=max));
            }
            started.extend(self.move_if_reached(&open, &random)?);
            open.retain(|image| !started.contains(image));
        }
        started.sort_unstable();
        // In a straight line first, whatever the norm: what is left of the random image is then a blend of it.
        self.go_back(&started, Norm::L2)?;
        if self.norm == Norm::Linf {
            self.go_back(&started, Norm::Linf)?;
        }
        started.retain(|&image| self.can_go_on(image));
        Ok(started)
    }

    /// The direction from each of the images into its goal's side of the border.
    pub(super) fn estimate_normals(&mut self, images: &[usize], step: u32) -> Result<Images, Error> {
        let pixels = self.x0.row(0).len();
        let wanted = (NEIGHBOURS * f64::from(step).sqrt()) as u64;
        let neighbours = images.iter().enumerate().flat_map(|(row, &image)| {
            let affordable = self.left(image) - self.reserve();
            repeat_n(row, wanted.min(affordable) as usize)
        });
        let neighbours: Vec<usize> = neighbours.collect();
        let mut estimates: Vec<Estimate> = images.iter().map(|_| Estimate::new(pixels)).collect();
        for rows in neighbours.chunks(AT_ONCE) {
            let owners: Vec<usize> = rows.iter().map(|&row| images[row]).collect();
            let mut asked = self.x.select(&owners);
            for (x, &image) in asked.rows_mut().zip(&owners) {
                // So far that the border is flat within the precision that it is known to.
                let radius = match step {
                    1 => 0.1 * f64::from(self.bounds.max - self.bounds.min),
                    _ => self.strayed[image] / pixels as f64,
                };
                neighbour(x, self.norm, radius, self.bounds, &mut self.streams[image]);
            }
            let reached = self.ask(&owners, &asked)?;
            for ((x, &row), reached) in asked.rows().zip(rows).zip(reached) {
                estimates[row].add(x, self.x.row(images[row]), reached);
            }
        }
        let mut normals = self.x.select(images);
        normals.rows_mut().zip(estimates).for_each(|(normal, estimate)| estimate.write(normal));
        Ok(normals)
    }

    /// Moves the images along the normals, half as far as often as need be to reach the goal.
    pub(super) fn step_inwards(&mut self, images: &[usize], normals: &Images, step: u32) -> Result<(), Error> {
        let mut open: Vec<usize> = (0..images.len()).collect();
        let mut size = 1.0 / f64::from(step).sqrt();
        while !open.is_empty() {
            let mut asked = self.x.select(&open.iter().map(|&row| images[row]).collect::<Vec<_>>());
            for (x, &row) in asked.rows_mut().zip(&open) {
                let distance = self.norm.distance(x, self.x0.row(images[row]));
                self.norm.step(x, normals.row(row), size * distance, self.bounds);
                self.bounds.clip(x);
            }
            // A step that is too small for f32 is none, and worth no question.
            let is_worth = |&at: &usize| {
                let image = images[open[at]];
                self.left(image) > 0 && asked.row(at) != self.x.row(image)
            };
            let worth: Vec<usize> = (0..open.len()).filter(is_worth).collect();
            asked = asked.select(&worth);
            open = worth.into_iter().map(|at| open[at]).collect();
            let owners: Vec<usize> = open.iter().map(|&row| images[row]).collect();
            let moved = self.move_if_reached(&owners, &asked)?;
            open.retain(|&row| !moved.contains(&images[row]));
            size /= 2.0;
        }
        Ok(())
    }

    /// Moves the images back towards their originals, to the border, and remembers where if it is the closest point yet.
    pub(super) fn go_to_border(&mut self, images: &[usize]) -> Result<(), Error> {
        self.go_back(images, self.norm)
    }

    /// Whether an image can afford another step.
    pub(super) fn can_go_on(&self, image: usize) -> bool {
        self.left(image) > self.reserve()
    }

    /// What became of all images.
    pub(super) fn finish(self) -> Proposal {
        Proposal { images: self.closest, traces: self.traces }
    }

    /// Halves the way to the originals again and again: for L-infinity by clipping the change, else in a straight line.
    fn go_back(&mut self, images: &[usize], way: Norm) -> Result<(), Error> {
        let from = self.x.select(images);
        let distance = |&image: &usize| self.norm.distance(self.x.row(image), self.x0.row(image));
        let lengths: Vec<f64> = images.iter().map(distance).collect();
        // Shares of the way: one that reaches the goal, and one that does not.
        let mut between = vec![(1.0, 0.0); images.len()];
        for _ in 0..self.halvings() {
            let rows: Vec<usize> = (0..images.len()).filter(|&row| self.left(images[row]) > 0).collect();
            let owners: Vec<usize> = rows.iter().map(|&row| images[row]).collect();
            let mut asked = from.select(&rows);
            for (x, &row) in asked.rows_mut().zip(&rows) {
                let share = (between[row].0 + between[row].1) / 2.0;
                let x0 = self.x0.row(images[row]);
                match way {
                    Norm::Linf => way.project(x, x0, share * lengths[row]),
                    _ => blend(x, x0, share),
                }
            }
            let moved = self.move_if_reached(&owners, &asked)?;
            for row in rows {
                let middle = (between[row].0 + between[row].1) / 2.0;
                if moved.contains(&images[row]) {
                    between[row].0 = middle;
                } else {
                    between[row].1 = middle;
                }
            }
        }
        for (&image, length) in images.iter().zip(lengths) {
            self.strayed[image] = length;
            let distance = self.norm.distance(self.x.row(image), self.x0.row(image));
            if distance < self.distances[image] {
                self.distances[image] = distance;
                self.closest.row_mut(image).copy_from_slice(self.x.row(image));
            }
        }
        Ok(())
    }

    /// Asks about one version of each of the images, and moves those to it that reach the goal there; returns them.
    fn move_if_reached(&mut self, images: &[usize], asked: &Images) -> Result<Vec<usize>, Error> {
        if images.is_empty() {
            return Ok(Vec::new());
        }
        let reached = self.ask(images, asked)?;
        let moved = images.iter().zip(asked.rows()).zip(reached).filter(|(_, reached)| *reached);
        Ok(moved
            .map(|((&image, x), _)| {
                self.x.row_mut(image).copy_from_slice(x);
                image
            })
            .collect())
    }

    /// Asks about versions of these images, and counts.
    fn ask(&mut self, images: &[usize], asked: &Images) -> Result<Vec<bool>, Error> {
        images.iter().for_each(|&image| self.traces[image].queries += 1);
        self.oracle.decisions(images, asked)
    }

    /// How many questions an image has left.
    fn left(&self, image: usize) -> u64 {
        self.limit - self.traces[image].queries
    }

    /// What an estimate leaves: the questions for the way back to the border, and as many to find how far to step before.
    fn reserve(&self) -> u64 {
        2 * self.halvings()
    }

    /// How often a way is halved: down to `n^(-3/2)` of its length, or `n^-2` for L-infinity, and at least to a thousandth.
    fn halvings(&self) -> u64 {
        let exponent = if self.norm == Norm::Linf { 2.0 } else { 1.5 };
        (exponent * (self.x0.row(0).len() as f64).log2()).ceil().max(10.0) as u64
    }
}

/// Leaves a share of the change.
fn blend(x: &mut [f32], x0: &[f32], share: f64) {
    for (x, &x0) in x.iter_mut().zip(x0) {
        *x = (f64::from(x0) + share * (f64::from(*x) - f64::from(x0))) as f32;
    }
}
