//! All images of a batch on their way up, those that are done left out.

use candle_core::DType;

use super::ascent::Ascent;
use crate::working_set::WorkingSet;
use crate::{Budget, Error, Images, LossGradient, Objective, Proposal, Task, Trace};

/// The images still climbing; row `i` of the working set has ascent `i`.
pub(super) struct Climb<'a> {
    task: Task<'a>,
    budget: &'a Budget,
    open: WorkingSet,
    ascents: Vec<Ascent>,
    /// Of every image of the batch.
    traces: Vec<Trace>,
}

impl<'a> Climb<'a> {
    /// Images about to be looked at for the first time, each at its start.
    pub(super) fn new(task: &Task<'a>, budget: &'a Budget, start: Images, x0: Images) -> Self {
        let ascents = start.rows().map(|x| Ascent::new(x, budget)).collect();
        let traces = vec![Trace::default(); x0.count()];
        Self { task: *task, budget, open: WorkingSet::new(start, x0, task.goal.clone()), ascents, traces }
    }

    /// Moves every image on by a step.
    pub(super) fn advance(&mut self) {
        let (WorkingSet { x, x0, .. }, bounds) = (&mut self.open, self.task.model.signature().bounds);
        for ((x, x0), ascent) in x.rows_mut().zip(x0.rows()).zip(&mut self.ascents) {
            ascent.advance(x, x0, self.budget, bounds);
        }
    }

    /// Asks the model about every image; whether each reaches the goal.
    pub(super) fn look(&mut self, objective: &dyn Objective) -> Result<Vec<bool>, Error> {
        let WorkingSet { positions, x, goal, .. } = &self.open;
        let LossGradient { logits, loss, gradient } =
            objective.evaluate(self.task.model, &x.to_tensor(self.task.x0.device())?, goal)?;
        let losses = loss.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        let (gradients, reached) = (Images::of_gradient(&gradient, x.shape())?, self.open.reached(&logits)?);
        let answers = gradients.rows().zip(losses).zip(&reached);
        let rows = positions.iter().zip(x.rows()).zip(&mut self.ascents).zip(answers);
        for (((&image, x), ascent), ((gradient, loss), &reached)) in rows {
            let mut trace = Trace { queries: 1, ..Trace::default() };
            let can_be_followed = trace.gradient(gradient);
            // At the goal a flat objective hides nothing: the DLR is constant where the label has the third logit.
            trace.zero_gradient &= !reached;
            self.traces[image].add(trace);
            ascent.arrive(x, gradient, loss, reached, can_be_followed);
        }
        Ok(reached)
    }

    /// Leaves the images that reached the goal where they are; whether any is left.
    pub(super) fn drop_reached(&mut self, reached: &[bool]) -> bool {
        let rows: Vec<usize> = (0..reached.len()).filter(|&row| !reached[row]).collect();
        if rows.len() < reached.len() {
            self.open.keep(&rows);
            let mut reached = reached.iter();
            self.ascents.retain(|_| reached.next() == Some(&false));
        }
        !rows.is_empty()
    }

    /// At a checkpoint, `steps` after the last: each image may change its pace and go back.
    pub(super) fn check(&mut self, steps: usize) {
        let WorkingSet { x, x0, .. } = &mut self.open;
        for ((x, x0), ascent) in x.rows_mut().zip(x0.rows()).zip(&mut self.ascents) {
            ascent.check(x, x0, steps);
        }
    }

    /// The best iterate of each image, and what it cost.
    pub(super) fn finish(mut self) -> Proposal {
        for (x, ascent) in self.open.x.rows_mut().zip(&self.ascents) {
            x.copy_from_slice(ascent.result());
        }
        Proposal { images: self.open.finish(), traces: self.traces }
    }
}
