//! The best result of each image over several runs of attacks: what [`Restarts`](crate::Restarts),
//! [`Cascade`](crate::Cascade) and [`TargetedEach`](crate::TargetedEach) have in common.

use crate::{Attack, AttackExt, Budget, Error, Images, Proposal, Task, Trace, input};

/// A batch under attack after attack. Within a budget an image that succeeded is done. Without one every image stays, and of
/// successes the nearest counts. Among failures the highest loss ([`Adversarials::loss`](crate::Adversarials::loss)) stays.
pub(crate) struct Survivors<'a> {
    task: &'a Task<'a>,
    budget: &'a Budget,
    originals: Images,
    images: Images,
    traces: Vec<Trace>,
    success: Vec<bool>,
    loss: Vec<f64>,
    distance: Vec<f64>,
}

impl<'a> Survivors<'a> {
    /// All images, not attacked yet.
    pub(crate) fn new(task: &'a Task<'a>, budget: &'a Budget) -> Result<Self, Error> {
        let originals = Images::from_tensor(task.x0)?;
        let count = originals.count();
        Ok(Self {
            task,
            budget,
            images: originals.clone(),
            originals,
            traces: vec![Trace::default(); count],
            success: vec![false; count],
            loss: vec![f64::NEG_INFINITY; count],
            distance: vec![f64::INFINITY; count],
        })
    }

    /// The positions of the images that are not done: those that [`attack`](Self::attack) will attack.
    pub(crate) fn open(&self) -> Vec<usize> {
        (0..self.success.len()).filter(|&image| !(self.success[image] && self.budget.is_bounded())).collect()
    }

    /// Attacks the images that are not done, with the randomness of this restart.
    pub(crate) fn attack(&mut self, attack: &dyn Attack, restart: u64) -> Result<(), Error> {
        let open = self.open();
        if open.is_empty() {
            return Ok(());
        }
        let Task { model, x0, goal, randomness } = *self.task;
        let (x0, goal, randomness) = (input::select(x0, &open)?, goal.select(&open), randomness.select(&open));
        let task = Task { model, x0: &x0, goal: &goal, randomness: &randomness.restart(restart) };
        let found = attack.run(&task, self.budget)?;
        let candidates = Images::from_tensor(&found.images)?;
        for (row, (&image, candidate)) in open.iter().zip(candidates.rows()).enumerate() {
            self.traces[image].add(found.traces[row]);
            let distance = self.budget.norm().distance(candidate, self.originals.row(image));
            let is_better = match (found.success[row], self.success[image]) {
                (true, true) => distance < self.distance[image],
                (false, false) => found.loss[row] > self.loss[image],
                (success, _) => success,
            };
            if is_better {
                self.images.row_mut(image).copy_from_slice(candidate);
                self.success[image] = found.success[row];
                self.loss[image] = found.loss[row];
                self.distance[image] = distance;
            }
        }
        Ok(())
    }

    /// What became of all images.
    pub(crate) fn finish(self) -> Proposal {
        Proposal { images: self.images, traces: self.traces }
    }
}
