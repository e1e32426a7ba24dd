//! An untargeted goal by targeted runs: towards one likely wrong class after the other, each on the images that have
//! survived those before (the multi-targeted attack of Gowal et al. 2019, arXiv:1910.09338; APGD-T and FAB-T of AutoAttack,
//! Croce and Hein 2020, arXiv:2003.01690, section 5).

use candle_core::{DType, Tensor};

use crate::survivors::Survivors;
use crate::{Attack, Budget, Configuration, Error, Goal, Model, Proposal, Task, input};

/// Runs an attack towards each of the most likely wrong classes of the original image. Within a budget an image that leaves
/// its label, whatever for, is done; without one all classes are tried and the nearest success counts. Among failures the
/// highest untargeted loss ([`Adversarials::loss`](crate::Adversarials::loss)) stays. The attack gets [`Goal::Toward`], which
/// holds label and class. A goal with targets of its own is handed on as it is.
pub struct TargetedEach<A> {
    /// What to run.
    pub attack: A,
    /// Towards how many classes at most, the most likely first.
    pub classes: usize,
}

impl<A: Attack> Attack for TargetedEach<A> {
    fn name(&self) -> &str {
        self.attack.name()
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let Goal::Untargeted { labels } = task.goal else { return self.attack.perturb(task, budget) };
        let ranks = wrong_classes(task.model, task.x0, labels)?;
        let mut survivors = Survivors::new(task, budget)?;
        for (rank, likely) in ranks.iter().take(self.classes).enumerate() {
            let classes = survivors.open().into_iter().map(|image| likely[image]).collect();
            survivors.attack(&Directed { attack: &self.attack, classes }, rank as u64)?;
        }
        let mut proposal = survivors.finish();
        // The question that the ranking needs.
        proposal.traces.iter_mut().for_each(|trace| trace.queries += 1);
        Ok(proposal)
    }

    fn configuration(&self, budget: &Budget) -> Configuration {
        self.attack.configuration(budget).with("target_classes", self.classes)
    }
}

/// The classes other than the label by falling logit, of equals the lowest first: `K - 1` ranks of `B` classes.
pub(crate) fn wrong_classes(model: &dyn Model, x0: &Tensor, labels: &[u32]) -> Result<Vec<Vec<u32>>, Error> {
    let logits = input::logits(model, x0)?.to_dtype(DType::F32)?.to_vec2::<f32>()?;
    let mut ranks = vec![Vec::new(); logits.first().map_or(0, |logits| logits.len() - 1)];
    for (logits, &label) in logits.iter().zip(labels) {
        let mut wrong: Vec<u32> = (0..logits.len() as u32).filter(|&class| class != label).collect();
        wrong.sort_by(|&a, &b| logits[b as usize].total_cmp(&logits[a as usize]));
        ranks.iter_mut().zip(wrong).for_each(|(rank, class)| rank.push(class));
    }
    Ok(ranks)
}

/// An attack with an untargeted goal turned towards these classes.
struct Directed<'a> {
    attack: &'a dyn Attack,
    classes: Vec<u32>,
}

impl Attack for Directed<'_> {
    fn name(&self) -> &str {
        self.attack.name()
    }

    fn perturb(&self, task: &Task, budget: &Budget) -> Result<Proposal, Error> {
        let goal = Goal::Toward { labels: task.goal.classes().to_vec(), classes: self.classes.clone() };
        self.attack.perturb(&Task { goal: &goal, ..*task }, budget)
    }
}
