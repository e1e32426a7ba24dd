//! An attack run several times with fresh randomness, keeping the best result of each image.

use crate::survivors::Survivors;
use crate::{Attack, Budget, Configuration, Error, Proposal, Task};

/// Runs an attack up to `restarts` times. An image that succeeded is done; among failures the highest loss
/// ([`Adversarials::loss`](crate::Adversarials::loss)) stays. The first run is the attack without restarts.
pub struct Restarts<A> {
    /// What to run.
    pub attack: A,
    /// How often at most; at least once.
    pub restarts: usize,
}

impl<A: Attack> Attack for Restarts<A> {
    fn name(&self) -> &str {
        self.attack.name()
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let mut survivors = Survivors::new(task, budget)?;
        for restart in 0..self.restarts.max(1) as u64 {
            survivors.attack(&self.attack, restart)?;
        }
        Ok(survivors.finish())
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        self.attack.configuration(budget).with("restarts", self.restarts)
    }
}
