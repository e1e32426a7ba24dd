//! The three moves of a step: look for the border's normal, step along it, go back to the border.

use std::iter::repeat_n;

use super::estimate::{Estimate, neighbour};
use super::walk::Walk;
use crate::oracle::AT_ONCE;
use crate::{Error, Images, Norm};

/// How many neighbours the first estimate asks about; estimate `t` asks about `sqrt(t)` times as many.
pub(super) const NEIGHBOURS: f64 = 100.0;

impl Walk<'_> {
    /// The direction from each of the images into its goal's side of the border; rows of other images mean nothing.
    pub(super) fn estimate_normals(&mut self, images: &[usize], step: u32) -> Result<Images, Error> {
        let wanted = (NEIGHBOURS * f64::from(step).sqrt()) as u64;
        let affordable = |image| self.left(image) - self.reserve();
        let neighbours = images.iter().flat_map(|&image| repeat_n(image, wanted.min(affordable(image)) as usize));
        let neighbours: Vec<usize> = neighbours.collect();
        let mut estimates: Vec<Estimate> = self.x0.rows().map(|x0| Estimate::new(x0.len())).collect();
        for owners in neighbours.chunks(AT_ONCE) {
            let mut asked = self.x.select(owners);
            for (x, &image) in asked.rows_mut().zip(owners) {
                // So far that the border is flat within the precision that it is known to.
                let radius = match step {
                    1 => 0.1 * f64::from(self.bounds.max - self.bounds.min),
                    _ => self.strayed[image] / self.pixels() as f64,
                };
                neighbour(x, self.norm, radius, self.bounds, &mut self.streams[image]);
            }
            let reached = self.ask(owners, &asked)?;
            for ((x, &image), reached) in asked.rows().zip(owners).zip(reached) {
                estimates[image].add(x, self.x.row(image), reached);
            }
        }
        let mut normals = self.x0.zeros_like();
        normals.rows_mut().zip(estimates).for_each(|(normal, estimate)| estimate.write(normal));
        Ok(normals)
    }

    /// Moves the images along the normals, half as far as often as need be to reach the goal.
    pub(super) fn step_inwards(&mut self, images: &[usize], normals: &Images, step: u32) -> Result<(), Error> {
        let mut open = images.to_vec();
        let mut size = 1.0 / f64::from(step).sqrt();
        loop {
            let mut asked = self.x.select(&open);
            for (x, &image) in asked.rows_mut().zip(&open) {
                self.norm.step(x, normals.row(image), size * self.distance(image), self.bounds);
                self.bounds.clip(x);
            }
            // A step that is too small for f32 is none, and worth no question.
            let is_worth = |&row: &usize| self.left(open[row]) > 0 && asked.row(row) != self.x.row(open[row]);
            let worth: Vec<usize> = (0..open.len()).filter(is_worth).collect();
            if worth.is_empty() {
                return Ok(());
            }
            open = worth.iter().map(|&row| open[row]).collect();
            let moved = self.move_if_reached(&open, &asked.select(&worth))?;
            open.retain(|image| !moved.contains(image));
            size /= 2.0;
        }
    }

    /// Moves the images back towards their originals until they hardly reach the goal, by halves: for L-infinity by clipping
    /// the change, else in a straight line.
    pub(super) fn go_to_border(&mut self, images: &[usize], way: Norm) -> Result<(), Error> {
        let from = self.x.clone();
        images.iter().for_each(|&image| self.strayed[image] = self.distance(image));
        // Shares of the way: one that reaches the goal, and one that does not.
        let mut between = vec![(1.0, 0.0); from.count()];
        for _ in 0..self.halvings() {
            let open: Vec<usize> = images.iter().copied().filter(|&image| self.left(image) > 0).collect();
            if open.is_empty() {
                break;
            }
            let mut asked = from.select(&open);
            for (x, &image) in asked.rows_mut().zip(&open) {
                let (x0, share) = (self.x0.row(image), f64::midpoint(between[image].0, between[image].1));
                match way {
                    Norm::Linf => way.project(x, x0, share * self.strayed[image]),
                    _ => blend(x, x0, share),
                }
            }
            let moved = self.move_if_reached(&open, &asked)?;
            for image in open {
                let (reaches, does_not) = &mut between[image];
                let share = f64::midpoint(*reaches, *does_not);
                *(if moved.contains(&image) { reaches } else { does_not }) = share;
            }
        }
        images.iter().for_each(|&image| self.remember(image));
        Ok(())
    }
}

/// Leaves a share of the change.
fn blend(x: &mut [f32], x0: &[f32], share: f64) {
    for (x, &x0) in x.iter_mut().zip(x0) {
        *x = (f64::from(x0) + share * (f64::from(*x) - f64::from(x0))) as f32;
    }
}
