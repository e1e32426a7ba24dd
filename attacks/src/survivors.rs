//! The best result of each image over several runs of attacks: what [`Restarts`](crate::Restarts),
//! [`Cascade`](crate::Cascade) and [`TargetedEach`](crate::TargetedEach) have in common.

use candle_core::Tensor;

use crate::{Attack, AttackExt, Budget, Error, Goal, Images, Model, Proposal, Randomness, Trace};

/// A batch under attack after attack. An image that succeeded is done; among failures the highest loss
/// ([`Adversarials::loss`](crate::Adversarials::loss)) stays.
pub(crate) struct Survivors<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) x0: &'a Tensor,
    pub(crate) goal: &'a Goal,
    pub(crate) budget: &'a Budget,
    pub(crate) randomness: &'a Randomness,
    images: Images,
    traces: Vec<Trace>,
    success: Vec<bool>,
    loss: Vec<f64>,
}

impl<'a> Survivors<'a> {
    /// All images, not attacked yet.
    pub(crate) fn new(
        model: &'a dyn Model,
        x0: &'a Tensor,
        goal: &'a Goal,
        budget: &'a Budget,
        randomness: &'a Randomness,
    ) -> Result<Self, Error> {
        let images = Images::from_tensor(x0)?;
        let count = images.count();
        let (traces, success, loss) =
            (vec![Trace::default(); count], vec![false; count], vec![f64::NEG_INFINITY; count]);
        Ok(Self { model, x0, goal, budget, randomness, images, traces, success, loss })
    }

    /// The positions of the images that have not been fooled yet: those that [`attack`](Self::attack) will attack.
    pub(crate) fn open(&self) -> Vec<usize> {
        (0..self.success.len()).filter(|&image| !self.success[image]).collect()
    }

    /// Attacks the images that have not been fooled yet, with the randomness of this restart.
    pub(crate) fn attack(&mut self, attack: &dyn Attack, restart: u64) -> Result<(), Error> {
        let open = self.open();
        if open.is_empty() {
            return Ok(());
        }
        let positions: Vec<u32> = open.iter().map(|&image| image as u32).collect();
        let x0 = self.x0.index_select(&Tensor::new(positions, self.x0.device())?, 0)?;
        let randomness = self.randomness.select(&open).restart(restart);
        let found = attack.run(self.model, &x0, &self.goal.select(&open), self.budget, &randomness)?;
        let candidates = Images::from_tensor(&found.images)?;
        for (row, (&image, candidate)) in open.iter().zip(candidates.rows()).enumerate() {
            self.traces[image].add(found.traces[row]);
            if found.success[row] || found.loss[row] > self.loss[image] {
                self.images.row_mut(image).copy_from_slice(candidate);
                self.success[image] = found.success[row];
                self.loss[image] = found.loss[row];
            }
        }
        Ok(())
    }

    /// What became of all images.
    pub(crate) fn finish(self) -> Proposal {
        Proposal { images: self.images, traces: self.traces }
    }
}
