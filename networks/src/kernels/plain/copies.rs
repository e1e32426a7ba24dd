//! [`Copies`]: elements that are moved: transposed, selected, repeated, padded, put one behind the other.

use super::batch::{Batch, BatchMut};
use super::offsets::offsets;
use super::pairs::Pairs;
use crate::kernels::map::Map;
use crate::spec::Fill;

/// Offsets of each coordinate of each axis.
type Axes = Vec<Vec<usize>>;

/// Which elements of an operand are which of the result.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    /// Where pairs are counted from.
    origin: [usize; 2],
    pairs: Pairs,
    /// Elements that lie one behind the other in both values, from every pair on.
    run: usize,
    /// Whether each element of the operand is copied, and once.
    is_whole: bool,
    /// The map of the operand, for the gradient that is zeroed first.
    operand: Map,
}

/// A value that lies in a map.
pub(super) type Lying<'a> = (&'a [usize], Map);

impl Copies {
    /// The dimensions in another order.
    pub(super) fn transpose(order: &[usize], from: Lying<'_>, to: Lying<'_>) -> Self {
        Self::with(from, to, |from, to| (order.iter().map(|&axis| from[axis].clone()).collect(), to))
    }

    /// Some slices along an axis.
    pub(super) fn select(axis: usize, indices: &[usize], from: Lying<'_>, to: Lying<'_>) -> Self {
        Self::with(from, to, |mut from, to| {
            from[axis] = indices.iter().map(|&index| from[axis][index]).collect();
            (from, to)
        })
    }

    /// Repeated, as NumPy does it.
    pub(super) fn broadcast(from: Lying<'_>, to: Lying<'_>) -> Self {
        Self::with(from, to, |from, to| {
            let mut aligned = vec![vec![0]; to.len() - from.len()];
            aligned.extend(from);
            for (from, to) in aligned.iter_mut().zip(&to).filter(|(from, _)| from.len() == 1) {
                *from = vec![0; to.len()];
            }
            (aligned, to)
        })
    }

    /// With more elements around it, which are elements of the operand or not written here.
    pub(super) fn pad(before: &[usize], fill: Fill, from: Lying<'_>, to: Lying<'_>) -> Self {
        Self::with(from, to, |mut from, mut to| {
            for ((from, to), &before) in from.iter_mut().zip(&mut to).zip(before) {
                let last = from.len() - 1;
                *from = match fill {
                    Fill::Value(_) => {
                        *to = to[before..=before + last].to_vec();
                        continue;
                    }
                    Fill::Edge => (0..to.len()).map(|at| from[at.saturating_sub(before).min(last)]).collect(),
                    Fill::Reflect => (0..to.len()).map(|at| from[last - last.abs_diff(at.abs_diff(before))]).collect(),
                };
            }
            (from, to)
        })
    }

    /// As a part of the result, from a coordinate of an axis on.
    pub(super) fn part(axis: usize, first: usize, from: Lying<'_>, to: Lying<'_>) -> Self {
        Self::with(from, to, |from, mut to| {
            to[axis] = to[axis][first..first + from[axis].len()].to_vec();
            (from, to)
        })
    }

    /// `pair` makes of the offsets of both values those of the pairs.
    fn with(from: Lying<'_>, to: Lying<'_>, pair: impl FnOnce(Axes, Axes) -> (Axes, Axes)) -> Self {
        let (elements, operand) = (from.0.iter().product::<usize>(), from.1);
        let ((origin, from), (to_origin, to)) = (offsets(from.0, from.1), offsets(to.0, to.1));
        let (from, to) = pair(from, to);
        let both = from.into_iter().zip(to).map(|(from, to)| from.into_iter().zip(to).map(|(a, b)| [a, b]).collect());
        let mut axes: Vec<Vec<[usize; 2]>> = both.collect();
        let is_whole =
            axes.iter().map(Vec::len).product::<usize>() == elements && axes.iter().all(|axis| is_distinct(axis));
        // Axes begin at the first pair, so that slices are runs.
        let mut origin = [origin, to_origin];
        for axis in &mut axes {
            let [a, b] = axis[0];
            if axis.iter().all(|pair| pair[0] >= a && pair[1] >= b) {
                axis.iter_mut().for_each(|pair| *pair = [pair[0] - a, pair[1] - b]);
                origin = [origin[0] + a, origin[1] + b];
            }
        }
        axes.retain(|axis| axis[..] != [[0, 0]]);
        let mut run = 1;
        while let Some(axis) = axes.pop_if(|axis| (0..).zip(&axis[..]).all(|(at, pair)| *pair == [at * run; 2])) {
            run *= axis.len();
        }
        Self { origin, pairs: Pairs::new(axes), run, is_whole, operand }
    }

    /// Copies the elements of every image.
    pub(super) fn forward(&self, images: usize, from: Batch<'_>, to: &mut BatchMut<'_>) {
        for image in 0..images {
            let (from, to) = (from.image(image), to.image(image));
            self.each(|[a, b]| to[b..b + self.run].copy_from_slice(&from[a..a + self.run]));
        }
    }

    /// The gradient of every element to the one that it was copied from, for the first time or to be added.
    pub(super) fn backward(&self, images: usize, d_result: Batch<'_>, d_operand: &mut BatchMut<'_>, is_first: bool) {
        for image in 0..images {
            let (from, to) = (d_result.image(image), d_operand.image(image));
            if is_first && self.is_whole {
                self.each(|[a, b]| to[a..a + self.run].copy_from_slice(&from[b..b + self.run]));
                continue;
            }
            if is_first {
                self.operand.rows_mut(1, to).for_each(|row| row.fill(0.0));
            }
            self.each(|[a, b]| {
                let both = to[a..a + self.run].iter_mut().zip(&from[b..b + self.run]);
                both.for_each(|(to, from)| *to += from);
            });
        }
    }

    fn each(&self, mut call: impl FnMut([usize; 2])) {
        let [a, b] = self.origin;
        self.pairs.each(|[more_a, more_b]| call([a + more_a, b + more_b]));
    }
}

/// Whether no coordinate of the operand comes twice.
fn is_distinct(axis: &[[usize; 2]]) -> bool {
    let mut from: Vec<usize> = axis.iter().map(|pair| pair[0]).collect();
    from.sort_unstable();
    from.windows(2).all(|pair| pair[0] < pair[1])
}
