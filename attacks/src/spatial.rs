//! The worst of many small rotations and shifts: the grid search of Engstrom et al. 2019 (arXiv:1712.02779). It needs no gradient
//! and no norm, and what it makes is a natural image. Not the flow fields of Xiao et al. 2018, which bear the same name.

use candle_core::DType;

use crate::logits::cross_entropy;
use crate::warp::{Motion, Warp};
use crate::working_set::WorkingSet;
use crate::{Attack, Budget, Configuration, Error, Images, Proposal, Task, Trace, input};

/// The angles tried lie evenly between both extremes, so many on each side of 0.
const ANGLES: i32 = 15;
/// The shifts likewise, for rows and for columns.
const SHIFTS: i32 = 2;

/// Tries 31 angles with 5 shifts down and 5 to the right, the gentlest first. An image ends as the first that reaches the goal;
/// if none does, as the one with the highest loss, [`Adversarials::loss`](crate::Adversarials::loss).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spatial {
    /// The largest rotation to either side, in degrees.
    pub rotation: f64,
    /// The largest shift in each of the four directions, in pixels.
    pub shift: f64,
}

impl Spatial {
    /// Rotations by up to 10 degrees and shifts by up to one pixel per level, half of that at level 0: level 3 is the paper's attack on MNIST.
    #[must_use]
    pub fn severity(severity: usize) -> Self {
        let level = if severity == 0 { 0.5 } else { severity as f64 };
        Self { rotation: 10.0 * level, shift: level }
    }

    /// All motions, beginning with none, ordered by their distance from it in shares of the extremes.
    fn grid(&self) -> Vec<Motion> {
        let shares = |steps: i32| (-steps..=steps).map(move |step| f64::from(step) / f64::from(steps));
        let shifts = shares(SHIFTS).flat_map(|down| shares(SHIFTS).map(move |right| (down, right)));
        let mut grid: Vec<[f64; 3]> =
            shifts.flat_map(|(down, right)| shares(ANGLES).map(move |angle| [angle, down, right])).collect();
        let distance = |shares: &[f64; 3]| shares.iter().map(|share| share * share).sum::<f64>();
        grid.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        let motion = |[angle, down, right]: [f64; 3]| Motion {
            degrees: angle * self.rotation,
            down: down * self.shift,
            right: right * self.shift,
        };
        grid.into_iter().map(motion).collect()
    }
}

impl Attack for Spatial {
    fn name(&self) -> &str {
        "spatial"
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Task { model, x0, goal, .. } = *task;
        let (originals, bounds) = (Images::from_tensor(x0)?, model.signature().bounds);
        let plane = originals.plane()?;
        let mut traces = vec![Trace::default(); originals.count()];
        let mut highest = vec![f64::NEG_INFINITY; originals.count()];
        // The iterates are the best candidates so far.
        let mut open = WorkingSet::new(originals.clone(), originals, goal.clone());
        for motion in self.grid() {
            let warp = Warp::new(plane, motion);
            let mut candidates = open.x0.zeros_like();
            for (x, x0) in candidates.rows_mut().zip(open.x0.rows()) {
                warp.apply(x0, x, bounds.min);
                budget.constrain(x, x0, bounds);
            }
            let logits = input::logits(model, &candidates.to_tensor(x0.device())?)?;
            let unreached = open.unreached(&logits)?;
            let logits = logits.to_dtype(DType::F32)?.to_vec2::<f32>()?;
            for (row, (candidate, logits)) in candidates.rows().zip(&logits).enumerate() {
                let image = open.positions[row];
                traces[image].queries += 1;
                let loss = goal.sign() * cross_entropy(logits, goal.classes()[image] as usize);
                if loss > highest[image] || !unreached.contains(&row) {
                    highest[image] = loss;
                    open.x.row_mut(row).copy_from_slice(candidate);
                }
            }
            if unreached.is_empty() {
                break;
            }
            if unreached.len() < open.positions.len() {
                open.keep(&unreached);
            }
        }
        Ok(Proposal { images: open.finish(), traces })
    }

    fn configuration(&self, _: &Budget) -> Configuration {
        let both_sides = |steps: i32| (2 * steps + 1) as usize;
        Configuration::default()
            .with("rotation", self.rotation)
            .with("rotations", both_sides(ANGLES))
            .with("shift", self.shift)
            .with("shifts", both_sides(SHIFTS).pow(2))
    }
}
