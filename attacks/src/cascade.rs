//! Attacks one after the other, each on the images that have survived those before.

use crate::survivors::Survivors;
use crate::{Attack, Budget, Configuration, Error, Proposal, Task};

/// Runs the attacks in order. An image that one of them fools is done; of an image that none fools the candidate with the
/// highest loss ([`Adversarials::loss`](crate::Adversarials::loss)) stays.
pub struct Cascade {
    /// What to call it in reports.
    pub name: &'static str,
    /// What to run, the cheap ones first.
    pub attacks: Vec<Box<dyn Attack>>,
}

impl Attack for Cascade {
    fn name(&self) -> &str {
        self.name
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let mut survivors = Survivors::new(task, budget)?;
        for (stage, attack) in self.attacks.iter().enumerate() {
            survivors.attack(&**attack, stage as u64)?;
        }
        Ok(survivors.finish())
    }

    /// The names of the attacks; each has settings of its own.
    fn configuration(&self, _: &Budget) -> Configuration {
        let names: Vec<&str> = self.attacks.iter().map(|attack| attack.name()).collect();
        Configuration::default().with("attacks", names.join(", "))
    }
}
