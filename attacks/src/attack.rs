//! The two halves of every attack: what it proposes, which it writes, and what counts, which it cannot touch.

use std::slice;

use crate::{Adversarials, Budget, Configuration, Error, Images, Proposal, Task, input};

/// A way to search for adversarial images. Implement this; call [`AttackExt::run`].
pub trait Attack: Send + Sync {
    /// What to call it in reports, such as `bim`.
    fn name(&self) -> &str;

    /// Proposes an image for each of the originals. The task has been checked. What is proposed for an image must depend on that
    /// image, its class and its random stream alone.
    ///
    /// # Errors
    /// Whatever the model reports.
    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error>;

    /// The same within each of several budgets, of one norm. An attack that can share work between them overrides it; what is
    /// proposed within one budget must not depend on the others.
    ///
    /// # Errors
    /// As [`perturb`](Self::perturb).
    fn perturb_each(&self, task: &Task, budgets: &[Budget]) -> Result<Vec<Proposal>, Error> {
        budgets.iter().map(|budget| self.perturb(task, budget)).collect()
    }

    /// Everything that decides what it does within a budget, for reports; nothing, unless it says otherwise.
    fn configuration(&self, _budget: &Budget) -> Configuration {
        Configuration::default()
    }

    /// Whether it needs a model that gives its detector away ([`Model::suspicion`](crate::Model::suspicion)).
    fn knows_the_detector(&self) -> bool {
        false
    }

    /// Whether it looks for nothing: noise or a corruption, which attacks are held against.
    fn is_control(&self) -> bool {
        false
    }
}

/// The public call, the same for every attack: implemented for all of them here and nowhere else.
pub trait AttackExt: Attack {
    /// Attacks the images of a task within a budget.
    ///
    /// Nothing that the attack says is trusted: its images are projected onto the budget around the originals, clipped to the
    /// model's bounds and classified again; the distances, in f64, are those of the images returned.
    ///
    /// # Errors
    /// Names what is wrong with the images, classes, indices or bounds, with the model's logits, or with the proposal.
    fn run(&self, task: &Task, budget: &Budget) -> Result<Adversarials, Error> {
        let mut found = self.run_each(task, slice::from_ref(budget))?;
        let Some(adversarials) = found.pop() else { return Err(wrong_number(self.name(), 0, 1)) };
        Ok(adversarials)
    }

    /// Attacks them within each of several budgets, and gives for each what [`run`](Self::run) would give, with less work.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_each(&self, task: &Task, budgets: &[Budget]) -> Result<Vec<Adversarials>, Error> {
        let originals = input::check(task)?;
        let proposals = self.perturb_each(task, budgets)?;
        if proposals.len() != budgets.len() {
            return Err(wrong_number(self.name(), proposals.len(), budgets.len()));
        }
        let bounds = task.model.signature().bounds;
        let judge = |(mut proposal, budget): (Proposal, &Budget)| {
            check_proposal(self.name(), &proposal, &originals)?;
            for (x, x0) in proposal.images.rows_mut().zip(originals.rows()) {
                budget.enforce(x, x0, bounds);
            }
            Adversarials::judge(task, &originals, proposal)
        };
        proposals.into_iter().zip(budgets).map(judge).collect()
    }
}

impl<A: Attack + ?Sized> AttackExt for A {}

fn wrong_number(attack: &str, proposals: usize, budgets: usize) -> Error {
    Error::Proposal { attack: attack.to_owned(), found: format!("{proposals} times for {budgets} budgets") }
}

/// One finite image and one trace per original, or the attack has a bug worth naming.
fn check_proposal(attack: &str, proposal: &Proposal, originals: &Images) -> Result<(), Error> {
    let broken = |found: String| Err(Error::Proposal { attack: attack.to_owned(), found });
    let traces = proposal.traces.len();
    if proposal.images.shape() != originals.shape() {
        return broken(format!("images of shape {:?} for {:?}", proposal.images.shape(), originals.shape()));
    }
    if traces != originals.count() {
        return broken(format!("{traces} traces for {} images", originals.count()));
    }
    match proposal.images.rows().position(|row| row.iter().any(|pixel| !pixel.is_finite())) {
        Some(image) => broken(format!("a pixel that is NaN or infinite for image {image} of the batch")),
        None => Ok(()),
    }
}
